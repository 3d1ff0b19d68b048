"""Which calls of keras.ops are recorded."""
import numpy as np

inf, nan = float("inf"), float("nan")


def add_cases(c, T, I, B, V):
    odd = V(-2.5, -1.5, -0.5, -0.0, 0.0, 0.5, 1.5, 2.5, inf, -inf, nan)
    # Elementwise.
    for f in "absolute fabs negative sign square exp exp2 expm1 sin cos tan arctan sinh cosh tanh arcsinh sinc i0 deg2rad rad2deg " \
             "floor ceil trunc cbrt real conj angle imag copy conjugate isreal".split():
        c(f, T(2, 3, low=-2, high=2))
    for f in "sqrt log log10 log1p log2 reciprocal".split():
        c(f, T(2, 3, low=0.2, high=3))
    for f in "arcsin arccos arctanh".split():
        c(f, T(2, 3, low=-0.9, high=0.9))
    c("arccosh", T(2, 3, low=1.1, high=3))
    c("i0", T(2, 3, low=-9, high=9))
    for f in "absolute sign square floor ceil trunc isnan isinf isfinite isposinf isneginf signbit negative round angle nan_to_num".split():
        c(f, odd)
    for f in "absolute negative sign square sqrt exp sin floor trunc round isnan isfinite signbit nan_to_num reciprocal angle".split():
        c(f, I(2, 3, low=-3 if f not in ("sqrt", "reciprocal") else 1, high=4))
    for f in "sqrt exp tanh square absolute sign logical_not floor".split():
        c(f, B(2, 3)) if f != "sign" else None
        c(f, T(2, 3, low=0.5, high=2, dtype="float16"))
    c("round", T(2, 3, low=-20, high=20), decimals=1)
    c("round", T(2, 3, low=-200, high=200), decimals=-1)
    c("round", I(2, 3, low=-200, high=200), decimals=-1)
    c("nan_to_num", odd, nan=7.0, posinf=8.0, neginf=-9.0)
    c("abs", T(2, 3))
    # Two tensors, tensors and numbers, kinds of both.
    pairs = "add subtract multiply divide true_divide maximum minimum fmax fmin arctan2 hypot logaddexp logaddexp2 heaviside " \
            "floor_divide mod fmod divide_no_nan equal not_equal less less_equal greater greater_equal logical_and logical_or " \
            "logical_xor isclose".split()
    for f in pairs:
        c(f, T(2, 3), T(3, low=0.3, high=2))
        c(f, T(2, 1, 3, low=-3, high=3), 2)
        c(f, I(2, 3, low=-5, high=5), I(2, 1, low=1, high=4))
    for f in "add subtract multiply divide maximum floor_divide mod power equal less where".split():
        for dtype in "int8 uint8 int32 float16 bfloat16".split():
            x = T(4, low=1, high=6, dtype=dtype)
            for y in (2, 2.5, T(4, low=1, high=4, dtype="int32"), T(4, low=1, high=3, dtype="float32")):
                c(f, *((B(4),) if f == "where" else ()), x, y)
        if f not in ("where", "subtract"):
            c(f, B(4), B(4))
            c(f, B(4), 3)
    for f in "floor_divide mod fmod divide_no_nan divide".split():
        c(f, V(-7.0, 7.0, -7.0, 7.0, 0.0, 6.0), V(3.0, 3.0, -3.0, -3.0, 2.0, -2.0))
        c(f, V(-7, 7, -7, 7, 0, 6, dtype="int32"), V(3, 3, -3, -3, 2, -2, dtype="int32"))
    c("divide_no_nan", V(1.0, 2.0, 0.0), V(0.0, 4.0, 0.0))
    for f in "fmax fmin maximum minimum logaddexp hypot heaviside".split():
        c(f, V(nan, 1.0, inf, -inf, 0.0, 2.0), V(1.0, nan, inf, -inf, 0.0, -3.0))
    c("power", T(2, 3, low=0.2, high=2), T(3, low=-2, high=2))
    c("power", 2.0, T(2, 3))
    c("power", T(2, 3), 2)
    c("power", I(2, 3, low=-3, high=4), 3)
    c("ldexp", T(2, 3), I(3, low=-3, high=4))
    c("isclose", V(1.0, inf, nan, 1.00001), V(1.0, inf, nan, 1.0))
    c("isclose", V(1.0, inf, nan, 1.1), V(1.0, inf, nan, 1.0), rtol=0.2, equal_nan=True)
    c("allclose", T(2, 3), 0.5, atol=2.0)
    c("allclose", T(2, 3), T(2, 3))
    c("isin", I(2, 3), I(4))
    c("isin", I(2, 3), I(2, 2, low=1, high=3), invert=True)
    c("where", B(2, 3), T(2, 3), T(3))
    c("where", B(2, 1), T(2, 3), 0.0)
    c("where", T(2, 3, low=0, high=1), 1, 0)
    for f in "bitwise_and bitwise_or bitwise_xor".split():
        c(f, I(2, 3, low=-9, high=9), I(3, low=-9, high=9))
        c(f, I(2, 3, low=0, high=9, dtype="uint8"), I(3, low=0, high=9, dtype="int32"))
        c(f, B(2, 3), B(2, 3))
    for f in "left_shift right_shift bitwise_left_shift bitwise_right_shift".split():
        c(f, I(2, 3, low=-90, high=90), I(3, low=0, high=5))
        c(f, I(2, 3, low=0, high=200, dtype="uint8"), 2)
    for f in "bitwise_not bitwise_invert".split():
        c(f, I(2, 3, low=-9, high=9))
        c(f, B(2, 3))
    # Reductions.
    reductions = "sum prod mean var std max min amax amin ptp all any".split()
    for f in reductions + "nansum nanprod nanmean nanvar nanstd nanmax nanmin".split():
        c(f, T(2, 3, 4))
        c(f, T(2, 3, 4), axis=-1)
        c(f, T(2, 3, 4), axis=(0, 2), keepdims=True)
        c(f, T(2, 3, 4), axis=[1] if "nan" not in f else (1,), keepdims=False)
        if f != "ptp":
            c(f, I(2, 3, low=-3, high=4), axis=1)
        if f not in ("ptp",):
            c(f, B(2, 3), axis=0, keepdims=True) if "var" not in f and "std" not in f else None
        c(f, T(2, 3, dtype="float16", low=1, high=3), axis=1)
    for f in "sum prod mean".split():
        c(f, I(2, 3, dtype="uint8"), axis=1)
        c(f, I(2, 3, dtype="int8"), axis=1)
    c("prod", I(2, 3), axis=1, dtype="float32")
    c("max", T(2, 3), axis=1, initial=0.3)
    c("min", T(2, 3), axis=1, keepdims=True, initial=-0.3)
    holes = V(1.0, nan, 3.0, nan, nan, nan, -2.0, 5.0, nan, shape=(3, 3))
    for f in "nansum nanprod nanmean nanvar nanstd nanmax nanmin nanargmax nanargmin".split():
        c(f, holes, axis=1, keepdims=True)
        if f not in ("nanargmax", "nanargmin"):
            c(f, holes)
    for f in "argmax argmin nanargmax nanargmin".split():
        c(f, T(2, 3, 4))
        c(f, T(2, 3, 4), axis=1)
        c(f, T(2, 3, 4), axis=-1, keepdims=True)
        c(f, T(2, 3, 4), keepdims=True)
        c(f, V(2, 1, 2, 1, dtype="int32"), axis=0)
        c(f, V(2.0, 1.0, 2.0, 1.0))
    for f in "argmax argmin max min".split():
        c(f, holes, axis=1)
    c("count_nonzero", I(2, 3, high=3), axis=1)
    c("count_nonzero", I(2, 3, high=3))
    c("average", T(2, 3), axis=1)
    c("average", T(2, 3), axis=1, weights=T(3, low=0, high=1))
    c("average", I(2, 3), weights=T(2, 3, low=0, high=1))
    # Shapes.
    c("reshape", T(2, 3, 4), (-1, 12))
    c("reshape", T(2, 3, 4), (4, 6))
    c("reshape", T(2, 3, 4), (-1, 2, 6))
    c("reshape", T(2, 3, 4), -1)
    c("ravel", T(2, 3))
    c("transpose", T(2, 3, 4))
    c("transpose", T(2, 3, 4), (0, 2, 1))
    c("transpose", T(2, 3, 4), axes=[1, -1, 0])
    c("swapaxes", T(2, 3, 4), 0, -1)
    c("moveaxis", T(2, 3, 4), 0, -1)
    c("moveaxis", T(2, 3, 4, 2), (0, 1), (-1, -2))
    c("expand_dims", T(2, 3), 1)
    c("expand_dims", T(2, 3), (0, -1))
    c("squeeze", T(2, 1, 3, 1))
    c("squeeze", T(2, 1, 3, 1), 1)
    c("squeeze", T(2, 1, 3, 1), (-1, 1))
    c("broadcast_to", T(2, 1, 3), (4, 2, 5, 3))
    c("flip", T(2, 3, 4))
    c("flip", T(2, 3, 4), axis=1)
    c("flip", T(2, 3, 4), axis=(1, -1))
    c("fliplr", T(2, 3))
    c("flipud", T(2, 3))
    for k in (1, 2, 3, -1, 0):
        c("rot90", T(2, 3, 4), k=k, axes=(1, 2))
    c("rot90", T(2, 3))
    c("roll", T(2, 3, 4), 2)
    c("roll", T(2, 3, 4), -1, axis=1)
    c("roll", T(2, 3, 4), (1, 2), axis=(1, 2))
    c("roll", T(2, 3, 4), 5, axis=(1, 2))
    c("tile", T(2, 3), 2)
    c("tile", T(2, 3), (1, 2))
    c("tile", T(2, 3), (2, 1, 3))
    c("repeat", T(2, 3), 2)
    c("repeat", T(2, 3), 2, axis=1)
    c("repeat", T(2, 3), np.array([1, 0, 2]), axis=1)
    # Joining and taking apart.
    c("concatenate", [T(2, 3), T(2, 3)])
    c("concatenate", [T(2, 3), T(2, 1)], axis=-1)
    c("concatenate", [T(2, 3), I(2, 1)], axis=1)
    c("stack", [T(2, 3), T(2, 3)])
    c("stack", [T(2, 3), I(2, 3), T(2, 3)], axis=-1)
    c("append", T(2, 3), T(2, 1))
    c("append", T(2, 3), T(2, 1), axis=1)
    for f in "hstack vstack dstack".split():
        c(f, [T(3), T(3)])
        c(f, [T(2, 3), T(2, 3)])
        c(f, [T(2, 3, 2), T(2, 3, 2)])
    for f in "split array_split".split():
        c(f, T(4, 6), 2)
        c(f, T(4, 6), 3, axis=1)
        c(f, T(4, 6), [1, 4], axis=1) if f == "split" else None
    c("array_split", T(2, 7), 3, axis=1)
    c("hsplit", T(2, 4), 2)
    c("hsplit", T(4), 2)
    c("vsplit", T(4, 2), [1])
    c("dsplit", T(2, 2, 4), 2)
    c("meshgrid", T(2), T(3))
    c("meshgrid", T(2), T(3), T(2), indexing="ij")
    c("meshgrid", T(2))
    # Indexing.
    x, whole = T(2, 5, 3), slice(None)
    for key in (1, -1, slice(0, 1), (whole, slice(1, None)), (whole, -1), (Ellipsis, None, slice(None, None, 2)), (whole, None, -2),
                (whole, slice(None, None, -1)), (whole, slice(4, 1, -2), slice(-2, None)), (0, 1, 2), (whole, slice(3, 1)), None):
        c("get_item", x, key)
