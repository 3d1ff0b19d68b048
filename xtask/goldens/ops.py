"""Records what keras.ops computes, for the core's tests: run by `cargo xtask goldens`.

A case is a name, a function and the shapes of its inputs; the inputs' numbers follow from a formula that the test
knows too, so only results are kept.
"""
import json
import os
import sys

os.environ["KERAS_BACKEND"] = "jax"
import jax
import numpy as np
from keras import ops


def spread(shape, which, low=-1.0, high=1.0):
    """Numbers that look random: the test makes the same ones."""
    i = np.arange(int(np.prod(shape)), dtype="int64")
    return (low + (high - low) * ((i * 7919 + which * 31 + 17) % 1009) / 1008).astype("float32").reshape(shape)


CASES = {}


def case(name, f, *inputs):
    """Inputs are shapes, or (shape, low, high), or arrays of integers."""
    CASES[name] = (f, inputs)


for strides, padding, dilation, fmt in [
    (1, "valid", 1, "channels_last"), (2, "same", 1, "channels_last"), (1, "same", 2, "channels_first"), ((2, 3), "valid", 1, "channels_last"),
]:
    x = (2, 7, 6, 4) if fmt == "channels_last" else (2, 4, 7, 6)
    kw = dict(strides=strides, padding=padding, dilation_rate=dilation, data_format=fmt)
    tag = f"{strides} {padding} {dilation} {fmt}"
    case(f"conv {tag}", lambda x, k, kw=kw: ops.conv(x, k, **kw), x, (3, 2, 2, 6))
    if isinstance(strides, int):
        case(f"depthwise_conv {tag}", lambda x, k, kw=kw: ops.depthwise_conv(x, k, **kw), x, (3, 2, 4, 2))
    case(f"separable_conv {tag}", lambda x, d, p, kw=kw: ops.separable_conv(x, d, p, **kw), x, (3, 2, 4, 2), (1, 1, 8, 3)) if isinstance(strides, int) else None
for strides, padding, extra, dilation in [
    (1, "valid", None, 1), (2, "valid", None, 1), (3, "valid", 1, 1), (2, "same", None, 1), (2, "same", 1, 1), (4, "same", None, 1), (1, "same", None, 2),
]:
    kw = dict(strides=strides, padding=padding, output_padding=extra, dilation_rate=dilation)
    case(f"conv_transpose {strides} {padding} {extra} {dilation}", lambda x, k, kw=kw: ops.conv_transpose(x, k, **kw), (2, 5, 3), (3, 2, 3))
case("conv_transpose channels_first", lambda x, k: ops.conv_transpose(x, k, 2, "same", data_format="channels_first"), (1, 3, 3, 4), (3, 2, 2, 3))
for strides, padding, fmt in [((3, 2), "valid", "channels_last"), (1, "same", "channels_last"), (2, "same", "channels_first"), ((3, 1), "same", "channels_last")]:
    x = (2, 7, 6, 3) if fmt == "channels_last" else (2, 3, 7, 6)
    kw = dict(strides=strides, padding=padding, data_format=fmt)
    case(f"max_pool {strides} {padding} {fmt}", lambda x, kw=kw: ops.max_pool(x, (3, 2), **kw), x)
    case(f"average_pool {strides} {padding} {fmt}", lambda x, kw=kw: ops.average_pool(x, (3, 2), **kw), x)
case("max_pool gradient", lambda x, c: jax.grad(lambda v: (ops.max_pool(v, 3, 2, "same") * c).sum())(x), np.array([[[1], [2], [2], [1], [0], [2], [2]]], "float32"), (1, 4, 1))

i32 = lambda v: np.array(v, "int32")
case("take", lambda x, i: ops.take(x, i, axis=1), (2, 4, 3), i32([[0, 3], [-1, 2]]))
case("take outside", lambda x, i: ops.take(x, i, axis=-1), (2, 3), i32([0, 3, -3, -4]))
case("take outside gradient", lambda x, i, c: jax.grad(lambda v: jax.numpy.nansum(ops.take(v, i, axis=-1) * c))(x), (2, 3), i32([0, 3, -3, -4]), (2, 4))
case("take_along_axis", lambda x, i: ops.take_along_axis(x, i, axis=1), (2, 4, 3), i32([[[0, 3, 1], [-1, 2, 0]]]))
case("one_hot", lambda i: ops.one_hot(i, 4, axis=1), i32([[0, 3], [-1, 5]]))
case("scatter", lambda i, v: ops.scatter(i, v, (3, 2)), i32([[0], [2], [0], [-1], [4]]), (5, 2))
for kind in [None, "add", "max", "min", "mul"]:
    case(f"scatter_update {kind}", lambda x, i, v, k=kind: ops.scatter_update(x, i, v, reduction=k), (3, 4), i32([[0, 1], [2, 3], [0, 1], [-1, 0], [1, 4]]), (5,))
for kind in ["sum", "max", "min", "prod"]:
    f = getattr(ops, f"segment_{kind}")
    case(f"segment_{kind}", lambda x, s, f=f: f(x, s, num_segments=4), (6, 2), i32([0, 2, 2, 0, 5, -1]))
