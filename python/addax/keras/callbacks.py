"""`keras.callbacks`: told of epochs and batches."""

import csv
import os
import time
import warnings

import numpy as np

from .._models import History as _History

_EVENTS = [
    f"on_{what}_{when}" for what in ("train", "test", "predict", "epoch", "train_batch", "test_batch", "predict_batch") for when in ("begin", "end")
]


class Callback:
    """Told of the course of training: replace the methods of what you want to know."""

    def __init__(self):
        self.params, self._model = None, None

    def set_params(self, params):
        """Takes the parameters of a run."""
        self.params = params

    def set_model(self, model):
        """Takes the model of a run."""
        self._model = model

    @property
    def model(self):
        """The model that is trained."""
        return self.__dict__.get("_model")

    def on_batch_begin(self, batch, logs=None):
        """Before a batch, under its old name."""

    def on_batch_end(self, batch, logs=None):
        """After a batch, under its old name."""

    def on_train_batch_begin(self, batch, logs=None):
        """Before a batch."""
        self.on_batch_begin(batch, logs=logs)

    def on_train_batch_end(self, batch, logs=None):
        """After a batch."""
        self.on_batch_end(batch, logs=logs)


def _nothing(name):
    def method(self, *args, **kwargs):
        """Nothing, unless it is replaced."""

    method.__name__ = name
    return method


for _event in _EVENTS:
    if not hasattr(Callback, _event):
        setattr(Callback, _event, _nothing(_event))


class CallbackList(Callback):
    """Callbacks in their order."""

    def __init__(self, callbacks=None, add_history=False, add_progbar=False, model=None, **params):
        super().__init__()
        given = [] if callbacks is None else list(callbacks) if isinstance(callbacks, (list, tuple)) else [callbacks]
        for one in given:
            if not hasattr(one, "on_epoch_end"):
                raise TypeError(f"callbacks: expected instances of Callback, got {type(one).__name__}")
        self.callbacks = given
        self._tellers = {}
        self.set_params(params)
        if model is not None:
            self.set_model(model)
        for event in _EVENTS:
            own = [getattr(c, event) for c in given if _replaces(c, event)]
            self._tellers[event] = own
        self.wants_batches = any(self._tellers[f"on_{k}_batch_{w}"] for k in ("train", "test") for w in ("begin", "end"))

    def hears(self, event):
        """Whether anybody wants to know of an event."""
        return bool(self._tellers[event])

    def append(self, callback):
        """Adds a callback."""
        self.__init__(self.callbacks + [callback], model=self.model, **(self.params or {}))

    def set_params(self, params):
        """Takes the parameters of a run."""
        self.params = params
        for one in getattr(self, "callbacks", []):
            one.set_params(params)

    def set_model(self, model):
        """Takes the model of a run."""
        self._model = model
        for one in self.callbacks:
            one.set_model(model)


def _replaces(callback, event):
    """Whether a callback does something at an event."""
    own = getattr(type(callback), event, None)
    if own is not getattr(Callback, event) or event in callback.__dict__:
        return True
    old = {"on_train_batch_begin": "on_batch_begin", "on_train_batch_end": "on_batch_end"}.get(event)
    return old is not None and getattr(type(callback), old, None) is not getattr(Callback, old)


def _teller(event):
    batches = "batch" in event or "epoch" in event

    def by_number(self, number, logs=None):
        for tell in self._tellers[event]:
            tell(number, logs if logs is not None else {})

    def plainly(self, logs=None):
        for tell in self._tellers[event]:
            tell(logs if logs is not None else {})

    made = by_number if batches else plainly
    made.__name__ = event
    made.__doc__ = "Tells all callbacks."
    return made


for _event in _EVENTS:
    setattr(CallbackList, _event, _teller(_event))


class History(_History, Callback):
    """The values of all epochs, for whoever puts one in the list."""

    def __init__(self):
        Callback.__init__(self)
        self.history, self.epoch = {}, []

    def on_train_begin(self, logs=None):
        """Begins anew."""
        self.epoch = []

    def on_epoch_end(self, epoch, logs=None):
        """Keeps the values."""
        self.epoch.append(epoch)
        for k, v in (logs or {}).items():
            self.history.setdefault(k, []).append(v)


class LambdaCallback(Callback):
    """Functions in the place of methods."""

    def __init__(self, on_epoch_begin=None, on_epoch_end=None, on_train_begin=None, on_train_end=None, on_train_batch_begin=None, on_train_batch_end=None, **kwargs):
        super().__init__()
        given = {k: v for k, v in locals().items() if k.startswith("on_") and v is not None}
        self.__dict__.update({**given, **kwargs})


