"""Writes the `.pyi` files of the modules whose names come from the tables: `python python/stubs.py [--check]`."""

import pathlib
import re
import sys

# The tables of the installed package, not of the sources beside this file, where no extension need lie.
if not list((pathlib.Path(__file__).resolve().parent / "addax").glob("_addax*")):
    sys.path.pop(0)

from addax import _tables
from addax._layers import EVERY

ROOT = pathlib.Path(__file__).resolve().parent / "addax" / "keras"
PARENTS = {
    "layers": "Layer",
    "initializers": "Initializer",
    "regularizers": "Regularizer",
    "constraints": "Constraint",
    "losses": "Loss",
    "metrics": "Metric",
    "optimizers": "Optimizer",
    "schedules": "LearningRateSchedule",
}


def argument(name, has_default, default):
    """An argument as a stub writes it."""
    name = _tables.safe(name)
    return f"{name}: Any = {_tables.written(name, default)!r}" if has_default else f"{name}: Any"


def a_class(kind, name):
    """A class as a stub writes it."""
    described = _tables.describe(kind, name)
    parts, optional = ["self"], False
    for arg, has_default, default, _ in described["args"]:
        optional = optional or has_default
        parts.append(argument(arg, optional, default))
    if kind == "layers":
        known = {a[0] for a in described["args"]}
        parts += ["*"] + [f"{k}: Any = {v!r}" for k, v in EVERY.items() if k not in known]
    doc = described["doc"].splitlines()[0].replace('"""', "'''").replace("\\", "\\\\") if described["doc"] else name
    return f'class {name}({PARENTS[kind]}):\n    """{doc}"""\n    def __init__({", ".join(parts)}) -> None: ...\n'


def functions(module):
    """The functions of a module as a stub writes them."""
    out = []
    for name, data in sorted(_tables.functions(module).items()):
        if module != "ops":
            arguments = "x: Any, *args: Any, **kwargs: Any" if module == "activations" else "y_true: Any, y_pred: Any, **kwargs: Any"
            out.append(f"def {name}({arguments}) -> Any: ...")
            continue
        _, args, variadic = data
        optional, parts = False, []
        for arg, has_default, default, _ in args:
            optional = optional or has_default
            parts.append(f"*{arg}: Any" if arg == variadic else argument(arg, optional, default))
        out.append(f"def {name}({', '.join(parts)}) -> Any: ...")
    return "\n".join(out) + "\n"


def texts():
    """Every stub by its path."""
    head = "from typing import Any\n\n"
    made = {}
    for kind, parent in PARENTS.items():
        path = ROOT / ("optimizers/schedules.pyi" if kind == "schedules" else "optimizers/__init__.pyi" if kind == "optimizers" else f"{kind}.pyi")
        home = "_layers" if kind == "layers" else "_objects"
        text = head + f"from addax.{home} import {parent} as {parent}\n"
        if kind == "optimizers":
            text += "from addax.keras.optimizers import schedules as schedules\n"
        if kind == "layers":
            text += "from addax._tensors import KerasTensor\n\ndef Input(shape: Any = None, batch_size: Any = None, dtype: Any = None, sparse: Any = None, ragged: Any = None, batch_shape: Any = None, name: Any = None, tensor: Any = None, optional: bool = False) -> KerasTensor: ...\n"
        text += "\ndef get(identifier: Any) -> Any: ...\ndef serialize(obj: Any, **kwargs: Any) -> Any: ...\ndef deserialize(config: Any, custom_objects: Any = None) -> Any: ...\n\n"
        text += "\n".join(a_class(kind, n) for n in _tables.names(kind))
        if kind in ("losses", "metrics"):
            text += "\n" + functions(kind)
        made[path] = text
    made[ROOT / "ops/__init__.pyi"] = head + functions("ops")
    made[ROOT / "activations.pyi"] = head + "def get(identifier: Any) -> Any: ...\n" + functions("activations")
    return made


def items(text):
    """The classes and functions of a stub by name."""
    parts = re.split(r"^(?=class |def )", text, flags=re.M)[1:]
    return {re.match(r"\w+ (\w+)", part).group(1): part.strip() for part in parts}


def is_old(path, text):
    """Whether a stub says of a class or function what the tables do not; one that joined since is no fault of it."""
    if not path.exists():
        return True
    written, now = items(path.read_text(encoding="utf-8")), items(text)
    return any(name not in now or now[name] != part for name, part in written.items())


def main():
    """Writes the stubs, or says which are old."""
    old = [p for p, text in texts().items() if is_old(p, text)]
    if "--check" not in sys.argv:
        for path, text in texts().items():
            path.write_text(text, encoding="utf-8")
        return 0
    for path in old:
        print(f"{path.relative_to(ROOT.parent.parent)} is old: run python python/stubs.py")
    return len(old)


if __name__ == "__main__":
    sys.exit(main())
