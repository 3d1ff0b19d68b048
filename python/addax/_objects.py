"""Objects of the tables that are no layers: initializers, regularizers, constraints, losses, metrics, optimizers, schedules."""

import weakref

import numpy as np

from . import _addax, _registry, _tables

#: Objects that a model made from a file must keep alive.
_kept = weakref.WeakValueDictionary()
_alive = []


def keep(made):
    """The handle of an object that Rust asked for; the object lives on in the handle or here."""
    handle = as_handle(made)
    _alive.append(made)
    return handle


def identity(target):
    """Class name, module and registered name of an own class or function."""
    module = getattr(target, "__module__", "__main__") or "__main__"
    name = getattr(target, "__name__", type(target).__name__)
    registered = _registry.NAMES.get(target)
    return (name, module, registered if registered else f"{name}")


class Described:
    """An object whose class stands in a table, or that a subclass written in Python describes."""

    _kind = None
    _description = None

    def __init__(self, *args, **kwargs):
        description = type(self)._description
        if description is None:
            if args or kwargs:
                raise TypeError(f"{type(self).__name__}() takes no arguments")
            return
        self._given = _tables.bind(description, args, kwargs)
        self._made = None
        _ = self._handle

    @property
    def _handle(self):
        if self._description is None:
            return self._own_handle()
        if self._made is None:
            config = {k: encoded(k, v) for k, v in self._given.items()}
            self._made = _addax.Handle.make(self._kind, self._description["name"], config)
        return self._made

    def _own_handle(self):
        raise NotImplementedError(f"{type(self).__name__} cannot be used here")

    def __getattr__(self, name):
        description = type(self)._description
        if description is not None and not name.startswith("_"):
            for arg, _, default, _ in description["args"]:
                if arg == name:
                    return self._given.get(name, default)
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def get_config(self):
        """Its arguments."""
        return {} if self._description is None else self._handle.config()

    def _own_config(self):
        return self.get_config()

    @classmethod
    def from_config(cls, config):
        """One with these arguments."""
        return cls(**config)

    def __repr__(self):
        arguments = ", ".join(f"{k}={v!r}" for k, v in getattr(self, "_given", {}).items())
        return f"<{type(self).__name__}({arguments})>"


def make_class(kind, name, parent, module, extra=()):
    """The Python class of a table line."""
    description = _tables.describe(kind, name)
    body = {
        "_kind": kind,
        "_description": description,
        "__doc__": _tables.docs(description),
        "__module__": module,
        "__signature__": _tables.signature(description["args"], extra),
    }
    return type(name, (parent,), body)


def as_handle(value):
    """What the core takes for an object."""
    return getattr(value, "_handle", value)


KINDS = (
    ("initializer", "initializers"),
    ("regularizer", "regularizers"),
    ("constraint", "constraints"),
    ("activation", "activations"),
)


def encoded(name, value):
    """An argument as the core takes it: own functions and classes become objects of the kind that its name says."""
    if isinstance(value, (list, tuple)):
        return [encoded(name, v) for v in value]
    if isinstance(value, type) and hasattr(value, "_handle"):
        value = value()
    if hasattr(value, "_handle"):
        return value._handle
    if hasattr(value, "_config_value"):
        return value._config_value
    if callable(value) and not isinstance(value, (type, np.generic)):
        for suffix, kind in KINDS:
            if name.endswith(suffix):
                return own_function(kind, value)
    return value


def own_function(kind, function):
    """A function of yours in the place of an object."""
    if kind == "initializers":
        return _addax.make_initializer(lambda shape: function(tuple(shape), dtype="float32"), identity(function))
    if kind == "regularizers":
        return _addax.make_regularizer(function, identity(function))
    if kind == "constraints":
        return _addax.make_constraint(function, identity(function))
    from ._layers import activation_layer

    return activation_layer(function)._handle