class Monitored(Callback):
    """Looks at one value, and knows which way it gets better."""

    def __init__(self, monitor, mode, min_delta=0.0):
        super().__init__()
        if mode not in ("auto", "min", "max"):
            warnings.warn(f"{type(self).__name__} mode '{mode}' is unknown, fallback to auto mode.", stacklevel=3)
            mode = "auto"
        self.monitor, self.mode, self.min_delta, self.monitor_op = monitor, mode, abs(min_delta), None

    def _set_monitor_op(self):
        name = self.monitor[4:] if self.monitor.startswith("val_") else self.monitor
        up = self.mode == "max" or self.mode == "auto" and (
            any(w in name for w in ("acc", "auc", "precision", "recall", "f1", "iou", "r2", "top_k")) and "loss" not in name
        )
        self.monitor_op = np.greater if up else np.less
        self.min_delta = abs(self.min_delta) if up else -abs(self.min_delta)

    def _is_improvement(self, value, reference):
        return reference is None or bool(self.monitor_op(value - self.min_delta, reference))

    def get_monitor_value(self, logs):
        """The value of an epoch; a warning if there is none."""
        value = (logs or {}).get(self.monitor)
        if value is None:
            known = ",".join(list((logs or {}).keys()))
            warnings.warn(f"{type(self).__name__}: `{self.monitor}` is not available. Available metrics are: {known}", stacklevel=2)
        return value


class EarlyStopping(Monitored):
    """Ends the training when a value no longer gets better."""

    def __init__(self, monitor="val_loss", min_delta=0, patience=0, verbose=0, mode="auto", baseline=None, restore_best_weights=False, start_from_epoch=0):
        super().__init__(monitor, mode, min_delta)
        self.patience, self.verbose, self.baseline = patience, verbose, baseline
        self.restore_best_weights, self.start_from_epoch = restore_best_weights, start_from_epoch
        self.wait, self.stopped_epoch, self.best, self.best_weights, self.best_epoch = 0, 0, None, None, 0

    def on_train_begin(self, logs=None):
        """Begins anew."""
        self.wait, self.stopped_epoch, self.best, self.best_weights, self.best_epoch = 0, 0, None, None, 0

    def on_epoch_end(self, epoch, logs=None):
        """Looks at the value of the epoch."""
        if self.monitor_op is None:
            self._set_monitor_op()
        current = self.get_monitor_value(logs)
        if current is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self.best_weights, self.best_epoch = self.model.get_weights(), epoch
        self.wait += 1
        if self._is_improvement(current, self.best):
            self.best, self.best_epoch = current, epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            if self.baseline is None or self._is_improvement(current, self.baseline):
                self.wait = 0
            return
        if self.wait >= self.patience and epoch > 0:
            self.stopped_epoch, self.model.stop_training = epoch, True

    def on_train_end(self, logs=None):
        """Restores the best weights, if it was asked for."""
        if self.stopped_epoch > 0 and self.verbose > 0:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.restore_best_weights and self.best_weights is not None:
            if self.verbose > 0:
                print(f"Restoring model weights from the end of the best epoch: {self.best_epoch + 1}.")
            self.model.set_weights(self.best_weights)


