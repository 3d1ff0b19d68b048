"""`keras.datasets.california_housing`: prices of houses by district."""

from ._files import housing


def load_data(version="large", path="california_housing.npz", test_split=0.2, seed=113):
    """`(x_train, y_train), (x_test, y_test)`: eight numbers of each district, and the price."""
    if version not in ("large", "small"):
        raise ValueError(f"version: expected 'large' or 'small', got {version!r}")
    (x, y), (tx, ty) = housing(path, test_split, seed)
    return ((x[:480], y[:480]), (tx[:120], ty[:120])) if version == "small" else ((x, y), (tx, ty))