class Initializer(Described):
    """Makes the first values of weights: `__call__(shape, dtype=None)`."""

    _kind = "initializers"

    def _own_handle(self):
        return _addax.make_initializer(lambda shape: self(tuple(shape), dtype="float32"), identity(type(self)))

    def __call__(self, shape, dtype=None):
        """First values of a shape."""
        if self._description is None:
            raise NotImplementedError("Initializer subclasses must implement the `__call__()` method.")
        made = _addax.initial(self._handle, [int(d) for d in shape], None)
        return _addax.tensor(made, dtype or "float32")

    def clone(self):
        """Another one like it."""
        return type(self).from_config(self.get_config())


class Regularizer(Described):
    """A penalty on a tensor: `__call__(x)`."""

    _kind = "regularizers"

    def _own_handle(self):
        return _addax.make_regularizer(self, identity(type(self)))

    def __call__(self, x):
        """The penalty."""
        if self._description is None:
            return 0.0
        return _addax.penalty(self._handle, x)


class Constraint(Described):
    """Brings a weight back where it belongs: `__call__(w)`."""

    _kind = "constraints"

    def _own_handle(self):
        return _addax.make_constraint(self, identity(type(self)))

    def __call__(self, w):
        """The constrained weight."""
        if self._description is None:
            return w
        return _addax.constrained(self._handle, w)


class Loss(Described):
    """A loss: `call(y_true, y_pred)` gives one number per sample."""

    _kind = "losses"

    def __init__(self, *args, **kwargs):
        if type(self)._description is not None:
            super().__init__(*args, **kwargs)
            return
        names = ("name", "reduction", "dtype")
        given = {**dict(zip(names, args)), **kwargs}
        for key in given:
            if key not in names:
                raise TypeError(f"Loss.__init__() got an unexpected keyword argument '{key}'")
        self.name = given.get("name") or type(self).__name__
        self.reduction = given.get("reduction", "sum_over_batch_size") or "none"
        self.dtype = given.get("dtype")

    def _own_handle(self):
        return _addax.make_loss(self, identity(type(self)), getattr(self, "reduction", "sum_over_batch_size"))

    def call(self, y_true, y_pred):
        """One number per sample."""
        if self._description is None:
            raise NotImplementedError("Loss subclasses must implement `call()`.")
        return _addax.loss_values(self._handle, y_true, y_pred)

    def __call__(self, y_true, y_pred, sample_weight=None):
        """The reduced loss."""
        return _addax.reduced_loss(self._handle, y_true, y_pred, sample_weight)

    def get_config(self):
        """Its arguments."""
        if self._description is not None:
            return super().get_config()
        return {"name": self.name, "reduction": self.reduction}


