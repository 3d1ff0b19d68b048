"""`keras.datasets.boston_housing`: prices of houses."""

from ._files import housing


def load_data(path="boston_housing.npz", test_split=0.2, seed=113):
    """`(x_train, y_train), (x_test, y_test)`: thirteen numbers of each house, and its price."""
    return housing(path, test_split, seed)
