"""TensorFlow's own names."""

import numpy as np
import pytest

import addax as tf


def test_constants_compute():
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    assert x.shape == (2, 2) and x.dtype == "float32"
    assert float(tf.reduce_sum(x)) == 10.0 and tf.reduce_mean(x, axis=0).numpy().tolist() == [2.0, 3.0]
    assert np.allclose((x @ x).numpy(), x.numpy() @ x.numpy())
    assert np.allclose(tf.math.sqrt(x), np.sqrt(x.numpy())) and float(tf.nn.relu(-x).numpy().max()) == 0.0
    assert tf.cast(x, tf.int32).dtype == "int32" and x[0, 1] == 2.0
    assert [row.shape for row in x] == [(2,), (2,)]


def test_functions_stay_as_they_are():
    @tf.function
    def double(x):
        return x * 2

    assert float(double(tf.constant(2.0))) == 4.0


def test_seeds_make_the_same_numbers():
    tf.random.set_seed(3)
    a = tf.random.normal((3,)).numpy()
    tf.random.set_seed(3)
    assert np.array_equal(a, tf.random.normal((3,)).numpy())
    assert np.array_equal(tf.random.uniform((2,), seed=1).numpy(), tf.random.uniform((2,), seed=1).numpy())


def test_data_sets_are_pipelines():
    data = tf.data.Dataset.from_tensor_slices((np.arange(6), np.arange(6) * 2)).map(lambda x, y: (x + 1, y))
    assert [(int(x), int(y)) for x, y in data] == [(i + 1, 2 * i) for i in range(6)]
    batches = list(data.batch(4))
    assert [len(b[0]) for b in batches] == [4, 2] and len(data.batch(4)) == 2
    assert sorted(int(x) for x, _ in data.shuffle(10, seed=1)) == list(range(1, 7))
    assert len(list(data.repeat(2).take(9))) == 9
    rows = tf.data.Dataset.from_tensor_slices({"a": [1, 2], "b": [3, 4]})
    assert [int(r["b"]) for r in rows] == [3, 4]
    with pytest.raises(ValueError, match="as many rows"):
        tf.data.Dataset.from_tensor_slices(([1, 2], [1]))


def test_data_sets_of_lessons_are_read_where_keras_keeps_them(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(OSError, match="mnist.npz"):
        tf.keras.datasets.mnist.load_data()
    (tmp_path / "datasets").mkdir()
    np.savez(tmp_path / "datasets" / "mnist.npz", x_train=np.zeros((2, 28, 28)), y_train=[1, 2], x_test=[0], y_test=[3])
    (x, y), _ = tf.keras.datasets.mnist.load_data()
    assert x.shape == (2, 28, 28) and y.tolist() == [1, 2]


def test_importing_is_silent_and_needs_nothing_but_numpy():
    import subprocess
    import sys

    code = (
        "import sys; import addax as tf; from addax.keras.models import Sequential; tf.keras.layers.Dense(1); "
        "from addax.keras import callbacks, ops, losses; "
        "assert not {'pandas', 'sklearn', 'matplotlib', 'scipy'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