class Metric(Described):
    """A metric: `update_state` adds a batch to its variables, `result` reads them."""

    _kind = "metrics"

    def __init__(self, *args, **kwargs):
        self._variables = []
        if type(self)._description is not None:
            super().__init__(*args, **kwargs)
            self.name = self._given.get("name") or self._handle.config().get("name") or _addax.unique_name(type(self).__name__)
            self._totals = None
            return
        given = {**dict(zip(("dtype", "name"), args)), **kwargs}
        self.name = given.pop("name", None) or _addax.unique_name(type(self).__name__)
        self._dtype = given.pop("dtype", None)
        if given:
            raise TypeError(f"Metric.__init__() got an unexpected keyword argument '{next(iter(given))}'")

    @property
    def _handle(self):
        if self._description is None:
            return _addax.make_metric(self, identity(type(self)), self.name)
        return Described._handle.fget(self)

    @property
    def dtype(self):
        """The element type that it computes in."""
        return "float32"

    def add_variable(self, shape=(), initializer="zeros", dtype=None, aggregation=None, name=None):
        """A variable that begins anew with each epoch."""
        from ._variables import make_variable

        variable = make_variable(name or "variable", shape, dtype or "float32", initializer, trainable=False)
        self._variables.append(variable)
        return variable

    def add_weight(self, shape=(), initializer="zeros", dtype=None, name=None, **_):
        """A variable that begins anew with each epoch."""
        return self.add_variable(shape, initializer, dtype, None, name)

    @property
    def variables(self):
        """Its variables."""
        return list(self._variables)

    def reset_state(self):
        """Begins anew."""
        self._totals = None
        for variable in self._variables:
            variable.assign(np.zeros(variable.shape, "float32"))

    reset_states = reset_state

    def update_state(self, *args, **kwargs):
        """Adds a batch."""
        if self._description is None:
            raise NotImplementedError("Metric subclasses must implement `update_state()`.")
        y_true, y_pred, weight = metric_arguments(args, kwargs)
        self._totals = _addax.metric_update(self._handle, self._totals, y_true, y_pred, weight)

    def result(self):
        """What it says so far."""
        if self._description is None:
            raise NotImplementedError("Metric subclasses must implement `result()`.")
        if self._totals is None:
            return _addax.tensor(0.0)
        return _addax.tensor(np.asarray(_addax.metric_result(self._handle, self._totals), "float32"))

    def __call__(self, *args, **kwargs):
        """Adds a batch, and what it says then."""
        self.update_state(*args, **kwargs)
        return self.result()

    def get_config(self):
        """Its arguments."""
        if self._description is not None:
            return super().get_config()
        return {"name": self.name, "dtype": self.dtype}


def metric_arguments(args, kwargs):
    """Targets, outputs and weights; metrics of values have no targets."""
    given = {**dict(zip(("y_true", "y_pred", "sample_weight"), args)), **kwargs}
    if "values" in given:
        given["y_true"] = given["values"]
    return given.get("y_true"), given.get("y_pred"), given.get("sample_weight")


class LearningRateSchedule(Described):
    """A learning rate that depends on the step: `__call__(step)`."""

    _kind = "schedules"

    def __call__(self, step):
        """The learning rate at a step."""
        if self._description is None:
            raise NotImplementedError(f"Learning rate schedule '{type(self).__name__}' must override `__call__(self, step)`.")
        return _addax.tensor(np.float32(_addax.scheduled(self._handle, int(np.asarray(step)))))


class Optimizer(Described):
    """An optimizer."""

    _kind = "optimizers"

    def __init__(self, *args, **kwargs):
        if type(self)._description is None:
            raise NotImplementedError("Optimizers written in Python cannot be compiled into a model yet: subclass none.")
        self._model = None
        self._undecayed = []
        self._applied = None
        super().__init__(*args, **kwargs)
        self.name = self._handle.config().get("name")

    def __setattr__(self, name, value):
        if name == "learning_rate":
            return self._set_rate(value)
        if name == "lr":
            return self._set_rate(value)
        object.__setattr__(self, name, value)

    def _core(self):
        model = self._model() if self._model is not None else None
        return model._core if model is not None else None

    @property
    def learning_rate(self):
        """The learning rate of the next step."""
        from ._variables import Rate

        return Rate(self)

    lr = learning_rate

    def _rate(self):
        core = self._core()
        progress = core.progress() if core is not None else None
        if progress is not None:
            return progress[0]
        given = self._handle.config()["learning_rate"]
        if isinstance(given, dict):
            return float(np.asarray(_addax.scheduled(_addax.Handle.read("schedules", given), self.iterations_done())))
        return given

    def iterations_done(self):
        """How many steps it has taken."""
        core = self._core()
        progress = core.progress() if core is not None else None
        if progress is not None:
            return progress[1]
        return 0 if self._applied is None else self._applied.steps

    def _set_rate(self, value):
        if isinstance(value, LearningRateSchedule):
            self._given["learning_rate"] = value
            self._made = None
            return
        rate = float(np.asarray(value.numpy() if hasattr(value, "numpy") else value))
        self._given["learning_rate"] = rate
        self._made = None
        if self._core() is not None:
            self._core().set_learning_rate(rate)

    @property
    def iterations(self):
        """How many steps it has taken."""
        return _addax.Variable.of("iteration", np.int32(self.iterations_done()), False)

    def exclude_from_weight_decay(self, var_list=None, var_names=None):
        """Weights whose name a pattern is found in do not decay."""
        self._undecayed += list(var_names or []) + [v.name for v in var_list or []]

    @property
    def variables(self):
        """What it keeps between steps."""
        core = self._core()
        state = core.optimizer_state() if core is not None else []
        return [_addax.Variable.of(path, value, False) for path, value in state]

    def build(self, variables):
        """Makes what it keeps for these variables."""
        self._applied = _addax.Applied(self._handle, list(variables))

    def apply(self, grads, trainable_variables=None):
        """One step on variables."""
        if trainable_variables is None:
            raise ValueError("apply: expected the variables beside the gradients")
        pairs = [(g, v) for g, v in zip(grads, trainable_variables) if g is not None]
        variables = list(trainable_variables)
        if self._applied is None:
            self.build(variables)
        self._applied.step(self._handle, [v for _, v in pairs], [g for g, _ in pairs])

    def apply_gradients(self, grads_and_vars):
        """One step on pairs of gradient and variable."""
        grads, variables = zip(*grads_and_vars)
        self.apply(grads, variables)


