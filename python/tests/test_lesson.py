"""The lesson: every Python block of it, in order, with `tensorflow` read as `addax`."""

import importlib.util
import io
import os
import pathlib
import re
import textwrap
from contextlib import redirect_stdout

import pytest

LESSON = pathlib.Path(os.environ.get("ADDAX_LESSON", pathlib.Path(__file__).with_name("lesson19.md")))


def blocks(text):
    """The Python blocks of a page."""
    found = re.findall(r"^([ \t]*)```python\n(.*?)^[ \t]*```", text, re.S | re.M)
    return [textwrap.dedent(code).replace("tensorflow", "addax") for _, code in found]


@pytest.mark.skipif(not LESSON.exists(), reason="the lesson is not here")
def test_every_block_runs_in_order():
    matplotlib = pytest.importorskip("matplotlib")
    pytest.importorskip("sklearn")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    import addax as tf

    tf.keras.utils.set_random_seed(7)
    world, out, validated = {}, io.StringIO(), None
    all_blocks = blocks(LESSON.read_text(encoding="utf-8"))
    assert len(all_blocks) >= 15
    with redirect_stdout(out):
        for code in all_blocks:
            if "GridSearchCV" in code:
                if importlib.util.find_spec("addax.keras.wrappers.scikit_learn") is None:
                    continue
                code = GRID + code
            if "val_loss" in code and ".fit(" not in code:
                # An example in between trains without validation; the curves are those of the last that has it.
                world["history"] = validated
            exec(compile(code, "lesson", "exec"), world)
            if "val_loss" in getattr(world.get("history"), "history", {}):
                validated = world["history"]
            plt.close("all")
    text = out.getvalue()
    assert text.startswith(tf.__version__)
    line = r"25/25 \[={30}\] - \d+s \d+(us|ms)/step - loss: \S+ - mae: \S+ - val_loss: \S+ - val_mae: \S+"
    assert re.search(r"Epoch 1/10\n" + line, text)
    assert 'device_type: "CPU"' in text
    history = world["history"].history
    assert list(history) == ["loss", "mae", "val_loss", "val_mae"]
    assert len(history["loss"]) == 50 and history["val_loss"][-1] < 0.1


#: What the lesson's grid needs and leaves to the reader.
GRID = '''
from addax.keras.wrappers.scikit_learn import KerasClassifier


def create_model():
    made = Sequential([Dense(4, activation="relu", input_shape=(10,)), Dense(1, activation="sigmoid")])
    made.compile("adam", "binary_crossentropy")
    return made


param_grid = {"epochs": [1], "batch_size": [16, 32]}
'''
