"""Own classes that files may name: registered ones, and those of `custom_objects`."""

import threading

REGISTERED = {}
NAMES = {}
_local = threading.local()


def register_keras_serializable(package="Custom", name=None):
    """Lets files name a class or function of yours."""

    def decorator(target):
        own = name if name is not None else target.__name__
        full = f"{package}>{own}" if package else own
        if isinstance(target, type) and not hasattr(target, "get_config"):
            raise ValueError(f"Cannot register a class that does not have a get_config() method: {target.__name__}")
        REGISTERED[full] = target
        NAMES[target] = full
        return target

    return decorator


def get_registered_name(target):
    """The name under which it was registered, or its own."""
    return NAMES.get(target, getattr(target, "__name__", str(target)))


def get_registered_object(name, custom_objects=None, module_objects=None):
    """What was registered under a name."""
    for found in (scoped(), custom_objects or {}, REGISTERED, module_objects or {}):
        if name in found:
            return found[name]
    return None


def get_custom_objects():
    """All that was registered."""
    return REGISTERED


def scoped():
    """What the custom_objects at hand name."""
    return getattr(_local, "objects", {})


class CustomObjectScope:
    """Files may name these classes while it is entered."""

    def __init__(self, custom_objects):
        self.objects = dict(custom_objects or {})

    def __enter__(self):
        self.before = scoped()
        _local.objects = {**self.before, **self.objects}
        return self

    def __exit__(self, *_):
        _local.objects = self.before


def find(name):
    """The own class or function of a name."""
    found = get_registered_object(name)
    return found if found is not None else get_registered_object(name.rsplit(">", 1)[-1])


def knows(name):
    """Whether a name is an own class or function."""
    return (bool(REGISTERED) or bool(scoped())) and find(name) is not None


def made(name, described):
    """The handle of an own object that a file describes."""
    from . import _objects

    target = find(name)
    config = described.get("config") or {}
    if isinstance(target, type):
        made = target.from_config(config) if hasattr(target, "from_config") else target(**config)
    else:
        made = target
    return _objects.keep(made)
