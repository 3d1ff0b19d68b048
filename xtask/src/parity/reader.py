"""Keras, onnxruntime and safetensors read what the command wrote.

    continue MODEL DATA.npz EPOCHS BATCH OUT.npz
    read TARGET MODEL.keras FILE IN.npz OUT.npz
    serve                                              lists of these as lines of JSON, answered by "ok" or what is wrong
"""

import json
import os
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")
import numpy as np


def flat(y):
    if isinstance(y, dict):
        return [y[k] for k in sorted(y)]
    return list(y) if isinstance(y, (list, tuple)) else [y]


def inputs(model, data, prefix=""):
    names = [t.name for t in model.inputs]
    if len(names) == 1:
        known = [k for k in (prefix + names[0], "x") if k in data]
        return data[known[0] if known else data.files[0]]
    return {n: data[prefix + n] for n in names}


def targets(model, data, prefix, single):
    if single in data:
        return data[single]
    found = {k[len(prefix):]: data[k] for k in data.files if k.startswith(prefix)}
    return found or None


def go_on(path, data, epochs, batch, out):
    import keras

    model, data = keras.saving.load_model(path), np.load(data)
    x = data["x"] if "x" in data else {k[2:]: data[k] for k in data.files if k.startswith("x_")}
    answer = {f"cp/{i}": y for i, y in enumerate(flat(model.predict(x, verbose=0)))}
    y, w = targets(model, data, "y_", "y"), targets(model, data, "sample_weight_", "sample_weight")
    history = model.fit(
        x, y, sample_weight=w, epochs=int(epochs), batch_size=int(batch), shuffle=False, verbose=0
    )
    answer.update({f"ch/{k}": np.asarray(v) for k, v in history.history.items()})
    answer.update({f"cq/{i}": y for i, y in enumerate(flat(model.predict(x, verbose=0)))})
    np.savez(out, **answer)


def by_onnx(path, data):
    import onnxruntime

    import onnx

    onnx.checker.check_model(path, full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    given = session.get_inputs()
    named = {"tensor(float)": np.float32, "tensor(int32)": np.int32, "tensor(int64)": np.int64}
    feed = {}
    for i in given:
        array = data[i.name] if i.name in data else data[data.files[0]]
        feed[i.name] = array.astype(named[i.type]) if i.type in named else array
    return session.run(None, feed)


def by_safetensors(model, path):
    from safetensors.numpy import load_file

    tensors, seen = load_file(path), set()
    for layer in model.layers:
        for v in layer.variables:
            if "seed" in v.path:
                continue
            name = f"{layer.name}/{v.name}"
            if name not in tensors:
                found = [k for k in tensors if k.startswith(layer.name + "/") and k.endswith("/" + v.name)]
                name = next(k for k in found if k not in seen)
            seen.add(name)
            v.assign(tensors[name])


def read(target, original, path, data, out):
    data = np.load(data)
    if target == "onnx":
        outputs = by_onnx(path, data)
    else:
        import keras

        model = keras.saving.load_model(original if target in ("weights.h5", "safetensors") else path)
        if target in ("weights.h5", "safetensors"):
            for v in model.weights:
                v.assign(np.zeros(v.shape))
        if target == "weights.h5":
            model.load_weights(path)
        if target == "safetensors":
            by_safetensors(model, path)
        outputs = flat(model.predict(inputs(model, data), verbose=0))
    np.savez(out, **{f"out/{i}": np.asarray(y) for i, y in enumerate(outputs)})


def serve():
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        command, *arguments = json.loads(line)
        try:
            COMMANDS[command](*arguments)
            told = "ok"
        except Exception as e:
            told = f"{type(e).__name__}: {' '.join(str(e).split())}"
        print(told[:500], file=answers, flush=True)
        if "keras" in sys.modules:
            sys.modules["keras"].utils.clear_session()


COMMANDS = {"continue": go_on, "read": read, "serve": serve}
COMMANDS[sys.argv[1]](*sys.argv[2:])
