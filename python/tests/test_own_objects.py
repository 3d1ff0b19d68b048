"""Losses, metrics, callbacks, initializers and data written in Python."""

import numpy as np
import pytest

import addax as tf
from addax import keras
from addax.keras import callbacks, layers, ops


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).random(shape).astype("float32")


def model_of(**compile_):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((3,)), layers.Dense(4, activation="relu"), layers.Dense(1)])
    model.compile(**{"optimizer": "sgd", "loss": "mse", **compile_})
    return model


X, Y = numbers(20, 3), numbers(20, 1, seed=1)


def test_own_losses_are_those_of_the_library():
    def mine(y_true, y_pred):
        return ops.mean(ops.square(y_true - y_pred), axis=-1)

    class Mine(keras.losses.Loss):
        def call(self, y_true, y_pred):
            return ops.mean(ops.square(y_true - y_pred), axis=-1)

    want = model_of().fit(X, Y, epochs=2, verbose=0).history["loss"]
    for loss in (mine, Mine(), lambda t, p: ops.mean((t - p) ** 2, axis=-1)):
        assert np.allclose(model_of(loss=loss).fit(X, Y, epochs=2, verbose=0).history["loss"], want, rtol=1e-5)


def test_own_metrics_count_in_the_step():
    class Mean(keras.metrics.Metric):
        def __init__(self, name="mine", **kwargs):
            super().__init__(name=name, **kwargs)
            self.total = self.add_weight(name="total", initializer="zeros")
            self.count = self.add_weight(name="count", initializer="zeros")

        def update_state(self, y_true, y_pred, sample_weight=None):
            self.total.assign_add(ops.sum(ops.abs(y_true - y_pred)))
            self.count.assign_add(ops.cast(ops.size(y_true), "float32"))

        def result(self):
            return self.total / self.count

    def mae(y_true, y_pred):
        return ops.mean(ops.abs(y_true - y_pred), axis=-1)

    history = model_of(metrics=["mae", Mean(), mae]).fit(X, Y, epochs=2, verbose=0).history
    assert np.allclose(history["mae"], history["mine"], rtol=1e-5)
    metric = Mean()
    metric.update_state(np.ones((2, 1)), np.zeros((2, 1)))
    assert float(metric.result()) == 1.0
    metric.reset_state()
    metric.update_state(np.ones((2, 1)), np.ones((2, 1)))
    assert float(metric.result()) == 0.0


def test_metrics_and_losses_compute_by_hand():
    assert np.isclose(float(keras.losses.MeanSquaredError()([[1.0], [2.0]], [[0.0], [0.0]])), 2.5)
    assert np.allclose(keras.losses.mean_absolute_error([[1.0], [2.0]], [[0.0], [0.0]]), [1.0, 2.0])
    metric = keras.metrics.BinaryAccuracy()
    metric.update_state([[1.0], [0.0]], [[0.9], [0.8]])
    assert float(metric.result()) == 0.5
    mean = keras.metrics.Mean()
    mean.update_state([1.0, 3.0])
    assert float(mean.result()) == 2.0