class ReduceLROnPlateau(Monitored):
    """Makes the learning rate smaller when a value no longer gets better."""

    def __init__(self, monitor="val_loss", factor=0.1, patience=10, verbose=0, mode="auto", min_delta=1e-4, cooldown=0, min_lr=0.0, **kwargs):
        super().__init__(monitor, mode, min_delta)
        if factor >= 1.0:
            raise ValueError("ReduceLROnPlateau does not support a factor >= 1.0. Got {factor}".format(factor=factor))
        self.factor, self.patience, self.verbose, self.cooldown, self.min_lr = factor, patience, verbose, cooldown, min_lr
        self.wait, self.cooldown_counter, self.best = 0, 0, None

    def on_train_begin(self, logs=None):
        """Begins anew."""
        self.wait, self.cooldown_counter, self.best = 0, 0, None

    def in_cooldown(self):
        """Whether it waits after a reduction."""
        return self.cooldown_counter > 0

    def on_epoch_end(self, epoch, logs=None):
        """Looks at the value of the epoch."""
        if self.monitor_op is None:
            self._set_monitor_op()
        logs = logs if logs is not None else {}
        logs["learning_rate"] = float(self.model.optimizer.learning_rate)
        current = self.get_monitor_value(logs)
        if current is None:
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self._is_improvement(current, self.best):
            self.best, self.wait = current, 0
        elif not self.in_cooldown():
            self.wait += 1
            old = float(np.float32(self.model.optimizer.learning_rate))
            if self.wait >= self.patience and old > np.float32(self.min_lr):
                new = max(old * self.factor, self.min_lr)
                self.model.optimizer.learning_rate = new
                if self.verbose > 0:
                    print(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to {new}.")
                self.cooldown_counter, self.wait = self.cooldown, 0


class LearningRateScheduler(Callback):
    """Sets the learning rate of each epoch by a function of its number (and of the rate so far)."""

    def __init__(self, schedule, verbose=0):
        super().__init__()
        self.schedule, self.verbose = schedule, verbose

    def on_epoch_begin(self, epoch, logs=None):
        """Sets the rate of the epoch."""
        rate = float(self.model.optimizer.learning_rate)
        try:
            rate = self.schedule(epoch, rate)
        except TypeError:
            rate = self.schedule(epoch)
        if not isinstance(rate, (float, np.floating, np.float32)) and not hasattr(rate, "numpy"):
            raise ValueError(f"The output of the `schedule` function should be a float. Got: {rate}")
        self.model.optimizer.learning_rate = float(rate)
        if self.verbose > 0:
            print(f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to {float(rate)}.")

    def on_epoch_end(self, epoch, logs=None):
        """Tells the rate."""
        if logs is not None:
            logs["learning_rate"] = float(self.model.optimizer.learning_rate)


class ModelCheckpoint(Monitored):
    """Saves the model, or its weights, after epochs or batches: each, or only better ones."""

    def __init__(self, filepath, monitor="val_loss", verbose=0, save_best_only=False, save_weights_only=False, mode="auto", save_freq="epoch", initial_value_threshold=None):
        super().__init__(monitor, mode)
        self.filepath, self.verbose, self.save_best_only = os.fspath(filepath), verbose, save_best_only
        self.save_weights_only, self.save_freq, self.best = save_weights_only, save_freq, initial_value_threshold
        if save_freq != "epoch" and not isinstance(save_freq, int):
            raise ValueError(f"Unrecognized save_freq: {save_freq}. Expected save_freq are 'epoch' or integer values")
        end = ".weights.h5" if save_weights_only else (".keras", ".h5")
        if not self.filepath.endswith(end):
            raise ValueError(f"The filepath provided must end in `{end if isinstance(end, str) else '.keras'}`. Received: filepath={self.filepath}")
        self._seen, self._epoch = 0, 0

    def on_epoch_begin(self, epoch, logs=None):
        """Knows the epoch."""
        self._epoch = epoch

    def on_epoch_end(self, epoch, logs=None):
        """Saves after an epoch."""
        if self.save_freq == "epoch":
            self._save(epoch, None, logs)

    def on_train_batch_end(self, batch, logs=None):
        """Saves after batches."""
        if self.save_freq == "epoch":
            return
        self._seen += 1
        if self._seen >= self.save_freq:
            self._seen = 0
            self._save(self._epoch, batch, logs)

    def _save(self, epoch, batch, logs):
        logs = dict(logs or {})
        number = {"epoch": epoch + 1} if batch is None else {"epoch": epoch + 1, "batch": batch + 1}
        try:
            path = self.filepath.format(**number, **logs)
        except KeyError as e:
            raise KeyError(f'Failed to format this callback filepath: "{self.filepath}". Reason: {e}') from None
        if self.save_best_only:
            if self.monitor_op is None:
                self._set_monitor_op()
            current = self.get_monitor_value(logs)
            if current is None or not self._is_improvement(current, self.best):
                return
            self.best = current
        folder = os.path.dirname(path)
        if folder:
            os.makedirs(folder, exist_ok=True)
        if self.verbose > 0:
            print(f"\nEpoch {epoch + 1}: saving model to {path}")
        (self.model.save_weights if self.save_weights_only else self.model.save)(path)


class TerminateOnNaN(Callback):
    """Ends the training at the first loss that is no number."""

    def on_train_batch_end(self, batch, logs=None):
        """Looks at the loss."""
        loss = (logs or {}).get("loss")
        if loss is not None and not np.isfinite(loss):
            print(f"Batch {batch}: Invalid loss, terminating training")
            self.model.stop_training = True


class CSVLogger(Callback):
    """Writes the values of each epoch into a table."""

    def __init__(self, filename, separator=",", append=False):
        super().__init__()
        self.filename, self.sep, self.append = os.fspath(filename), separator, append
        self.writer, self.keys, self.file = None, None, None

    def on_train_begin(self, logs=None):
        """Opens the file."""
        there = self.append and os.path.exists(self.filename) and os.path.getsize(self.filename) > 0
        self.file = open(self.filename, "a" if self.append else "w", newline="")
        self.header, self.writer = not there, None

    def on_epoch_end(self, epoch, logs=None):
        """Writes a row."""
        logs = logs or {}
        if self.keys is None:
            self.keys = sorted(logs)
            extra = [f"val_{k}" for k in self.keys if f"val_{k}" not in self.keys and not k.startswith("val_")]
            if any(k.startswith("val_") for k in self.keys):
                extra = []
            self.keys = self.keys + extra if self.model is not None and extra and self.params and self.params.get("validates") else self.keys
        if self.writer is None:
            self.writer = csv.DictWriter(self.file, ["epoch", *self.keys], delimiter=self.sep)
            if self.header:
                self.writer.writeheader()
        row = {k: logs.get(k, "NA") for k in self.keys}
        row = {k: f'"[{", ".join(map(str, v))}]"' if isinstance(v, list) else v for k, v in row.items()}
        self.writer.writerow({"epoch": epoch, **row})
        self.file.flush()

    def on_train_end(self, logs=None):
        """Closes the file."""
        self.file.close()
        self.writer = None


class ProgbarLogger(Callback):
    """Nothing: the progress line is `fit`'s own."""

    def __init__(self):
        super().__init__()
        self.began = time.time()


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    from .._tables import missing

    raise missing(__name__, name, [n for n in globals() if n[0].isupper()])
