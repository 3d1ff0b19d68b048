"""`keras.datasets.fashion_mnist`: pictures of clothes."""

import gzip

import numpy as np

from ._files import place

_FILES = ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")


def _bytes(name, head):
    with gzip.open(place("fashion-mnist/" + name), "rb") as file:
        return np.frombuffer(file.read(), np.uint8, offset=head)


def load_data():
    """`(x_train, y_train), (x_test, y_test)`: images of 28 by 28 bytes, and their classes."""
    x_train, y_train, x_test, y_test = (_bytes(f, 16 if "images" in f else 8) for f in _FILES)
    return (x_train.reshape(-1, 28, 28), y_train), (x_test.reshape(-1, 28, 28), y_test)
