"""The loops of `fit`, `evaluate` and `predict`: epochs, callbacks and output; the steps are the core's."""

import sys
import time

import numpy as np

from . import _addax, _data
from ._layers import as_input
from ._tensors import leaves, map_structure, pack

#: How long the core works before Python looks whether somebody interrupts, in seconds.
SLICE = 0.05


class Progress:
    """Writes the progress line to `sys.stdout`."""

    def __init__(self, verbose, epochs):
        self.verbose = {"auto": 1, True: 1, False: 0}.get(verbose, verbose)
        if self.verbose not in (0, 1, 2):
            raise ValueError(f"verbose: expected 'auto', 0, 1 or 2, got {verbose!r}")
        self.epochs = epochs
        self.notebook = "ipykernel" in sys.modules
        stream = sys.stdout
        self.live = self.verbose == 1 and (self.notebook or bool(getattr(stream, "isatty", lambda: False)()))
        self.drawn, self.width = 0.0, 0

    def write(self, text):
        """A closed output is no reason to stop."""
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except (OSError, ValueError, AttributeError):
            pass

    def begin(self, epoch):
        """An epoch begins."""
        self.begun, self.drawn = time.perf_counter(), 0.0
        if self.verbose and self.epochs and self.epochs > 1:
            self.write(f"Epoch {epoch + 1}/{self.epochs}\n")

    def due(self):
        """Whether the line is to be drawn anew."""
        return self.live and time.perf_counter() - self.drawn >= 0.1

    def draw(self, done, total, logs):
        """Draws the line anew."""
        self.drawn = time.perf_counter()
        self._put(_addax.progress_line(done, total or done + 1, time.perf_counter() - self.begun, numbers(logs)))

    def end(self, done, logs):
        """An epoch is over."""
        seconds = time.perf_counter() - self.begun
        if self.verbose == 1:
            self._put(_addax.progress_line(done, done, seconds, numbers(logs)))
            self.write("\n")
            self.width = 0
        elif self.verbose == 2:
            line = _addax.progress_line(done, done, seconds, numbers(logs))
            rest = line.split("] - ", 1)[1]
            seconds_part, _, rest = rest.partition(" ")
            self.write(f"{done}/{done} - {seconds_part} - {rest}\n")

    def _put(self, text):
        padding = " " * max(0, self.width - len(text)) if self.live else ""
        self.write(("\r" if self.live else "") + text + padding)
        self.width = len(text)


def numbers(logs):
    """Values that the line can show."""
    out = {}
    for k, v in (logs or {}).items():
        try:
            out[k] = [float(x) for x in v] if isinstance(v, (list, tuple)) else float(np.mean(np.asarray(v)))
        except (TypeError, ValueError):
            continue
    return out


def callback_list(callbacks, model, params):
    """The callbacks of a run; History is the last of them."""
    from .keras.callbacks import CallbackList

    if isinstance(callbacks, CallbackList):
        return callbacks
    return CallbackList(callbacks, model=model, **params)


def step_is_own(model, name):
    """Whether a subclass has a step of its own."""
    from ._models import Model

    return getattr(type(model), name) is not getattr(Model, name)


def eager_steps(model, train):
    """Whether steps run in Python: a subclass says how, or it was asked for."""
    names = ("train_step", "compute_loss", "compute_metrics") if train else ("test_step", "compute_loss", "compute_metrics")
    return any(step_is_own(model, n) for n in names) or bool(getattr(model, "run_eagerly", False))


def need_compiled(model, what):
    """Refuses a model that was not compiled."""
    if model._compiled is None and not step_is_own(model, "train_step") and not step_is_own(model, "test_step"):
        raise ValueError(f"You must call `compile()` before calling `{what}()`.")


