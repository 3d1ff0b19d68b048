"""Layers: those of the tables, and those that are written in Python."""

import inspect
import weakref

import numpy as np

from . import _addax, _objects, _tables
from ._tensors import KerasTensor, Tensor, Variable, dtype_name, leaves, map_structure, pack
from ._variables import make_variable

#: What every layer takes by name.
EVERY = {
    "name": None,
    "trainable": True,
    "dtype": None,
    "activity_regularizer": None,
    "autocast": True,
    "input_shape": None,
    "batch_input_shape": None,
    "batch_shape": None,
    "input_dim": None,
    "batch_size": None,
    "input_dtype": None,
    "weights": None,
    "sparse": None,
}

#: Python's objects of the layers at hand, by the core's addresses.
_objects_of = weakref.WeakValueDictionary()


def default_policy():
    """The dtype policy of layers that say none."""
    from .keras import config

    return config.dtype_policy().name


def policy_name(dtype):
    """The name of a dtype policy, however it is given."""
    if dtype is None:
        return default_policy()
    if isinstance(dtype, dict):
        return dtype.get("config", {}).get("name", "float32")
    return dtype_name(dtype)


class Layer:
    """A layer: `build(input_shape)` adds weights, `call(inputs)` computes. Its call is traced once and runs without Python."""

    _kind = "layers"
    _description = None
    _weak = False

    def __new__(cls, *args, **kwargs):
        made = object.__new__(cls)
        state = made.__dict__
        state["_attributes"] = {}
        state["_own_losses"] = []
        state["_handle_made"] = None
        state["built"] = False
        state["_structure"] = None
        state["_init_arguments"] = (args, kwargs)
        return made

    def __init__(self, *, activity_regularizer=None, trainable=True, dtype=None, autocast=True, name=None, **kwargs):
        shape = given_shape(kwargs)
        kwargs.pop("weights", None)
        if kwargs:
            name = next(iter(kwargs))
            raise ValueError(f"Unrecognized keyword arguments passed to {type(self).__name__}: {kwargs}")
        self._start(name, trainable, policy_name(dtype), shape, activity_regularizer)

    def _start(self, name, trainable, policy, shape, activity_regularizer):
        if name is not None and not isinstance(name, str):
            raise ValueError(f"Argument `name` must be a string. Received: {name}")
        cls = type(self)
        signature = call_signature(cls)
        object.__setattr__(self, "_activity_regularizer", activity_regularizer)
        self.__dict__["_handle_made"] = handle = _addax.make_layer(
            weakref.ref(self) if self._weak else self,
            self._weak,
            _objects.identity(cls),
            name or _addax.unique_name(cls.__name__),
            signature.names,
            False,
            policy,
            bool(trainable),
        )
        if shape is not None:
            handle = handle.with_input_shape(list(shape))
        self._take(handle)

    def _take(self, handle):
        """Stands for a layer of the core from now on."""
        self.__dict__["_handle_made"] = handle
        _objects_of[handle.address] = self

    @property
    def _handle(self):
        handle = self.__dict__.get("_handle_made")
        if handle is None:
            raise RuntimeError(
                f"In layer '{type(self).__name__}', you forgot to call `super().__init__()` as the first statement in the `__init__()` method."
            )
        return handle

    # What it is.

    @property
    def name(self):
        """Its name."""
        return self._handle.name

    @property
    def path(self):
        """Its name."""
        return self._handle.name

    @property
    def trainable(self):
        """Whether training may change its weights."""
        return self._handle.trainable

    @trainable.setter
    def trainable(self, value):
        self._handle.trainable = bool(value)
        for layer in self._flatten_layers(include_self=False, recursive=False):
            layer.trainable = bool(value)

    @property
    def dtype_policy(self):
        """In which element types it computes and keeps its weights."""
        from .keras.dtype_policies import DTypePolicy

        return DTypePolicy(self._handle.policy[0])

    @property
    def dtype(self):
        """The element type of its weights."""
        return self._handle.policy[2]

    variable_dtype = dtype

    @property
    def compute_dtype(self):
        """The element type in which it computes."""
        return self._handle.policy[1]

    # Attributes that are layers or variables belong to it.

    def __setattr__(self, name, value):
        if isinstance(getattr(type(self), name, None), property) and getattr(type(self), name).fset is not None:
            object.__setattr__(self, name, value)
            return
        if not name.startswith("__"):
            found = [v for v in leaves(value) if isinstance(v, (Layer, Variable))] if isinstance(
                value, (Layer, Variable, list, tuple, dict)
            ) else []
            if found and name not in HIDDEN:
                self._adopt(name, found)
        object.__setattr__(self, name, value)

    def _adopt(self, name, found):
        handle = self.__dict__.get("_handle_made")
        if handle is None:
            if self.__dict__.get("_core_made") is not None or self.__dict__.get("_layer_list") is not None:
                return
            raise RuntimeError(
                f"In layer '{type(self).__name__}', you forgot to call `super().__init__()` as the first statement in the `__init__()` method."
            )
        self._attributes[name] = found
        for i, one in enumerate(found):
            if isinstance(one, Variable):
                handle.adopt(one)
            elif one.__dict__.get("_handle_made") is not None or one._ready():
                handle.put_child(name if len(found) == 1 else f"{name}_{i}", one._handle)

    def _ready(self):
        """Whether the core knows it already."""
        return self.__dict__.get("_handle_made") is not None

    def _late_children(self):
        """Lists grow after they were assigned; models are built late: what is not the core's yet becomes it."""
        for name, value in list(self.__dict__.items()):
            if name in HIDDEN or name.startswith("__"):
                continue
            if isinstance(value, (Layer, list, tuple, dict)):
                found = [v for v in leaves(value) if isinstance(v, (Layer, Variable))]
                if found and found != self._attributes.get(name) or any(isinstance(v, Layer) for v in found):
                    self._adopt(name, found)

    def _flatten_layers(self, include_self=True, recursive=True):
        out = [self] if include_self else []
        seen = set()
        for found in self._inner_layers():
            if id(found) not in seen:
                seen.add(id(found))
                out.append(found)
                if recursive:
                    out += found._flatten_layers(include_self=False)
        return out

    def _inner_layers(self):
        out = []
        for name, value in self.__dict__.items():
            if name in HIDDEN or name.startswith("__"):
                continue
            if isinstance(value, (Layer, list, tuple, dict)):
                out += [v for v in leaves(value) if isinstance(v, Layer)]
        return out

    # Weights.

    def add_weight(
        self,
        shape=None,
        initializer=None,
        dtype=None,
        trainable=True,
        autocast=True,
        regularizer=None,
        constraint=None,
        aggregation="none",
        overwrite_with_gradient=False,
        name=None,
    ):
        """A weight of a shape, made by an initializer."""
        made = make_variable(
            name or "variable",
            () if shape is None else shape,
            dtype or self.variable_dtype,
            initializer,
            trainable,
            regularizer,
            constraint,
        )
        self._handle.adopt(made)
        return made

    def _weights(self):
        self._late_children()
        return self._handle.weights()

    @property
    def weights(self):
        """All weights, trainable ones of each layer first."""
        return [w for w, _ in self._weights()]

    @property
    def variables(self):
        """All weights."""
        return self.weights

    @property
    def trainable_weights(self):
        """Weights that training may change."""
        return [w for w, open_ in self._weights() if open_]

    @property
    def non_trainable_weights(self):
        """Weights that training may not change."""
        return [w for w, open_ in self._weights() if not open_]

    trainable_variables = trainable_weights
    non_trainable_variables = non_trainable_weights

    def count_params(self):
        """How many numbers its weights have."""
        return int(sum(np.prod(w.shape) for w in self.weights))

    def get_weights(self):
        """The numbers of all weights."""
        return [w.numpy() for w in self.weights]

    def set_weights(self, weights):
        """Gives all weights other numbers."""
        own = self.weights
        if len(own) != len(weights):
            raise ValueError(
                f"You called `set_weights(weights)` on layer '{self.name}' with a weight list of length {len(weights)}, "
                f"but the layer was expecting {len(own)} weights."
            )
        for variable, value in zip(own, weights):
            value = np.asarray(value)
            if tuple(variable.shape) != value.shape:
                raise ValueError(
                    f"Layer {self.name} weight shape {tuple(variable.shape)} is not compatible with provided weight shape {value.shape}."
                )
            variable.assign(value)

    # Building and calling.

    def build(self, input_shape=None):
        """Adds the weights for inputs of a shape."""
        if self._description is not None:
            self._build_by_call(input_shape)
        self.built = True

    def _build_by_call(self, shape):
        """Builds a layer of the tables by calling it on tensors of a model."""
        shapes = shape if shape and isinstance(shape[0], (list, tuple)) else [shape]
        dtype = "int32" if type(self).__name__ == "Embedding" else "float32"
        inputs = [_addax.input([None if d is None else int(d) for d in s], dtype, None) for s in shapes]
        self._handle.call((inputs[0],) if len(inputs) == 1 else (inputs,), None)

    def call(self, *args, **kwargs):
        """What it computes."""
        inner = self.__dict__.get("_inner")
        if inner is not None:
            return packed(inner.call(args, kwargs or None))
        raise NotImplementedError(f"Layer {type(self).__name__} does not have a `call()` method implemented.")

    def __call__(self, *args, **kwargs):
        """Computes at once, or makes a node of a model."""
        args = tuple(as_input(a) for a in args)
        kwargs = {k: v for k, v in kwargs.items() if not (v is None and k != "mask")}
        kwargs = {k: v if k in ("training",) else as_argument(v) for k, v in kwargs.items()}
        self._prepare(args)
        self._late_children()
        outputs = self._handle.call(args, kwargs or None)
        if outputs and isinstance(outputs[0], KerasTensor) and self._description is not None:
            self.__dict__["_last_ends"] = ([a for a in leaves(args) if isinstance(a, KerasTensor)], outputs)
        return self._packed(outputs)

    def _prepare(self, args):
        """What must be there before the core is called."""

    def _packed(self, outputs):
        if self._structure is not None:
            return pack(self._structure, outputs)
        return packed(outputs)

    def _call_inside(self, *args, **kwargs):
        """The core's way in: builds, calls, and gives all outputs in a list."""
        signature = call_signature(type(self))
        if not self.built:
            shapes = map_structure(lambda t: t.shape if hasattr(t, "shape") else None, args[0]) if args else None
            self._build_once(shapes)
        if signature.training and kwargs.get("training") is None:
            kwargs["training"] = bool(_addax.training())
        if not signature.training:
            kwargs.pop("training", None)
        if signature.mask and kwargs.get("mask") is None and args:
            kwargs["mask"] = _addax.mask(0)
        outputs = self.call(*args, **kwargs)
        self._late_children()
        if self._activity_regularizer is not None:
            penalty = _objects.get("regularizers", self._activity_regularizer)
            for y in leaves(outputs):
                _addax.add_loss(penalty(y))
        self.__dict__["_structure"] = map_structure(lambda _: None, outputs)
        made = [o if isinstance(o, Tensor) else _addax.tensor(o) for o in leaves(outputs)]
        replaced = type(self).compute_mask is not Layer.compute_mask
        if args and len(made) == 1 and (replaced or getattr(self, "supports_masking", False)):
            mask = self.compute_mask(args[0], getattr(leaves(args[0])[0], "_keras_mask", None))
            if mask is not None:
                made = [made[0]._with_mask(mask)]
        return made

    def _build_once(self, shapes):
        if type(self).build is not Layer.build:
            self.build(shapes)
        self.built = True
        self._late_children()

    def compute_mask(self, inputs, previous_mask=None):
        """The mask of its outputs."""
        return previous_mask

    def compute_output_shape(self, *args, **kwargs):
        """The shape of its outputs for inputs of a shape."""
        shape = args[0] if args else next(iter(kwargs.values()))
        many = bool(shape) and isinstance(shape[0], (list, tuple))
        shapes = shape if many else [shape]
        inputs = [_addax.input([None if d is None else int(d) for d in s], "float32", None) for s in shapes]
        outputs = self(inputs if many else inputs[0])
        return map_structure(lambda t: tuple(t.shape), outputs)

    def compute_output_spec(self, *args, **kwargs):
        """Its outputs without numbers."""
        return self(*args, **kwargs)

    # Losses.

    def add_loss(self, loss):
        """Adds to the loss of the model that is being trained."""
        for one in leaves(loss):
            self._own_losses.append(one)
            _addax.add_loss(one)

    @property
    def losses(self):
        """What the last call at once added to the loss, and the penalties on weights."""
        penalties = [w._penalty() for w in self.trainable_weights]
        added = [x for layer in self._flatten_layers() for x in layer._own_losses if not getattr(x, "_traced", False)]
        return added + [p for p in penalties if p is not None]

    @property
    def metrics(self):
        """The metrics that are its attributes."""
        own = [v for v in self.__dict__.values() if isinstance(v, _objects.Metric)]
        for layer in self._flatten_layers(include_self=False):
            own += [v for v in layer.__dict__.values() if isinstance(v, _objects.Metric)]
        return own

    # Configs.

    def get_config(self):
        """Its arguments."""
        config = {"name": self.name, "trainable": self.trainable, "dtype": policy_config(self._handle.policy[0])}
        if self._description is not None:
            return self._handle.config()
        if type(self).__init__ is not Layer.__init__ and type(self).get_config is Layer.get_config:
            args, kwargs = self._init_arguments
            names = [p for p in inspect.signature(type(self).__init__).parameters][1:]
            config.update(dict(zip(names, args)))
            config.update({k: v for k, v in kwargs.items() if k not in EVERY})
            config = {k: v for k, v in config.items() if k in names or k in ("name", "trainable", "dtype")}
        return config

    def _own_config(self):
        config = dict(self.get_config())
        for key in ("name", "trainable", "dtype"):
            config.pop(key, None)
        return serialized(config)

    @classmethod
    def from_config(cls, config):
        """One with these arguments."""
        return cls(**config)

    # Places in a model.

    def _ends(self):
        """Its inputs and outputs in the model that it was put into last, or in its last call."""
        model = self.__dict__.get("_seen_in")
        model = model() if model is not None else None
        if model is not None and model._core is not None and model._core.built:
            return model._core.tensors_of(self._handle)
        ends = self.__dict__.get("_last_ends")
        if ends is None:
            raise AttributeError(f"The layer {self.name} has never been called and thus has no defined input or output.")
        return ends

    @property
    def input(self):
        """Its input as a tensor of a model."""
        return packed(self._ends()[0])

    @property
    def output(self):
        """Its output as a tensor of a model."""
        return packed(self._ends()[1])

    def __getattr__(self, name):
        description = type(self)._description
        if description is not None and not name.startswith("_"):
            for arg, _, default, _ in description["args"]:
                if arg == name:
                    return attribute(self, arg, self.__dict__.get("_given", {}).get(arg, default))
            children = dict((n, h) for n, h in self._handle.children() if n)
            if name in children:
                return layer_of(children[name])
            for weight in self._handle.own_weights():
                if weight.name == name or weight.name == f"{name}":
                    return weight
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __repr__(self):
        return f"<{type(self).__name__} name={self.__dict__.get('_handle_made') and self.name}, built={self.built}>"


