"""`keras.config`: what holds where nothing else is said."""

from .dtype_policies import DTypePolicy

_state = {"floatx": "float32", "epsilon": 1e-7, "image_data_format": "channels_last", "policy": DTypePolicy("float32")}


def backend():
    """The name of the backend."""
    return "addax"


def floatx():
    """The element type of floating-point numbers."""
    return _state["floatx"]


def set_floatx(value):
    """Sets the element type of floating-point numbers."""
    if value not in ("float16", "bfloat16", "float32", "float64"):
        raise ValueError(f"Unknown `floatx` value: {value}. Expected values in {{'bfloat16', 'float16', 'float32', 'float64'}}")
    _state["floatx"] = value
    _state["policy"] = DTypePolicy(value)


def epsilon():
    """The smallest number that keeps quotients finite."""
    return _state["epsilon"]


def set_epsilon(value):
    """Sets it; losses and metrics keep Keras's 1e-7."""
    _state["epsilon"] = float(value)


def image_data_format():
    """Where the channels of images stand."""
    return _state["image_data_format"]


def set_image_data_format(data_format):
    """Says where the channels of images stand."""
    if data_format not in ("channels_last", "channels_first"):
        raise ValueError(f"The `data_format` argument must be one of {{'channels_first', 'channels_last'}}. Received: data_format={data_format}")
    _state["image_data_format"] = data_format


def dtype_policy():
    """The dtype policy of layers that say none."""
    return _state["policy"]


def set_dtype_policy(policy):
    """Sets the dtype policy of layers that say none."""
    _state["policy"] = policy if isinstance(policy, DTypePolicy) else DTypePolicy(policy)


def enable_unsafe_deserialization():
    """Refused: no code in a file is ever run."""
    raise ValueError("addax never runs code that stands in a file.")


def enable_traceback_filtering():
    """Nothing: tracebacks are short."""


def disable_traceback_filtering():
    """Nothing: tracebacks are short."""


def is_traceback_filtering_enabled():
    """Whether tracebacks are cut."""
    return False


def enable_interactive_logging():
    """Nothing: output goes through `sys.stdout`."""


def disable_interactive_logging():
    """Nothing: output goes through `sys.stdout`."""


def is_interactive_logging_enabled():
    """Whether output goes through `sys.stdout`."""
    return True


_limits = {"epochs": None, "steps": None}


def max_epochs():
    """The number of epochs that no `fit` goes beyond; None for no bound."""
    return _limits["epochs"]


def set_max_epochs(max_epochs):
    """Bounds the epochs of every `fit`."""
    _limits["epochs"] = max_epochs


def max_steps_per_epoch():
    """The number of steps that no epoch goes beyond; None for no bound."""
    return _limits["steps"]


def set_max_steps_per_epoch(max_steps_per_epoch):
    """Bounds the steps of every epoch."""
    _limits["steps"] = max_steps_per_epoch


def set_backend(backend):
    """Refuses any other backend: there is one."""
    if backend != "addax":
        raise ValueError(f"set_backend: expected 'addax', got {backend!r}")


def is_flash_attention_enabled():
    """Whether attention is computed in one pass: that is the core's affair."""
    return None


def enable_flash_attention():
    """Nothing: the core decides."""


def disable_flash_attention():
    """Nothing: the core decides."""


def is_nnx_enabled():
    """Whether variables are those of NNX: never."""
    return False