class ArraySteps:
    """Steps over arrays, by the core's plans."""

    def __init__(self, model, x, y, sample_weight, class_weight, validation, asked):
        model._build_for(x if not isinstance(x, dict) else x)
        several = model._core.input_names()
        x = _data.arrays(x, len(several) > 1)
        y = _data.arrays(y, len(model._core.output_names()) > 1)
        sample_weight = _data.arrays(sample_weight, False)
        self.model, self.core = model, model._core
        if validation is not None:
            vx, vy, vw = validation
            validation = (_data.arrays(vx, len(several) > 1), _data.arrays(vy, False), _data.arrays(vw, False))
        self.course = self.core.course(x, y, sample_weight, class_weight, validation, asked)
        self.total = self.course.steps
        self.validates = self.course.validates

    def begin(self):
        """An epoch begins."""
        self.course.begin_epoch(self.core)

    def run(self, steps):
        """So many steps; how many there were."""
        if steps == 1:
            return self.course.run(self.core, 1)
        return self.course.run(self.core, steps, SLICE)

    def logs(self):
        """The values since the epoch began."""
        return self.course.results(self.core)

    def validate(self, callbacks):
        """The values on the data to validate on."""
        callbacks.on_test_begin()
        logs = self.course.validate(self.core)
        callbacks.on_test_end(logs)
        return logs


class BatchSteps:
    """Steps over batches that come one after another, or that are written in Python."""

    def __init__(self, model, epochs, total, own, validation, class_weight=None):
        self.model, self.epochs, self.total, self.own = model, epochs, total, own
        self.validation, self.validates, self.class_weight = validation, validation is not None, class_weight
        self.values = {}

    def begin(self):
        """An epoch begins."""
        self.model.reset_metrics()
        self.iterator = self.epochs()

    def run(self, steps):
        """One step; how many there were."""
        try:
            batch = next(self.iterator)
        except StopIteration:
            return 0
        self.values = step(self.model, batch, True, self.own, self.class_weight)
        return 1

    def logs(self):
        """The values since the epoch began."""
        return {k: plain(v) for k, v in self.values.items()}

    def validate(self, callbacks):
        """The values on the data to validate on."""
        return self.validation(callbacks)


def plain(value):
    """A value of a step as History keeps it."""
    array = np.asarray(value.numpy() if hasattr(value, "numpy") else value)
    return float(array) if array.ndim == 0 else array.tolist()


def step(model, batch, train, own, class_weight=None):
    """One step on a batch."""
    if own:
        batch = tuple(as_batch(b) for b in _data.parts(batch) if b is not None)
        made = (model.train_step if train else model.test_step)(batch)
        return made if isinstance(made, dict) else {"loss": made}
    x, y, w = _data.parts(batch)
    return core_step(model, train, x, y, w, class_weight)


def as_batch(b):
    """A part of a batch as tensors."""
    return map_structure(lambda v: single(as_input(_data.as_array(v))), b)


def single(tensor):
    """A tensor in Keras's element type: numbers in double precision are float32 there."""
    return _addax.tensor(tensor, "float32") if getattr(tensor, "dtype", None) == "float64" else tensor


def core_step(model, train, x, y, w, class_weight=None):
    """One step on a batch by the core's plans; the values since they were reset."""
    model._build_for(x)
    x = _data.arrays(x, len(model._core.input_names()) > 1)
    y = _data.arrays(y, False)
    w = _data.arrays(w, False)
    if class_weight and w is None:
        labels = np.asarray(y)
        labels = labels.argmax(-1) if labels.ndim > 1 and labels.shape[-1] > 1 else labels.reshape(len(labels)).astype(int)
        w = np.asarray([class_weight.get(int(c), 1.0) for c in labels], "float32")
    return model._core.on_batch(train, x, y, w)


