"""`keras.datasets.mnist`: written digits."""

from ._files import arrays


def load_data(path="mnist.npz"):
    """`(x_train, y_train), (x_test, y_test)`: images of 28 by 28 bytes, and their digits."""
    x_train, y_train, x_test, y_test = arrays(path, "x_train", "y_train", "x_test", "y_test")
    return (x_train, y_train), (x_test, y_test)
