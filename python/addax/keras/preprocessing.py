"""`keras.preprocessing`."""


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    from .._tables import missing

    raise missing(__name__, name)