def fit(
    model,
    x,
    y,
    batch_size,
    epochs,
    verbose,
    callbacks,
    validation_split,
    validation_data,
    shuffle,
    class_weight,
    sample_weight,
    initial_epoch,
    steps_per_epoch,
    validation_steps,
    validation_batch_size,
    validation_freq,
):
    """Trains; gives the History."""
    from ._models import History

    need_compiled(model, "fit")
    whole("epochs", epochs, 0)
    from .keras import config

    bound = lambda x, most: x if most is None else min(x, most) if x is not None else most  # noqa: E731
    epochs, steps_per_epoch = bound(epochs, config.max_epochs()), bound(steps_per_epoch, config.max_steps_per_epoch())
    whole("batch_size", batch_size, 1)
    whole("steps_per_epoch", steps_per_epoch, 1)
    progress = Progress(verbose, epochs)
    own = eager_steps(model, True)
    steps = make_steps(model, x, y, sample_weight, batch_size, class_weight, validation_split, validation_data, shuffle,
                       initial_epoch, steps_per_epoch, validation_steps, validation_batch_size, own)  # fmt: skip
    params = {"verbose": progress.verbose, "epochs": epochs, "steps": steps.total}
    told = callback_list(callbacks, model, params)
    history = History()
    history.model, history.params = model, params
    model.__dict__["history"] = history
    model.stop_training = False
    per_call = model._compiled["steps_per_execution"] if model._compiled else 1
    told.on_train_begin()
    logs = {}
    try:
        for epoch in range(initial_epoch, epochs):
            logs = one_epoch(model, steps, epoch, told, progress, history, validation_freq, per_call)
            if model.stop_training:
                break
    finally:
        if model._core is not None and not own and model._compiled is not None:
            model._core.finish()
    told.on_train_end(logs)
    return history


def one_epoch(model, steps, epoch, told, progress, history, validation_freq, per_call):
    """One epoch; its values."""
    steps.begin()
    told.on_epoch_begin(epoch)
    progress.begin(epoch)
    done = 0
    try:
        while steps.total is None or done < steps.total:
            if told.wants_batches:
                told.on_train_batch_begin(done)
                made = steps.run(per_call if per_call > 1 else 1)
                if made and told.hears("on_train_batch_end"):
                    told.on_train_batch_end(done + made - 1, steps.logs())
            else:
                made = steps.run(sys.maxsize)
            if not made:
                break
            done += made
            if progress.due() and (steps.total is None or done < steps.total):
                progress.draw(done, steps.total, steps.logs())
            if model.stop_training:
                break
    except KeyboardInterrupt:
        # What was done of the epoch is kept.
        if done:
            keep(history, epoch, steps.logs())
        raise
    logs = dict(steps.logs())
    if steps.validates and due(validation_freq, epoch):
        logs.update({f"val_{k}": v for k, v in steps.validate(told).items()})
    told.on_epoch_end(epoch, logs)
    keep(history, epoch, logs)
    progress.end(done, logs)
    return logs


def keep(history, epoch, logs):
    """Puts the values of an epoch into History."""
    history.epoch.append(epoch)
    for k, v in logs.items():
        history.history.setdefault(k, []).append(v)


def due(frequency, epoch):
    """Whether the model is validated after an epoch."""
    if isinstance(frequency, (list, tuple, set)):
        return epoch + 1 in frequency
    return (epoch + 1) % max(1, int(frequency)) == 0


def whole(name, value, least):
    """Refuses what is no whole number, or too small."""
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise ValueError(f"{name}: expected a whole number, got {value!r}")
    if value < least:
        raise ValueError(f"{name}: expected at least {least}, got {value}")


