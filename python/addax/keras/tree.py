"""`keras.tree`: structures of things."""

from .._tensors import leaves as flatten
from .._tensors import map_structure as _map
from .._tensors import pack as pack_sequence_as

__all__ = ["flatten", "map_structure", "pack_sequence_as"]


def map_structure(func, *structures, **_):
    """The same structure of what a function gives for the things at each place."""
    if len(structures) == 1:
        return _map(func, structures[0])
    flat = [flatten(s) for s in structures]
    return pack_sequence_as(structures[0], [func(*row) for row in zip(*flat)])
