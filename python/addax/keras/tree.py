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


def is_nested(structure):
    """Whether it is a list, tuple or dictionary."""
    return isinstance(structure, (list, tuple, dict))


def assert_same_structure(a, b, **_):
    """Raises if two structures differ."""
    if is_nested(a) != is_nested(b) or is_nested(a) and (type(a) is not type(b) or len(a) != len(b)):
        raise ValueError(f"The structures differ: {a!r} and {b!r}")
    if isinstance(a, dict):
        if set(a) != set(b):
            raise ValueError(f"The structures differ: {sorted(a)} and {sorted(b)}")
        for k in a:
            assert_same_structure(a[k], b[k])
    elif is_nested(a):
        for x, y in zip(a, b):
            assert_same_structure(x, y)


def lists_to_tuples(structure):
    """The same structure with tuples in the place of lists."""
    if isinstance(structure, dict):
        return {k: lists_to_tuples(v) for k, v in structure.items()}
    return tuple(lists_to_tuples(v) for v in structure) if isinstance(structure, (list, tuple)) else structure