#: Attributes that hold no layers of the layer's own.
HIDDEN = {
    "_attributes",
    "_own_losses",
    "_handle_made",
    "_init_arguments",
    "_structure",
    "_given",
    "_layers_made",
    "_layer_list",
    "_kept",
    "_last_ends",
    "_seen_in",
    "optimizer",
    "loss",
    "history",
}


class CallSignature:
    """What a call takes."""

    def __init__(self, function):
        parameters = list(inspect.signature(function).parameters.values())[1:]
        self.names = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY, p.POSITIONAL_ONLY)]
        any_ = any(p.kind is p.VAR_KEYWORD for p in parameters)
        self.training = "training" in self.names
        self.mask = "mask" in self.names
        self.any = any_


_signatures = weakref.WeakKeyDictionary()


def call_signature(cls):
    """What the call of a class takes."""
    found = _signatures.get(cls)
    if found is None:
        found = _signatures[cls] = CallSignature(cls.call)
    return found


def attribute(layer, name, value):
    """An argument as Keras keeps it: names of initializers and their like become objects."""
    for suffix, kind in _objects.KINDS:
        if name.endswith(suffix) and isinstance(value, (str, dict)):
            if kind == "activations":
                from .keras import activations

                return activations.get(value)
            return _objects.get(kind, value)
    if isinstance(value, list):
        return tuple(value)
    return value


