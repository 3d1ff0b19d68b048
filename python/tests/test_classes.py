"""Every class of the tables: made with its defaults, its config comes back, and layers compute."""

import inspect
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from addax import _tables, keras
from addax._layers import layer_class
from addax._objects import table_class

KINDS = ["initializers", "regularizers", "constraints", "losses", "metrics", "optimizers", "schedules"]
#: A value for each required argument, by its name.
VALUES = {
    "units": 3, "filters": 2, "kernel_size": 2, "rate": 0.5, "stddev": 0.1, "input_dim": 5, "output_dim": 3, "target_shape": [-1],
    "dims": [1], "n": 2, "num_heads": 2, "key_dim": 2, "head_dim": 4, "num_query_heads": 2, "num_key_value_heads": 1, "fn": "mse",
    "num_classes": 2, "recall": 0.5, "precision": 0.5, "sensitivity": 0.5, "specificity": 0.5, "target_class_ids": [0],
    "initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5, "boundaries": [1], "values": [0.1, 0.2], "pool_size": 2,
    "first_decay_steps": 10, "equation": "ab,bc->ac", "output_shape": 3, "function": None, "cells": None, "layer": None, "cell": None,
}  # fmt: skip


def arguments(kind, name):
    """What a class must be given."""
    needed = [a[0] for a in _tables.describe(kind, name)["args"] if not a[1]]
    if any(n not in VALUES for n in needed) or any(VALUES[n] is None for n in needed):
        pytest.skip(f"needs {needed}")
    return {n: VALUES[n] for n in needed}


@pytest.mark.parametrize("kind,name", [(k, n) for k in KINDS for n in _tables.names(k)])
def test_config_comes_back(kind, name):
    if name in ("MultiOptimizer", "LossScaleOptimizer"):
        pytest.skip("wraps another optimizer")
    made = table_class(kind, name)(**arguments(kind, name))
    again = type(made).from_config(made.get_config())
    assert again.get_config() == made.get_config()


@pytest.mark.parametrize("name", _tables.names("layers"))
def test_layers_are_made_and_described(name):
    cls = layer_class(name)
    made = cls(**arguments("layers", name))
    again = cls.from_config(made.get_config())
    assert again.get_config() == made.get_config()
    assert isinstance(inspect.signature(cls), inspect.Signature) and cls.__doc__


def test_stubs_are_those_of_the_tables():
    script = pathlib.Path(__file__).parents[1] / "stubs.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_op_is_there_and_computes():
    x = np.array([[1.0, 4.0], [9.0, 16.0]], "float32")
    ops = keras.ops
    assert np.allclose(ops.sqrt(x), np.sqrt(x)) and np.allclose(ops.matmul(x, x), x @ x)
    assert np.allclose(ops.softmax(x), np.exp(x - x.max(-1, keepdims=True)) / np.exp(x - x.max(-1, keepdims=True)).sum(-1, keepdims=True))
    parts = ops.split(x, 2, axis=1)
    assert len(parts) == 2 and parts[0].shape == (2, 1)
    assert ops.argmax(x, axis=-1).numpy().tolist() == [1, 1]
    assert len(_tables.functions("ops")) > 150