case("cumsum", lambda x: ops.cumsum(x, 1), (2, 4, 2))
case("cumprod", lambda x: ops.cumprod(x, -1), (2, 4))
case("cumprod gradient", lambda x, c: jax.grad(lambda v: (ops.cumprod(v, 1) * c).sum())(x), np.array([[1, 0, 2, 3], [0, 2, 0, 1]], "float32"), (2, 4))
case("sort", lambda x: ops.sort(x, 1), (2, 5, 2))
case("sort gradient", lambda x, c: jax.grad(lambda v: (ops.sort(v, 1) * c).sum())(x), np.array([[1, 1, 2, 0]], "float32"), (1, 4))
case("argsort", lambda x: ops.argsort(x, 1), (2, 5, 2))
odd = np.array([1, np.nan, 3, -0.0, 0, np.inf, np.nan, 3], "float32")
case("sort nan", lambda x: (ops.sort(x, 0), ops.argsort(x, 0)), odd)
case("top_k", lambda x: ops.top_k(x, 3), (2, 3, 6))
case("top_k ties", lambda x: ops.top_k(x, 4), np.array([[1, 2, 2, 1, 2, 0]], "float32"))
case("argmax", lambda x: (ops.argmax(x, 1), ops.argmin(x, 0)), i32([[3, 1, 3], [0, 1, 0]]))
case("argmax nan", lambda x: (ops.argmax(x, 0), ops.argmin(x, 0)), odd)
case("logaddexp", lambda x, y: ops.logaddexp(x, y), np.array([-np.inf, 1e4, np.inf, -np.inf, 0], "float32"), np.array([-np.inf, 1e4, 0, 2, 0], "float32"))
eye = lambda n: np.eye(n, dtype="float32")
definite = lambda x: x @ ops.swapaxes(x, -1, -2) + eye(3)
grad = lambda f: lambda *x: jax.grad(lambda v: (f(v, *x[1:-1]) * x[-1]).sum())(x[0])
case("cholesky", lambda x: ops.cholesky(definite(x)), (2, 3, 3))
case("cholesky gradient", grad(lambda x: ops.cholesky(definite(x))), (2, 3, 3), (2, 3, 3))
case("qr reduced", lambda x: ops.qr(x), (2, 4, 3))
case("qr complete", lambda x: ops.qr(x, mode="complete"), (4, 3))
case("qr wide", lambda x: ops.qr(x), (3, 4))
case("qr gradient", grad(lambda x: ops.qr(x)[0]), (4, 3), (4, 3))
case("lu_factor", lambda x: ops.lu_factor(x), (2, 3, 3))
case("solve_triangular", lambda a, b: ops.solve_triangular(a, b, lower=True), ((3, 3), 0.5, 1.5), (3, 2))
case("solve", lambda a, b: ops.solve(a, b), (2, 3, 3), (2, 3, 2))
case("solve gradient", grad(lambda a, b: ops.solve(a, b)), (3, 3), (3, 2), (3, 2))
case("inv", lambda a: ops.inv(a), (2, 3, 3))
case("det", lambda a: ops.det(a), (2, 3, 3))
case("slogdet", lambda a: ops.slogdet(a), (2, 3, 3))
case("eigh", lambda a: (ops.eigh(a + ops.transpose(a))[0] / 2, abs(ops.eigh(a + ops.transpose(a))[1])), (4, 4))
case("svd", lambda a: [abs(v) if i != 1 else v for i, v in enumerate(ops.svd(a, full_matrices=False))], (2, 4, 3))
case("svd values gradient", grad(lambda a: ops.svd(a, full_matrices=False)[1]), (4, 3), (3,))
case("fft", lambda a, b: ops.fft((a, b)), (2, 6), (2, 6))
case("rfft", lambda a: ops.rfft(a), (2, 7))
case("rfft shorter", lambda a: ops.rfft(a, 4), (2, 7))
case("rfft longer", lambda a: ops.rfft(a, 9), (2, 7))
case("irfft", lambda a, b: ops.irfft((a, b)), (2, 5), (2, 5))
case("irfft longer", lambda a, b: ops.irfft((a, b), 11), (2, 5), (2, 5))
case("irfft shorter", lambda a, b: ops.irfft((a, b), 5), (2, 5), (2, 5))
case("erfc i0", lambda a: (ops.erfc(a), ops.i0(a)), ((9,), -3.0, 3.0))


def numbers(a):
    a = np.asarray(a)
    number = lambda v: float(f"{v:.7g}") if np.isfinite(v) else str(v)
    values = [number(v) for v in a.ravel()] if a.dtype.kind == "f" else [int(v) for v in a.ravel()]
    return {"dtype": str(a.dtype), "shape": list(a.shape), "values": values}


def made(which, spec):
    if isinstance(spec, np.ndarray):
        return spec, numbers(spec)
    shape, low, high = spec if len(spec) == 3 and isinstance(spec[0], tuple) else (spec, -1.0, 1.0)
    return spread(shape, which, low, high), {"shape": list(shape), "low": low, "high": high}


def main():
    rows = []
    for name, (f, specs) in CASES.items():
        arrays, inputs = zip(*[made(i, s) for i, s in enumerate(specs)]) if specs else ((), ())
        results = f(*arrays)
        results = results if isinstance(results, (tuple, list)) else [results]
        rows.append({"name": name, "inputs": list(inputs), "outputs": [numbers(r) for r in results]})
    with open(os.path.join(sys.argv[1], "ops.json"), "w") as out:
        out.write("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")


main()