def serialized(value):
    """A config with objects in Keras's form."""
    if isinstance(value, dict):
        return {k: serialized(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [serialized(v) for v in value]
    if isinstance(value, Layer):
        return value._handle.to_json()
    if isinstance(value, _objects.Described) or (callable(value) and not isinstance(value, type)):
        return _objects.serialize(value)
    return value


def policy_config(name):
    """A policy in Keras's form."""
    return {"module": "keras", "class_name": "DTypePolicy", "config": {"name": name}, "registered_name": None}


def packed(outputs):
    """One output alone, several in a list."""
    return outputs[0] if len(outputs) == 1 else outputs


def as_input(value):
    """An input of a call: arrays and lists of numbers are tensors."""
    if isinstance(value, (KerasTensor, Tensor, Variable)) or value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, dict):
        return {k: as_input(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        flat = leaves(value)
        if any(isinstance(v, (KerasTensor, Tensor, Variable, np.ndarray)) for v in flat):
            return type(value)(as_input(v) for v in value)
        return _addax.tensor(value)
    return _addax.tensor(value)


def as_argument(value):
    """An argument by name: tensors stay, arrays become tensors, the rest is plain."""
    if isinstance(value, (list, tuple)):
        return type(value)(as_argument(v) for v in value)
    return _addax.tensor(value) if isinstance(value, np.ndarray) else value


def given_shape(kwargs):
    """The shape of one sample, in any of the forms in which the first layer of a model may say it."""
    shape = kwargs.pop("input_shape", None)
    dim = kwargs.pop("input_dim", None)
    batch = kwargs.pop("batch_input_shape", None)
    if batch is None:
        batch = kwargs.pop("batch_shape", None)
    kwargs.pop("batch_size", None)
    kwargs.pop("input_dtype", None)
    if shape is not None:
        shape = (shape,) if isinstance(shape, int) else tuple(shape)
    elif dim is not None:
        shape = (int(dim),)
    elif batch is not None:
        shape = tuple(batch)[1:]
    if shape is not None and not all(d is None or isinstance(d, (int, np.integer)) for d in shape):
        raise ValueError(f"input_shape: expected a tuple of whole numbers or None, got {shape!r}")
    return None if shape is None else tuple(None if d is None else int(d) for d in shape)


class TableLayer(Layer):
    """A layer of the tables."""

    def __init__(self, *args, **kwargs):
        cls = type(self)
        description = cls._description
        if description["name"] == "Embedding":
            kwargs.pop("input_length", None)
        every = {k: kwargs.pop(k) for k in list(kwargs) if k in EVERY and not any(a[0] == k for a in description["args"])}
        bound = _tables.bind(description, args, kwargs, EVERY)
        shape = given_shape(every)
        name = every.get("name")
        if name is not None and not isinstance(name, str):
            raise ValueError(f"Argument `name` must be a string. Received: {name}")
        object.__setattr__(self, "_given", bound)
        config = {k: _objects.encoded(k, v) for k, v in bound.items()}
        config["name"] = name if name is not None else _addax.unique_name(cls.__name__)
        if "dtype" not in bound:
            config["dtype"] = policy_name(every.get("dtype"))
        if every.get("trainable") is False:
            config["trainable"] = False
        if every.get("activity_regularizer") is not None:
            config["activity_regularizer"] = _objects.encoded(
                "activity_regularizer", _objects.get("regularizers", every["activity_regularizer"])
            )
        handle = _addax.Handle.make("layers", description["name"], config)
        if shape is not None:
            handle = handle.with_input_shape(list(shape))
        self._kept = [v for v in leaves(list(bound.values())) if isinstance(v, Layer)]
        if written_in_python(cls):
            object.__setattr__(self, "_inner", handle)
            self._start(config["name"], config.get("trainable", True), policy_name(every.get("dtype")), shape, None)
            self._handle.put_child("_inner", handle)
        else:
            self._take(handle)
        if every.get("weights") is not None:
            object.__setattr__(self, "_first_weights", every["weights"])

    @property
    def built(self):
        """Whether it has its weights."""
        return self.__dict__.get("_is_built", False) or bool(self._handle.weights())

    @built.setter
    def built(self, value):
        self.__dict__["_is_built"] = bool(value)

    def _prepare(self, args):
        first = self.__dict__.pop("_first_weights", None)
        if first is not None:
            shapes = map_structure(lambda t: tuple(t.shape), args[0])
            self._build_by_call(shapes)
            self.set_weights(first)


def written_in_python(cls):
    """Whether a class computes in Python what its class of the tables computes in the core."""
    for parent in cls.__mro__:
        if "_description" in parent.__dict__ and parent.__dict__["_description"] is not None:
            return False
        if "call" in parent.__dict__ or "build" in parent.__dict__:
            return True
    return True


_classes = {}


def layer_class(name):
    """The Python class of a layer of the tables, made at the first use."""
    if name not in _classes:
        made = _objects.make_class("layers", name, TableLayer, "addax.keras.layers", EVERY.items())
        _classes[name] = made
    return _classes[name]


def layer_of(handle):
    """The Python object of a layer of the core."""
    found = _objects_of.get(handle.address)
    if found is not None:
        return found
    name = handle.class_name
    if name in ("Sequential", "Functional"):
        from ._models import model_of_layer

        return model_of_layer(handle)
    if name not in _tables.names("layers"):
        cls = Operation
    else:
        cls = layer_class(name)
    made = cls.__new__(cls)
    object.__setattr__(made, "_given", {k: v for k, v in handle.config().items() if k not in ("name", "trainable", "dtype")})
    made._take(handle)
    return made


class Operation(Layer):
    """An op that stands as a node of a model."""


class FunctionLayer(Layer):
    """A function of yours in the place of a layer."""

    def __init__(self, function, **kwargs):
        super().__init__(**kwargs)
        self.function = function

    def call(self, inputs):
        """The function of the inputs."""
        return self.function(inputs)


_activations = weakref.WeakKeyDictionary()


def activation_layer(function):
    """A function in the place of an activation."""
    layer = FunctionLayer(function, name=getattr(function, "__name__", "activation").strip("<>"))
    return layer


class Lambda(FunctionLayer):
    """A function of yours as a layer; no file can hold its code."""

    def __init__(self, function, output_shape=None, mask=None, arguments=None, **kwargs):
        super().__init__(function, **kwargs)
        self.arguments = dict(arguments or {})

    def call(self, inputs):
        """The function of the inputs."""
        return self.function(inputs, **self.arguments)
