"""As `tensorflow.image`: functions of `keras.ops.image`."""


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    from .keras import ops

    return getattr(ops.image, name)