def test_callbacks_hear_everything_and_can_stop():
    heard = []

    class Mine(callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            heard.append(("begin", epoch))

        def on_train_batch_end(self, batch, logs=None):
            heard.append(("batch", batch, "loss" in logs))

        def on_epoch_end(self, epoch, logs=None):
            logs["extra"] = 1.0
            assert self.model.predict(X, verbose=0).shape == (20, 1)
            self.model.stop_training = epoch == 1

    history = model_of().fit(X, Y, epochs=5, batch_size=10, verbose=0, callbacks=[Mine()])
    assert heard == [("begin", 0), ("batch", 0, True), ("batch", 1, True), ("begin", 1), ("batch", 0, True), ("batch", 1, True)]
    assert history.history["extra"] == [1.0, 1.0] and len(history.epoch) == 2


def test_early_stopping_restores_and_rates_follow_schedules(tmp_path):
    model = model_of()
    stop = callbacks.EarlyStopping(monitor="loss", patience=0, min_delta=10.0, restore_best_weights=True)
    history = model.fit(X, Y, epochs=9, verbose=0, callbacks=[stop])
    assert len(history.epoch) == 2 and stop.stopped_epoch == 1
    rates = callbacks.LearningRateScheduler(lambda epoch, rate: 0.1 / (epoch + 1))
    saved = callbacks.ModelCheckpoint(tmp_path / "m{epoch}.keras")
    log = callbacks.CSVLogger(tmp_path / "log.csv")
    history = model.fit(X, Y, epochs=2, verbose=0, callbacks=[rates, saved, log])
    assert np.allclose(history.history["learning_rate"], [0.1, 0.05])
    assert (tmp_path / "m2.keras").exists()
    assert (tmp_path / "log.csv").read_text().splitlines()[0] == "epoch,learning_rate,loss"
    assert np.isclose(float(model.optimizer.learning_rate), 0.05)
    assert int(model.optimizer.iterations) == 4


def test_own_initializers_regularizers_constraints_and_activations():
    layer = layers.Dense(
        2,
        activation=lambda x: x * 2.0,
        kernel_initializer=lambda shape, dtype=None: np.full(shape, 0.5),
        kernel_regularizer=lambda w: 0.1 * ops.sum(w),
        kernel_constraint=lambda w: ops.clip(w, 0.0, 0.4),
    )
    model = keras.Sequential([keras.Input((3,)), layer])
    assert np.allclose(model.predict(np.ones((1, 3)), verbose=0), 3.0)
    model.compile("sgd", "mse")
    loss = model.evaluate(np.ones((1, 3)), np.full((1, 2), 3.0), verbose=0)
    assert np.isclose(loss, 0.3)
    model.fit(np.ones((1, 3)), np.ones((1, 2)), verbose=0)
    assert layer.kernel.numpy().max() <= np.float32(0.4)


def test_an_exception_in_python_code_comes_back_as_it_was():
    class Boom(Exception):
        pass

    def loss(y_true, y_pred):
        raise Boom("so it is")

    with pytest.raises(Boom, match="so it is"):
        model_of(loss=loss).fit(X, Y, verbose=0)


def test_data_comes_in_every_form():
    want = model_of().fit(X, Y, batch_size=5, shuffle=False, verbose=0).history["loss"]

    def generator():
        for i in range(0, 20, 5):
            yield X[i : i + 5], Y[i : i + 5]

    class Data(keras.utils.PyDataset):
        def __len__(self):
            return 4

        def __getitem__(self, i):
            return X[5 * i : 5 * i + 5], Y[5 * i : 5 * i + 5]

    data = tf.data.Dataset.from_tensor_slices((X, Y)).batch(5).prefetch(tf.data.AUTOTUNE)
    for source in (generator(), Data(), data):
        history = model_of().fit(source, shuffle=False, verbose=0)
        assert np.allclose(history.history["loss"], want, rtol=1e-5)
    listed = model_of().fit(X.tolist(), Y.tolist(), batch_size=5, shuffle=False, verbose=0)
    assert np.allclose(listed.history["loss"], want, rtol=1e-5)
    history = model_of().fit(data, validation_data=data, epochs=2, verbose=0)
    assert list(history.history) == ["loss", "val_loss"]
    assert model_of().predict(data, verbose=0).shape == (20, 1)
    assert np.isclose(model_of().evaluate(data, verbose=0), model_of().evaluate(X, Y, verbose=0), rtol=1e-5)


def test_frames_of_pandas():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=list("abc"))
    history = model_of().fit(frame, pandas.Series(Y[:, 0]), batch_size=5, shuffle=False, verbose=0)
    want = model_of().fit(X, Y, batch_size=5, shuffle=False, verbose=0)
    assert np.allclose(history.history["loss"], want.history["loss"], rtol=1e-5)


def test_tape_variables_and_optimizers_by_hand():
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x + 2.0 * x
    assert float(tape.gradient(y, x)) == 8.0
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = x**3
        first = inner.gradient(y, x)
    assert float(first) == 27.0 and float(outer.gradient(first, x)) == 18.0
    optimizer = keras.optimizers.SGD(0.5)
    optimizer.apply_gradients([(tf.constant(2.0), x)])
    assert float(x) == 2.0
    x.assign_add(1.0)
    assert float(x) == 3.0


def test_training_stops_cleanly_when_somebody_interrupts():
    class Interrupt(callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    model = model_of()
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, epochs=10, verbose=0, callbacks=[Interrupt()])
    assert len(model.history.epoch) >= 1
    model.fit(X, Y, verbose=0)
