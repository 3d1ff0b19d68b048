"""`keras.preprocessing.image`: images as arrays."""

import numpy as np


def img_to_array(img, data_format=None, dtype=None):
    """An image as an array with its channels last."""
    array = np.asarray(img, dtype=dtype or "float32")
    if array.ndim == 2:
        array = array[:, :, None]
    if array.ndim != 3:
        raise ValueError(f"Unsupported image shape: {array.shape}")
    return array.transpose(2, 0, 1) if data_format == "channels_first" else array