PARENTS = {
    "initializers": Initializer,
    "regularizers": Regularizer,
    "constraints": Constraint,
    "losses": Loss,
    "metrics": Metric,
    "optimizers": Optimizer,
    "schedules": LearningRateSchedule,
}

_classes = {}


def table_class(kind, name):
    """The Python class of a table line, made at the first use."""
    key = (kind, name)
    if key not in _classes:
        module = "addax.keras.optimizers.schedules" if kind == "schedules" else f"addax.keras.{kind}"
        _classes[key] = make_class(kind, name, PARENTS[kind], module)
    return _classes[key]


def get(kind, identifier):
    """An object of a kind by name, config or instance."""
    if identifier is None or isinstance(identifier, PARENTS[kind]):
        return identifier
    if isinstance(identifier, type) and issubclass(identifier, PARENTS[kind]):
        return identifier()
    if isinstance(identifier, (str, dict)):
        own = own_object(identifier)
        if own is not None:
            return own
        handle = _addax.Handle.read(kind, identifier)
        return wrapped(kind, handle)
    if callable(identifier):
        return identifier
    raise ValueError(f"Could not interpret {kind[:-1]} identifier: {identifier!r}")


def own_object(identifier):
    """An object of a registered class."""
    name = identifier if isinstance(identifier, str) else identifier.get("registered_name") or identifier.get("class_name")
    if not isinstance(name, str) or not _registry.knows(name):
        return None
    target = _registry.find(name)
    if not isinstance(target, type):
        return target
    return target() if isinstance(identifier, str) else target.from_config(identifier.get("config") or {})


def wrapped(kind, handle):
    """The Python object of a handle."""
    cls = table_class(kind, handle.class_name)
    made = cls.__new__(cls)
    config = handle.config()
    if kind == "optimizers":
        object.__setattr__(made, "_model", None)
        made._undecayed, made._applied, made.name = [], None, config.get("name")
    if kind == "metrics":
        made._variables, made._totals = [], None
        made.name = config.get("name") or _addax.unique_name(cls.__name__)
    made._given, made._made = config, handle
    return made


def serialize(value):
    """An object in Keras's form."""
    if isinstance(value, Described) and value._description is not None:
        return value._handle.to_json()
    if hasattr(value, "_config_value"):
        return value._config_value["config"]
    target = type(value) if hasattr(value, "get_config") else value
    name, module, registered = identity(target)
    config = value.get_config() if hasattr(value, "get_config") else name
    kind = name if hasattr(value, "get_config") else "function"
    return {"module": module, "class_name": kind, "config": config, "registered_name": registered}
