"""Classes and functions out of the core's tables: one line there is a class here."""

import inspect
import re
from functools import lru_cache

from . import _addax

#: The dtype names that Keras has.
POSITIONAL = inspect.Parameter.POSITIONAL_OR_KEYWORD
KEYWORD = inspect.Parameter.KEYWORD_ONLY


@lru_cache(maxsize=None)
def names(kind):
    """All class names of a kind."""
    return tuple(_addax.names(kind))


@lru_cache(maxsize=None)
def describe(kind, name):
    """A class as data."""
    return _addax.describe(kind, name)


@lru_cache(maxsize=None)
def functions(module):
    """The functions of a module, as data."""
    return _addax.function_names(module)


def signature(args, extra=()):
    """The signature of arguments `(name, whether it has a default, default, doc)` and of keyword-only ones."""
    parameters, optional = [], False
    for name, has_default, default, _ in args:
        optional = optional or has_default
        empty = None if optional else inspect.Parameter.empty
        shown = written(name, default) if has_default else empty
        parameters.append(inspect.Parameter(safe(name), POSITIONAL, default=shown))
    for name, default in extra:
        if not any(p.name == name for p in parameters):
            parameters.append(inspect.Parameter(name, KEYWORD, default=default))
    return inspect.Signature(parameters)


def written(name, default):
    """A default as Keras's signatures write it: objects by their identifiers, no activation as None."""
    if isinstance(default, dict) and "class_name" in default:
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", default["class_name"]).lower()
    return None if name.endswith("activation") and default == "linear" else default


def safe(name):
    """A name that Python allows as a parameter's."""
    return name if name.isidentifier() and name not in ("lambda", "from", "in") else name + "_"


def docs(description):
    """The doc of a class with its arguments."""
    lines = [description["doc"], ""]
    if description["args"]:
        lines.append("Args:")
        lines += [f"    {name}: {doc}" for name, _, _, doc in description["args"]]
    return "\n".join(lines).strip()


def bind(description, args, kwargs, extra=()):
    """Arguments by name; what is left out keeps its default. What nobody knows is refused, as Python does it."""
    known = [a[0] for a in description["args"]]
    title = description["name"]
    if len(args) > len(known):
        raise TypeError(f"{title}() takes at most {len(known)} positional arguments, got {len(args)}")
    bound = dict(zip(known, args))
    for name, value in kwargs.items():
        if name in bound:
            raise TypeError(f"{title}() got multiple values for argument '{name}'")
        if name not in known and name not in extra:
            near = near_names(name, known + list(extra))
            raise TypeError(f"{title}() got an unexpected keyword argument '{name}'{near}")
        bound[name] = value
    missing = [n for n, has_default, _, _ in description["args"] if not has_default and n not in bound]
    if missing:
        raise TypeError(f"{title}() missing required argument: '{missing[0]}'")
    return bound


def near_names(name, known):
    """A hint at names that were perhaps meant."""
    import difflib

    near = difflib.get_close_matches(name, known, n=1)
    return f". Did you mean '{near[0]}'?" if near else ""


def member(module, name, kinds, fallback=None):
    """What `module.__getattr__` gives: a class of the tables, a function, or an error that says that it is not there."""
    for kind in kinds:
        if name in names(kind):
            return kind
    if fallback is not None:
        return fallback(name)
    return None


def missing(module, name, known=()):
    """The error for a name that is not there."""
    return AttributeError(f"module '{module}' has no attribute '{name}': addax does not have it yet{near_names(name, list(known))}")
