"""Models: layers one after another, networks between tensors, and those written in Python."""

import json
import os
import tempfile
import weakref

import numpy as np

from . import _addax, _data, _loop, _objects, _steps
from ._layers import Layer, TableLayer, as_input, layer_of, packed, policy_name
from ._tensors import KerasTensor, leaves, map_structure, pack


class History:
    """The values of all epochs: `history`, a list by name."""

    def __init__(self):
        self.history, self.epoch, self.params, self.model = {}, [], None, None

    def __repr__(self):
        return f"<addax History: {len(self.epoch)} epochs, {', '.join(self.history)}>"

    def _repr_png_(self):
        from . import _pictures

        return _pictures.history_png(self.history)


class Model(Layer):
    """A model: `Model(inputs, outputs)`, or a subclass with its own `call`."""

    _weak = True

    def __new__(cls, *args, **kwargs):
        ends = len(args) >= 2 or "inputs" in kwargs or "outputs" in kwargs
        made = Layer.__new__(Functional if cls is Model and ends else cls)
        state = made.__dict__
        state.update(_core_made=None, _optimizer=None, _compiled=None, stop_training=False, history=None, _layer_list=None)
        state.update(_name=None, _ends=None, _input_structure=None, _output_structure=None, _fresh=True)
        return made

    def __init__(self, *args, **kwargs):
        if args or "inputs" in kwargs or "outputs" in kwargs:
            given = dict(zip(("inputs", "outputs", "name"), args))
            given.update(kwargs)
            self._connect(given.pop("inputs"), given.pop("outputs"), given.pop("name", None), given.pop("trainable", True))
            if given:
                raise ValueError(f"Unrecognized keyword arguments passed to {type(self).__name__}: {given}")
            return
        super().__init__(**kwargs)

    # What it is made of.

    def _connect(self, inputs, outputs, name, trainable=True):
        """Becomes the network between tensors of a model."""
        for what, ends in (("inputs", inputs), ("outputs", outputs)):
            for one in leaves(ends):
                if not isinstance(one, KerasTensor):
                    raise ValueError(f"{what}: expected KerasTensors, got {type(one).__name__}. Begin with keras.Input(...).")
        self.__dict__["_name"] = name or _addax.unique_name("Functional" if type(self) in (Model, Functional) else type(self).__name__)
        self.__dict__["_input_structure"] = map_structure(lambda _: None, inputs)
        self.__dict__["_output_structure"] = map_structure(lambda _: None, outputs)
        core = _addax.Model.functional(plain(inputs), plain(outputs))
        core.rename(self._name)
        self._become(core)
        if not trainable:
            self.trainable = False

    def _become(self, core):
        self.__dict__["_core_made"] = core
        self.__dict__["_layer_handle"] = None
        self.__dict__["_is_built"] = True
        self.__dict__["_kept"] = self._see([layer_of(h) for h in core.layers()])
        if self._compiled is not None:
            self._compile_core()

    def _see(self, layers):
        """Tells layers that they stand in this model."""
        for layer in layers:
            layer.__dict__["_seen_in"] = weakref.ref(self)
        return layers

    def _is_network(self):
        """Whether it is a network of the core, and not a subclass with its own call."""
        return self._core_made is not None and self.__dict__.get("_handle_made") is None

    @property
    def _core(self):
        return self._core_made

    @property
    def _handle(self):
        own = self.__dict__.get("_handle_made")
        if own is not None:
            return own
        if self._core_made is None:
            if self.__dict__.get("_name") is None and not isinstance(self, Sequential):
                return Layer._handle.fget(self)
            raise ValueError(f"Model {self.name} is not built: give it an Input, call build(input_shape) or call it on data.")
        if self.__dict__.get("_layer_handle") is None:
            self.__dict__["_layer_handle"] = handle = self._core_made.as_layer(self.name)
            from ._layers import _objects_of

            _objects_of[handle.address] = self
        return self.__dict__["_layer_handle"]

    def _ready(self):
        return self.__dict__.get("_handle_made") is not None or self._core_made is not None

    @property
    def name(self):
        """Its name."""
        return self._name if self._name is not None else Layer.name.fget(self)

    @name.setter
    def name(self, value):
        self.__dict__["_name"] = value
        if self._core_made is not None:
            self._core_made.rename(value)

    @property
    def built(self):
        """Whether it has its weights."""
        return self.__dict__.get("_is_built", False) or self._core_made is not None

    @built.setter
    def built(self, value):
        self.__dict__["_is_built"] = bool(value)

    @property
    def layers(self):
        """Its layers."""
        if self._is_network():
            return [layer_of(h) for h in self._core.layers()]
        seen, out = set(), []
        for layer in self._inner_layers():
            if id(layer) not in seen:
                seen.add(id(layer))
                out.append(layer)
        return out

    def get_layer(self, name=None, index=None):
        """A layer by name or place."""
        if (name is None) == (index is None):
            raise ValueError("Provide either a layer name or layer index at `get_layer`.")
        layers = self.layers
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise ValueError(f"Was asked to retrieve layer at index {index} but model only has {len(layers)} layers.")
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        raise ValueError(f"No such layer: {name}. Existing layers are: {[layer.name for layer in layers]}.")

    @property
    def inputs(self):
        """Its inputs as tensors of a model."""
        return self._need("inputs").ends()[0]

    @property
    def outputs(self):
        """Its outputs as tensors of a model."""
        return self._need("outputs").ends()[1]

    @property
    def input(self):
        """Its inputs in the structure in which they were given."""
        return pack(self._input_structure, self.inputs)

    @property
    def output(self):
        """Its outputs in the structure in which they were given."""
        return pack(self._output_structure, self.outputs)

    @property
    def input_shape(self):
        """The shapes of its inputs."""
        return map_structure(lambda t: t.shape, self.input)

    @property
    def output_shape(self):
        """The shapes of its outputs."""
        return map_structure(lambda t: t.shape, self.output)

    @property
    def input_names(self):
        """The names of its inputs."""
        return self._need("input_names").input_names()

    @property
    def output_names(self):
        """The names of its outputs."""
        return self._need("output_names").output_names()

    def _need(self, what):
        core = self._core
        if core is None or not core.built:
            raise AttributeError(f"Model {self.name} has no `{what}` yet: it is not built. Give it data or an input shape.")
        return core

    def _build_for(self, x):
        """Builds a model that learns from the first data what its inputs are."""
        if self._core is not None and self._core.built:
            return
        handle = self._handle
        inputs = map_structure(lambda a: _addax.input(*spec_of(a), None), _data.arrays(x, False))
        self._build_subclass(handle, inputs)

    def _build_subclass(self, handle, inputs):
        self._late_children()
        outputs = handle.call((plain(inputs),), None)
        structure = self._structure
        self.__dict__["_input_structure"] = map_structure(lambda _: None, inputs)
        self.__dict__["_output_structure"] = structure
        made = pack(structure, outputs)
        core = _addax.Model.functional(plain(inputs), plain(made))
        core.rename(self.name)
        self.__dict__["_core_made"] = core
        self.__dict__["_is_built"] = True
        if self._compiled is not None:
            self._compile_core()

    def build(self, input_shape=None):
        """Builds it for inputs of a shape."""
        if self._is_network():
            return
        if input_shape is None:
            raise ValueError("build: expected the shape of the input")
        if isinstance(input_shape, dict):
            inputs = {k: _addax.input(list(s), "float32", None) for k, s in input_shape.items()}
        elif isinstance(input_shape[0], (list, tuple)):
            inputs = [_addax.input(list(s), "float32", None) for s in input_shape]
        else:
            inputs = _addax.input(list(input_shape), "float32", None)
        self.__dict__["_is_built"] = True
        self._build_subclass(self._handle, inputs)

    def _build_once(self, shapes):
        # A subclass's own `build` is called as a layer's; the model's would come back here.
        if type(self).build is not Model.build:
            self.build(shapes)
        self.__dict__["_is_built"] = True

    def call(self, inputs, training=None, mask=None):
        """What it computes."""
        if self._is_network():
            kwargs = {} if training is None else {"training": training}
            return self._packed(self._handle.call((inputs,), kwargs or None))
        raise NotImplementedError(f"Model {type(self).__name__} does not have a `call()` method implemented.")

    def __call__(self, *args, **kwargs):
        """Computes at once, or makes a node of a model."""
        if self._is_network() and type(self).call not in (Model.call, Sequential.call):
            return self.call(*args, **kwargs)
        args = (in_order(self, args[0]),) + args[1:] if args and self._is_network() else args
        return super().__call__(*args, **kwargs)

    def _packed(self, outputs):
        structure = self._output_structure if self._is_network() else self._structure
        return packed(outputs) if structure is None else pack(structure, outputs)

    # Weights.

    def _weights(self):
        if self._is_network():
            return self._core.weights()
        return super()._weights()

    @property
    def trainable(self):
        """Whether training may change its weights."""
        if self._is_network():
            return self._core.trainable
        return Layer.trainable.fget(self)

    @trainable.setter
    def trainable(self, value):
        if self._is_network():
            self._core.trainable = bool(value)
            if self.__dict__.get("_layer_handle") is not None:
                self._layer_handle.trainable = bool(value)
            return
        Layer.trainable.fset(self, value)

    def save_weights(self, filepath, overwrite=True, max_shard_size=None):
        """Writes its weights."""
        path = os.fspath(filepath)
        if not path.endswith(".weights.h5"):
            raise ValueError(f"The filename must end in `.weights.h5`. Received: filepath={path}")
        self._need_weights().save(path)

    def load_weights(self, filepath, skip_mismatch=False, by_name=False, **_):
        """Reads its weights."""
        path = os.fspath(filepath)
        if not os.path.exists(path):
            raise ValueError(f"File not found: filepath={path}")
        self._need_weights().load_weights(path)

    def _need_weights(self):
        core = self._core
        if core is None or not core.built:
            raise ValueError(f"Model {self.name} has no weights yet: build it, or call it on data first.")
        return core

    # Training.

    def compile(
        self,
        optimizer="rmsprop",
        loss=None,
        loss_weights=None,
        metrics=None,
        weighted_metrics=None,
        run_eagerly=False,
        steps_per_execution=1,
        jit_compile="auto",
        auto_scale_loss=True,
    ):
        """Says what it is trained for."""
        optimizer = _objects.get("optimizers", optimizer)
        if optimizer is None:
            raise ValueError("Could not interpret optimizer identifier: None")
        self.__dict__["_optimizer"] = optimizer
        optimizer._model = weakref.ref(self)
        self.__dict__["_compiled"] = {
            "optimizer": optimizer._handle,
            "loss": map_asked(as_loss, loss),
            "loss_weights": loss_weights,
            "metrics": metrics_list(metrics, "metrics"),
            "weighted_metrics": metrics_list(weighted_metrics, "weighted_metrics"),
            "run_eagerly": bool(run_eagerly),
            "steps_per_execution": int(steps_per_execution),
            "jit_compile": jit_compile if isinstance(jit_compile, bool) else None,
        }
        self.__dict__["_compile_given"] = (loss, metrics, weighted_metrics, loss_weights)
        self.__dict__["_eager_metrics"] = None
        self.__dict__["run_eagerly"] = bool(run_eagerly)
        if self._core is not None:
            self._compile_core()
        else:
            # What is wrong is told at once, not at the first data.
            _addax.check_compile(self._compiled)

    def _compile_core(self):
        optimizer = self._optimizer
        self._core.compile(self._compiled, list(optimizer._undecayed))

    @property
    def optimizer(self):
        """What it is trained by."""
        return self._optimizer

    @optimizer.setter
    def optimizer(self, value):
        self.__dict__["_optimizer"] = value

    @property
    def loss(self):
        """What is minimized."""
        given = self.__dict__.get("_compile_given")
        return None if given is None else given[0]

    @property
    def compiled(self):
        """Whether it was compiled."""
        return self._compiled is not None

    @property
    def metrics(self):
        """The metrics that it was compiled with, and those that are attributes."""
        return _steps.eager_metrics(self)

    @property
    def metrics_names(self):
        """The names of what `evaluate` gives."""
        return [m.name for m in self.metrics]

    def fit(
        self,
        x=None,
        y=None,
        batch_size=None,
        epochs=1,
        verbose="auto",
        callbacks=None,
        validation_split=0.0,
        validation_data=None,
        shuffle=True,
        class_weight=None,
        sample_weight=None,
        initial_epoch=0,
        steps_per_epoch=None,
        validation_steps=None,
        validation_batch_size=None,
        validation_freq=1,
        **unknown,
    ):
        """Trains; gives the History."""
        if unknown:
            raise TypeError(f"fit() got an unexpected keyword argument '{next(iter(unknown))}'")
        arguments = {k: v for k, v in locals().items() if k not in ("self", "unknown", "__class__")}
        return _loop.fit(self, **arguments)

    def evaluate(
        self, x=None, y=None, batch_size=None, verbose="auto", sample_weight=None, steps=None, callbacks=None, return_dict=False, **unknown
    ):
        """Loss and metrics on data."""
        if unknown:
            raise TypeError(f"evaluate() got an unexpected keyword argument '{next(iter(unknown))}'")
        return _loop.evaluate(self, x, y, batch_size, verbose, sample_weight, steps, callbacks, return_dict)

    def predict(self, x, batch_size=None, verbose="auto", steps=None, callbacks=None):
        """The outputs for all rows."""
        return _loop.predict(self, x, batch_size, verbose, steps, callbacks)

    def train_on_batch(self, x, y=None, sample_weight=None, class_weight=None, return_dict=False):
        """One step on a batch."""
        return _loop.on_batch(self, True, x, y, sample_weight, class_weight, return_dict)

    def test_on_batch(self, x, y=None, sample_weight=None, return_dict=False):
        """Loss and metrics on a batch."""
        return _loop.on_batch(self, False, x, y, sample_weight, None, return_dict)

    def predict_on_batch(self, x):
        """The outputs for a batch."""
        return _loop.predict(self, x, max(1, _data.rows_of(x)), 0, None, None)

    def reset_metrics(self):
        """Begins loss and metrics anew."""
        if self._core is not None:
            self._core.reset_metrics()
        for metric in self.metrics:
            metric.reset_state()

    # Own steps: what a subclass may replace.

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """The loss of outputs as compiled, with what layers add."""
        return _steps.compute_loss(self, x, y, y_pred, sample_weight)

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        """The values of all metrics after a batch."""
        return _steps.compute_metrics(self, y, y_pred, sample_weight)

    def get_metrics_result(self):
        """The values of all metrics."""
        return _steps.metrics_result(self)

    def train_step(self, data):
        """One step on a batch: what `fit` does unless a subclass says otherwise."""
        return _steps.train_step(self, data)

    def test_step(self, data):
        """One batch of an evaluation."""
        return _steps.test_step(self, data)

    def predict_step(self, data):
        """The outputs for a batch."""
        return self(data[0] if isinstance(data, tuple) else data, training=False)

    def make_train_function(self, force=False):
        """Nothing: plans are made when they are needed."""

    # Texts and files.

    def summary(self, line_length=None, positions=None, print_fn=None, expand_nested=False, show_trainable=False, layer_range=None):
        """Prints the table of its layers."""
        text = self._summary_text()
        if print_fn is None:
            print(text)
        else:
            try:
                print_fn(text, line_break=False)
            except TypeError:
                print_fn(text)

    def _summary_text(self):
        if self._core is None:
            if self.__dict__.get("_handle_made") is None and not isinstance(self, Sequential):
                raise ValueError("This model has not yet been built.")
            return _loop.summary_of_layers(self)
        if self._is_network():
            return self._core.summary().rstrip("\n")
        return _loop.summary_of_layers(self)

    def to_json(self, **kwargs):
        """Its architecture as text."""
        return json.dumps(json.loads(self._need_weights().to_json()), **kwargs)

    def get_config(self):
        """Its arguments: layers and calls for a network."""
        if self._core is not None and self._is_network():
            return json.loads(self._core.to_json())["config"]
        if self._layer_list is not None:
            return json.loads(_addax.Model.sequential([h._handle for h in self._layer_list]).to_json())["config"]
        return super().get_config()

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """A model with these arguments."""
        from ._registry import CustomObjectScope

        if "layers" not in config:
            return cls(**config)
        sequential = "input_layers" not in config
        text = json.dumps({"module": "keras", "class_name": "Sequential" if sequential else "Functional", "config": config, "registered_name": None})
        with CustomObjectScope(custom_objects):
            return model_of(_addax.read_model(text), cls if cls not in (Model, Functional, Sequential) else None)

    def get_compile_config(self):
        """What it was compiled for."""
        return self._core.compile_config() if self._core is not None and self._compiled else {}

    def save(self, filepath, overwrite=True, include_optimizer=True, zipped=None, **kwargs):
        """Writes the whole model: `.keras` or `.h5`."""
        path = os.fspath(filepath)
        if not path.endswith((".keras", ".h5", ".hdf5", ".safetensors", ".onnx")):
            raise ValueError(
                f"Invalid filepath extension for saving. Please add either a `.keras` extension for the native Keras format "
                f"(recommended) or a `.h5` extension. Received: filepath={path}."
            )
        if not overwrite and os.path.exists(path):
            raise ValueError(f"{path} exists already. Give overwrite=True to replace it.")
        self._need_weights().save(path)

    def __reduce__(self):
        """A model is pickled, and copied, as the file that it would be saved as."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.keras")
            self.save(path)
            with open(path, "rb") as file:
                return _unpickled, (file.read(),)

    def export(self, filepath, format="onnx", **kwargs):
        """Writes it for other programs."""
        if format != "onnx":
            raise ValueError(f"export: expected format 'onnx', got {format!r}")
        self._need_weights().save(os.fspath(filepath))

    def _model_ends(self):
        return self.input, self.output


def in_order(model, inputs):
    """Inputs given by name in the order of a model."""
    if isinstance(inputs, dict) and not isinstance(model._input_structure, dict):
        return [inputs[name] for name in model.input_names]
    return inputs


def plain(structure):
    """Tuples as lists: the core knows lists alone."""
    if isinstance(structure, dict):
        return {k: plain(v) for k, v in structure.items()}
    if isinstance(structure, (list, tuple)):
        return [plain(v) for v in structure]
    return structure


def spec_of(x):
    """Shape and element type of the input that an array is for."""
    shape = list(np.shape(x))
    dtype = getattr(x, "dtype", None)
    name = str(np.dtype(dtype)) if isinstance(x, np.ndarray) else str(dtype or "float32")
    kind = "float32" if name.startswith(("float", "bfloat")) else "bool" if name == "bool" else "int32"
    return ([None] + shape[1:], kind)


def map_asked(function, asked):
    """Nothing, one thing, a list or a dictionary of things."""
    if isinstance(asked, (list, tuple)):
        return [map_asked(function, a) for a in asked]
    if isinstance(asked, dict) and "class_name" not in asked:
        return {k: map_asked(function, v) for k, v in asked.items()}
    return function(asked)


def as_loss(loss):
    """A loss as the core takes it."""
    if isinstance(loss, type) and issubclass(loss, _objects.Loss):
        loss = loss()
    if isinstance(loss, str):
        own = _objects.own_object(loss)
        loss = own if own is not None else loss
    if loss is None or isinstance(loss, (str, dict)) or hasattr(loss, "_handle"):
        return _objects.as_handle(loss)
    if hasattr(loss, "_config_value"):
        return loss._config_value
    if callable(loss):
        return FunctionLoss(loss)._handle
    raise ValueError(f"Could not interpret loss identifier: {loss!r}")


def as_metric(metric):
    """A metric as the core takes it."""
    if isinstance(metric, type) and issubclass(metric, (_objects.Metric, _objects.Loss)):
        metric = metric()
    if isinstance(metric, str):
        own = _objects.own_object(metric)
        metric = own if own is not None else metric
    if isinstance(metric, _objects.Loss):
        return _addax.loss_as_metric(metric._handle)
    if metric is None or isinstance(metric, (str, dict)) or hasattr(metric, "_handle"):
        return _objects.as_handle(metric)
    if hasattr(metric, "_config_value"):
        return metric._config_value
    if callable(metric):
        return _addax.loss_as_metric(FunctionLoss(metric)._handle, getattr(metric, "__name__", "metric"))
    raise ValueError(f"Could not interpret metric identifier: {metric!r}")


def metrics_list(metrics, what):
    """Metrics in the forms that Keras takes."""
    if isinstance(metrics, (str, _objects.Metric)) or callable(metrics):
        raise ValueError(f"Expected {what} argument to be a list, tuple, or dict. Received instead: {what}={metrics} of type {type(metrics)}")
    return map_asked(as_metric, metrics)


class FunctionLoss(_objects.Loss):
    """A function of yours in the place of a loss."""

    def __init__(self, function, **kwargs):
        super().__init__(name=getattr(function, "__name__", "loss"), **kwargs)
        self.function = function

    def _own_handle(self):
        return _addax.make_loss(self, _objects.identity(self.function), self.reduction)

    def call(self, y_true, y_pred):
        """The function of targets and outputs."""
        return self.function(y_true, y_pred)


class Functional(Model):
    """The network between tensors of a model."""


class Sequential(Model):
    """Layers one after another."""

    def __new__(cls, *args, **kwargs):
        made = Model.__new__(cls)
        made.__dict__["_layer_list"] = []
        return made

    def __init__(self, layers=None, trainable=True, name=None, **kwargs):
        if kwargs:
            raise ValueError(f"Unrecognized keyword arguments passed to {type(self).__name__}: {kwargs}")
        self.__dict__["_name"] = name or _addax.unique_name("Sequential")
        if layers is not None:
            for layer in layers if isinstance(layers, (list, tuple)) else [layers]:
                self._append(layer)
        self._rebuild()
        if not trainable:
            self.trainable = False

    def _append(self, layer):
        if isinstance(layer, KerasTensor):
            layer = layer_of(layer._layer)
        if not isinstance(layer, Layer):
            if callable(layer) and not isinstance(layer, type):
                layer = _FunctionLayer(layer)
            else:
                raise ValueError(f"Only instances of `keras.Layer` can be added to a Sequential model. Received: {layer} (of type {type(layer)})")
        if any(layer is one for one in self._layer_list) or any(layer.name == one.name for one in self._layer_list):
            raise ValueError(
                f"All layers added to a Sequential model should have unique names. Name '{layer.name}' is already the name of a layer in this model. "
                "Update the `name` argument to pass a unique name."
            )
        if self._layer_list and isinstance(layer, TableLayer) and type(layer).__name__ == "InputLayer":
            raise ValueError("Sequential model has already been configured to use an input shape. You cannot add a different Input layer to it.")
        self._layer_list.append(layer)

    def add(self, layer, rebuild=True):
        """Adds a layer at the end."""
        self._append(layer)
        self._rebuild()

    def pop(self, rebuild=True):
        """Takes the last layer off."""
        if not self._layer_list:
            return None
        last = self._layer_list.pop()
        self._rebuild()
        return last

    def insert(self, index, layer):
        """Puts a layer before another one."""
        self._append(layer)
        self._layer_list.insert(index, self._layer_list.pop())
        self._rebuild()

    def _rebuild(self):
        self.__dict__["_core_made"] = None
        self.__dict__["_layer_handle"] = None
        layers = [one for one in self._layer_list if isinstance(one, Layer)]
        if not layers or not all(one._ready() for one in layers):
            self.__dict__["_is_built"] = False
            return
        if len(layers) == 1 and type(layers[0]).__name__ == "InputLayer":
            return
        core = _addax.Model.sequential([one._handle for one in self._see(layers)])
        core.rename(self._name)
        self.__dict__["_core_made"] = core
        self.__dict__["_is_built"] = core.built
        if self._compiled is not None:
            self._compile_core()

    def _is_network(self):
        return True

    @property
    def layers(self):
        """Its layers."""
        return [one for one in self._layer_list if type(one).__name__ != "InputLayer"]

    def _inner_layers(self):
        return self.layers

    @property
    def built(self):
        """Whether it has its weights."""
        return self._core_made is not None and self._core_made.built

    @built.setter
    def built(self, value):
        pass

    def _weights(self):
        return [] if self._core is None else self._core.weights()

    def build(self, input_shape=None):
        """Builds it for inputs of a shape."""
        if input_shape is None:
            raise ValueError("build: expected the shape of the input")
        if self._core is None:
            for layer in self._layer_list:
                if not layer._ready():
                    layer.build(input_shape)
            self._rebuild()
        if self._core is None:
            raise ValueError("Sequential: expected at least one layer")
        self._core.build([None if d is None else int(d) for d in tuple(input_shape)[1:]])

    def _build_for(self, x):
        if self.built:
            return
        shape = np.shape(x)
        if len(shape) == 1:
            shape = (shape[0], 1)
        self.build((None,) + tuple(shape[1:]))

    @property
    def trainable(self):
        """Whether training may change its weights."""
        return self.__dict__.get("_trainable", True)

    @trainable.setter
    def trainable(self, value):
        self.__dict__["_trainable"] = bool(value)
        for layer in self._layer_list:
            layer.trainable = bool(value)
        if self._core is not None:
            self._core.trainable = bool(value)

    def __call__(self, *args, **kwargs):
        """Computes at once, or makes a node of a model."""
        if not self.built and args:
            first = as_input(args[0])
            shape = tuple(leaves(first)[0].shape)
            self.build(shape)
        return super().__call__(*args, **kwargs)

    def call(self, inputs, training=None, mask=None):
        """What it computes."""
        kwargs = {} if training is None else {"training": training}
        return packed(self._handle.call((inputs,), kwargs or None))

    def _packed(self, outputs):
        return packed(outputs)

    @property
    def input(self):
        """Its input as a tensor of a model."""
        return packed(self.inputs)

    @property
    def output(self):
        """Its output as a tensor of a model."""
        return packed(self.outputs)


class _FunctionLayer(Layer):
    """A function in a stack."""

    def __init__(self, function):
        super().__init__(name=getattr(function, "__name__", None) if getattr(function, "__name__", "<")[0] != "<" else None)
        self.function = function

    def call(self, inputs):
        """The function of the inputs."""
        return self.function(inputs)


def model_of(core, cls=None):
    """The Python object of a model of the core."""
    cls = cls or (Sequential if core.is_sequential else Functional)
    made = cls.__new__(cls)
    made.__dict__["_name"] = core.name
    layers = [layer_of(h) for h in core.layers()]
    _objects._alive.clear()
    own = layers[-1] if layers else None
    if cls is Functional and len(layers) == 2 and isinstance(own, Model) and not own._is_network():
        made, cls = own, type(own)
        made.__dict__["_output_structure"] = None
    if isinstance(made, Sequential):
        made.__dict__["_layer_list"] = layers
    made.__dict__["_core_made"] = core
    made.__dict__["_layer_handle"] = None
    made.__dict__["_is_built"] = core.built
    made.__dict__["_kept"] = made._see(layers)
    if core.built and not isinstance(made, Sequential):
        ins, outs = core.ends()
        keys = core.output_keys()
        made.__dict__["_input_structure"] = [None] * len(ins) if len(ins) > 1 else None
        made.__dict__["_output_structure"] = {k: None for k in keys} if keys else ([None] * len(outs) if len(outs) > 1 else None)
    config = core.compile_config()
    if config:
        optimizer = _objects.wrapped("optimizers", _addax.Handle.read("optimizers", config["optimizer"]))
        optimizer._model = weakref.ref(made)
        made.__dict__["_optimizer"] = optimizer
        made.__dict__["_compiled"] = {**config, "optimizer": optimizer._handle}
        made.__dict__["_compile_given"] = (config["loss"], config["metrics"], config["weighted_metrics"], config["loss_weights"])
    return made


def model_of_layer(handle):
    """The Python object of a model that stands in another one."""
    described = handle.to_json()
    core = handle.as_model()
    cls = Sequential if described["class_name"] == "Sequential" else Functional
    made = model_of(core, cls)
    made.__dict__["_layer_handle"] = handle
    from ._layers import _objects_of

    _objects_of[handle.address] = made
    return made


def clone_model(model, input_tensors=None, clone_function=None, call_function=None, recursive=False, **_):
    """A model of the same architecture with new weights."""
    if isinstance(model, Sequential):
        copies = [copy_layer(one, clone_function) for one in model._layer_list]
        made = Sequential(copies, name=model.name)
        if model.built and not made.built:
            made.build(model.input_shape)
        return made
    if not model._is_network():
        return type(model).from_config(model.get_config())
    return model_of(model._core.clone_model())


def copy_layer(layer, clone_function):
    """A layer like another one."""
    if clone_function is not None and type(layer).__name__ != "InputLayer":
        return clone_function(layer)
    if isinstance(layer, Model):
        return clone_model(layer)
    return type(layer).from_config(layer.get_config())


def policy(name):
    """The policy's name."""
    return policy_name(name)


def _unpickled(data):
    """The model of a file's bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")
        with open(path, "wb") as file:
            file.write(data)
        return model_of(_addax.load_model(path))