def make_steps(model, x, y, sample_weight, batch_size, class_weight, validation_split, validation_data, shuffle,
               initial_epoch, steps_per_epoch, validation_steps, validation_batch_size, own):  # fmt: skip
    """Who makes the steps for this data."""
    stream = _data.is_stream(x)
    validation = None
    if validation_data is not None:
        if _data.is_stream(validation_data):
            validation = (validation_data, None, None)
        elif isinstance(validation_data, (tuple, list)) and len(validation_data) in (1, 2, 3):
            validation = _data.parts(tuple(validation_data))
        else:
            raise ValueError(
                f"validation_data: expected (x, y) or (x, y, sample_weight) or a data set, got {type(validation_data).__name__}"
            )
    validation_streams = validation is not None and _data.is_stream(validation[0])
    if not stream and not own and not validation_streams:
        asked = {
            "batch_size": batch_size,
            "steps_per_epoch": steps_per_epoch,
            "initial_epoch": initial_epoch,
            "shuffle": "batch" if shuffle == "batch" else ("rows" if shuffle else None),
            "validation_split": float(validation_split or 0.0),
            "validation_batch_size": validation_batch_size,
            "validation_steps": validation_steps,
        }
        if validation_split and validation is not None:
            asked["validation_split"] = 0.0
        return ArraySteps(model, x, y, sample_weight, class_weight, validation, asked)
    if stream and y is not None:
        raise ValueError("`y` should not be passed if `x` is a data set or generator: its batches hold the targets.")
    if stream and validation_split:
        raise ValueError("`validation_split` is only supported for arrays, not for data sets and generators.")
    if stream:
        source = _data.Stream(x, steps_per_epoch, bool(shuffle))
        batches, total = source.epoch, source.steps
    else:
        x, y, sample_weight = (_data.arrays(a, False) for a in (x, y, sample_weight))
        if validation_split and validation is None:
            (x, y, sample_weight), validation = _data.split(x, y, sample_weight, validation_split)
        size = batch_size or 32
        rows = _data.rows_of(x)
        if rows == 0:
            raise ValueError("x: expected at least one row, got none")
        total = steps_per_epoch or -(-rows // size)
        rng = np.random.default_rng(_addax.fresh_seed())
        batches = lambda: _data.batches(x, y, sample_weight, size, bool(shuffle), rng)  # noqa: E731
    check = None
    if validation is not None:
        check = lambda told: evaluated(model, *validation, validation_batch_size or batch_size, validation_steps, told)  # noqa: E731
    return BatchSteps(model, batches, total, own, check, class_weight)


def evaluated(model, x, y, w, batch_size, steps, told):
    """Loss and metrics on data."""
    own = eager_steps(model, False)
    told.on_test_begin()
    if not _data.is_stream(x) and not own:
        logs = array_evaluation(model, x, y, w, batch_size, steps, told)
    else:
        model.reset_metrics()
        logs = {}
        if _data.is_stream(x):
            batches = _data.Stream(x, steps).epoch()
        else:
            x, y, w = (_data.arrays(a, False) for a in (x, y, w))
            batches = _data.batches(x, y, w, batch_size or 32, False, None)
        for i, batch in enumerate(batches):
            if steps is not None and i >= steps:
                break
            told.on_test_batch_begin(i)
            logs = step(model, batch, False, own)
            told.on_test_batch_end(i, logs)
        logs = {k: plain(v) for k, v in logs.items()}
    told.on_test_end(logs)
    return logs


def array_evaluation(model, x, y, w, batch_size, steps, told):
    """Loss and metrics on arrays, by the core's plans."""
    model._build_for(x)
    core = model._core
    several = len(core.input_names()) > 1
    course = core.evaluation(_data.arrays(x, several), _data.arrays(y, False), _data.arrays(w, False), batch_size, steps)
    course.begin_epoch(core)
    done = 0
    while True:
        if told.wants_batches:
            told.on_test_batch_begin(done)
        made = course.test(core, 1 if told.wants_batches else sys.maxsize, SLICE)
        if not made:
            break
        done += made
        if told.wants_batches:
            told.on_test_batch_end(done - 1, course.results(core))
    return course.results(core)


def evaluate(model, x, y, batch_size, verbose, sample_weight, steps, callbacks, return_dict):
    """Loss and metrics on data."""
    need_compiled(model, "evaluate")
    whole("batch_size", batch_size, 1)
    progress = Progress(verbose, None)
    told = callback_list(callbacks, model, {"verbose": progress.verbose, "epochs": 1, "steps": steps})
    progress.begin(0)
    logs = evaluated(model, x, y, sample_weight, batch_size, steps, told)
    count = steps or (-(-_data.rows_of(x) // (batch_size or 32)) if not _data.is_stream(x) else 1)
    progress.end(count, logs)
    return logs if return_dict else listed(model, logs)


def listed(model, logs):
    """The values in Keras's order: the loss alone, or a list."""
    if model._core is not None and model._compiled is not None and not eager_steps(model, False):
        order = model._core.in_compile_order(logs)
    else:
        order = list(logs)
    values = [logs[k] for k in order]
    return values[0] if len(values) == 1 else values


def predict(model, x, batch_size, verbose, steps, callbacks):
    """The outputs for all rows."""
    whole("batch_size", batch_size, 1)
    if callbacks is None and type(x) is np.ndarray and model._core is not None and not step_is_own(model, "predict_step"):
        outputs = model._core.predict(x, batch_size or 32)
        return outputs[0] if len(outputs) == 1 and model._output_structure is None else structured(model, outputs)
    told = callback_list(callbacks, model, {"verbose": 0, "epochs": 1, "steps": steps})
    told.on_predict_begin()
    own = step_is_own(model, "predict_step")
    if _data.is_stream(x) or own:
        made = []
        if _data.is_stream(x):
            batches = _data.Stream(x, steps).epoch()
        else:
            batches = _data.batches(_data.arrays(x, False), None, None, batch_size or 32, False, None)
        for i, batch in enumerate(batches):
            told.on_predict_batch_begin(i)
            if own:
                outputs = model.predict_step(tuple(as_batch(b) for b in _data.parts(batch) if b is not None))
                structure, flat = outputs, [np.asarray(o) for o in leaves(outputs)]
            else:
                flat = raw_predict(model, _data.parts(batch)[0], 10**9)
                structure = structured(model, flat)
            made.append(flat)
            told.on_predict_batch_end(i, {"outputs": flat})
        result = pack(structure, [np.concatenate(list(column)) for column in zip(*made)])
    else:
        result = structured(model, raw_predict(model, x, batch_size or 32))
    told.on_predict_end()
    return result


def raw_predict(model, x, batch_size):
    """The outputs in a list."""
    model._build_for(x)
    return model._core.predict(_data.arrays(x, len(model._core.input_names()) > 1), batch_size)


def structured(model, outputs):
    """The outputs in the structure of the model."""
    structure = model._output_structure
    if structure is None:
        return outputs[0] if len(outputs) == 1 else list(outputs)
    return pack(structure, outputs)


def on_batch(model, train, x, y, sample_weight, class_weight, return_dict):
    """One step, or loss and metrics, on a batch."""
    need_compiled(model, "train_on_batch" if train else "test_on_batch")
    own = eager_steps(model, train)
    if own:
        batch = tuple(b for b in (x, y, sample_weight) if b is not None)
        logs = {k: plain(v) for k, v in step(model, batch, train, True).items()}
    else:
        logs = core_step(model, train, x, y, sample_weight, class_weight)
    return logs if return_dict else listed(model, logs)


# Steps that are written in Python.


def summary_of_layers(model):
    """The table of the layers of a model that is no network."""
    rows = []
    for layer in model.layers:
        count = layer.count_params()
        rows.append((f"{layer.name} ({type(layer).__name__})", "?", f"{count:,}" if layer.weights else "0 (unbuilt)"))
    header = ("Layer (type)", "Output Shape", "Param #")
    widths = [max([len(r[i]) for r in rows + [header]] + [least]) for i, least in enumerate((31, 22, 13))]
    rule = lambda left, line, cross, right: left + cross.join(line * (w + 2) for w in widths) + right  # noqa: E731
    cells = lambda r, bar: f"{bar} {r[0]:<{widths[0]}} {bar} {r[1]:<{widths[1]}} {bar} {r[2]:>{widths[2]}} {bar}"  # noqa: E731
    lines = [f'Model: "{model.name}"', rule("┏", "━", "┳", "┓"), cells(header, "┃"), rule("┡", "━", "╇", "┩")]
    for i, row in enumerate(rows):
        lines.append(cells(row, "│"))
        lines.append(rule("├", "─", "┼", "┤") if i + 1 < len(rows) else rule("└", "─", "┴", "┘"))
    total = sum(int(np.prod(w.shape)) for w in model.weights)
    open_ = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    for what, count in (("Total", total), ("Trainable", open_), ("Non-trainable", total - open_)):
        lines.append(f" {what} params: {count:,} ({size(count * 4)})")
    return "\n".join(lines)


def size(bytes_):
    """A number of bytes as Keras writes it."""
    for unit in ("B", "KB", "MB", "GB"):
        if bytes_ < 1024 or unit == "GB":
            return f"{bytes_:.2f} {unit}"
        bytes_ /= 1024
