"""Records what keras.ops does, for the tests of the functional ops: run by `cargo xtask goldens`.

A case is a call of a function of keras.ops: `[function, tensors, args, kwargs, results, node]`. Where it can stand in
a functional model, its node as Keras writes it is kept: `[class, config, args, kwargs, open, types]`, with the types of
its results while the batches of the first `open` tensors are open. Arguments are left out where they are the tensors in order, types
where they are those of the results. A tensor is `[dtype, shape, low, high]`: its numbers follow from a formula that the
test knows too; or `[dtype, shape, numbers]`.
"""
import json
import os
import sys

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from keras import ops


# Their other tensors are weights.
WINDOWS = ("conv", "depthwise_conv", "separable_conv", "conv_transpose", "batch_normalization", "layer_normalization", "rms_normalization")


class T:
    """A tensor of numbers that look random: element i is the same in every run."""

    def __init__(self, *shape, low=-1.0, high=1.0, dtype="float32", values=None):
        self.shape, self.low, self.high, self.dtype, self.values = shape, low, high, dtype, values

    def array(self, which):
        if self.values is not None:
            return np.array(self.values, dtype="float32").reshape(self.shape).astype(self.dtype)
        i = np.arange(int(np.prod(self.shape)), dtype="int64")
        numbers = self.low + (self.high - self.low) * ((i * 7919 + which * 31 + 17) % 1009) / 1008
        if "int" in self.dtype:
            numbers = np.floor(numbers)
        if self.dtype == "bool":
            numbers = numbers > 0
        return np.array(numbers).reshape(self.shape)

    def written(self):
        rest = [self.low, self.high] if self.values is None else [finite(list(self.values))]
        return [self.dtype, list(self.shape), *rest]


def I(*shape, low=0, high=5, dtype="int32"):
    return T(*shape, low=low, high=high, dtype=dtype)


def B(*shape):
    return T(*shape, dtype="bool")


def V(*values, dtype="float32", shape=None):
    return T(*(shape or (len(values),)), values=values, dtype=dtype)


CASES = []


def c(function, *args, **kwargs):
    CASES.append((function, args, kwargs))


def finite(x):
    """JSON has no NaN."""
    if isinstance(x, list):
        return [finite(v) for v in x]
    if isinstance(x, float):
        return "nan" if x != x else "inf" if x == float("inf") else "-inf" if x == -float("inf") else float(f"{x:.7g}")
    return x


def result(a):
    a = np.asarray(a, dtype="int32") if isinstance(a, int) else np.asarray(a)
    dtype = str(a.dtype)
    values = a.astype("float32").ravel().tolist() if "float" in dtype else a.ravel().astype("int64").tolist()
    return [dtype, list(a.shape), finite(values)]


def leaves(x):
    return [v for v in keras.tree.flatten(x)]


def walk(x, f):
    """The same structure with every T changed."""
    if isinstance(x, T):
        return f(x)
    if isinstance(x, (list, tuple)):
        return type(x)(walk(v, f) for v in x)
    return x


def plain(x):
    """As JSON has it."""
    if isinstance(x, (list, tuple)):
        return [plain(v) for v in x]
    if isinstance(x, slice):
        return {"class_name": "__slice__", "config": {"start": x.start, "stop": x.stop, "step": x.step}}
    if x is Ellipsis:
        return {"class_name": "__ellipsis__", "config": {}}
    return x.tolist() if isinstance(x, np.ndarray) else finite(x)


def node_json(x, names):
    """A node's argument as Keras writes it, its tensors as {"$": number}."""
    if isinstance(x, dict):
        if x.get("class_name") == "__keras_tensor__":
            return {"$": names.index(x["config"]["keras_history"][0])}
        return {k: node_json(v, names) for k, v in x.items()}
    if isinstance(x, list):
        return [node_json(v, names) for v in x]
    return finite(x) if isinstance(x, float) and not np.isfinite(x) else x


def resolve(function):
    return getattr(getattr(ops, "image") if function.startswith("image.") else ops, function.split(".")[-1])


def node(function, args, kwargs, tensors, batch):
    """The call as a node of a model, or None where Keras makes none."""
    def symbol(t):
        i = tensors.index(t)
        shape = (None, *t.shape[1:]) if i < batch and t.shape else t.shape
        return inputs.setdefault(i, keras.Input(batch_shape=shape, dtype=t.dtype, name=f"i{i}"))

    inputs = {}
    out = resolve(function)(*walk(args, symbol), **{k: walk(v, symbol) for k, v in kwargs.items()})
    out = [o for o in leaves(out) if o is not None]
    if not inputs or not all(isinstance(o, keras.KerasTensor) for o in out):
        return None
    model = keras.Model([inputs[i] for i in sorted(inputs)], out)
    layers = [l for l in model.get_config()["layers"] if l["class_name"] != "InputLayer"]
    if len(layers) != 1:
        return None
    layer = json.loads(json.dumps(layers[0], default=lambda x: x.tolist()))
    call = layer["inbound_nodes"][0]
    names = [f"i{i}" for i in range(len(tensors))]
    layer["config"].pop("name", None)
    args, kwargs = node_json(call["args"], names), node_json(call["kwargs"], names)
    plain = args == [{"$": i} for i in range(len(tensors))] and not kwargs
    types = [[o.dtype, list(o.shape)] for o in out]
    call = [None, None] if plain else [args, kwargs]
    return [layer["module"].split(".")[-1] + "." + layer["class_name"], node_json(layer["config"], names), *call, batch, types]


def record(function, args, kwargs):
    tensors = [t for t in leaves([list(args), list(kwargs.values())]) if isinstance(t, T)]
    arrays = [keras.ops.convert_to_tensor(t.array(i), t.dtype) for i, t in enumerate(tensors)]
    put = lambda x: walk(x, lambda t: arrays[tensors.index(t)])
    out = resolve(function)(*put(args), **{k: put(v) for k, v in kwargs.items()})
    name = lambda x: plain(walk(x, lambda t: {"$": tensors.index(t)}))
    out = [result(o) for o in leaves(out) if o is not None]
    found = None
    # Open are the batches of all tensors, of the first alone, or none.
    for batch in (len(tensors), 1, 0) if function not in WINDOWS else (1, 0):
        try:
            found = node(function, args, kwargs, tensors, batch)
        except Exception as error:
            if "-v" in sys.argv:
                print(function, kwargs, batch, str(error)[:200], file=sys.stderr)
            continue
        break
    if found and found[-1] == [[dtype, [None, *shape[1:]] if found[-2] and shape else shape] for dtype, shape, _ in out]:
        found[-1] = None
    inputs = [t.written() for t in tensors]
    return [function.split(".")[-1], inputs, name(list(args)), {k: name(v) for k, v in kwargs.items()}, out, found]


from keras_ops_cases import add_cases  # noqa: E402

if __name__ == "__main__":
    add_cases(c, T, I, B, V)
    only = os.environ.get("ONLY")
    lines = []
    for function, args, kwargs in CASES:
        if only and function not in only.split(","):
            continue
        try:
            lines.append(json.dumps(record(function, args, kwargs), separators=(",", ":")))
        except Exception as error:
            print(function, kwargs, "failed:", str(error)[:300], file=sys.stderr)
    with open(os.path.join(sys.argv[1], "keras_ops.json"), "w") as f:
        f.write("[\n" + ",\n".join(lines) + "\n]\n")
