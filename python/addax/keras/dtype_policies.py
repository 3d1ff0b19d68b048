"""`keras.dtype_policies`."""


class DTypePolicy:
    """In which element types layers compute and keep weights."""

    def __init__(self, name=None, source_name=None):
        if not isinstance(name, (str, type(None))):
            raise TypeError(f"'name' must be a string, such as 'mixed_float16'. Received: name={name} (of type {type(name)})")
        name = name or "float32"
        mixed = {"mixed_float16": ("float16", "float32"), "mixed_bfloat16": ("bfloat16", "float32")}
        if name not in mixed:
            from ..keras import _known_dtype

            _known_dtype(name)
        self._name = name
        self.compute_dtype, self.variable_dtype = mixed.get(name, (name, name))

    @property
    def name(self):
        """Its name."""
        return self._name

    @property
    def _config_value(self):
        return {"module": "keras", "class_name": "DTypePolicy", "config": {"name": self._name}, "registered_name": None}

    def get_config(self):
        """Its arguments."""
        return {"name": self._name}

    @classmethod
    def from_config(cls, config):
        """One with these arguments."""
        return cls(**config)

    def __eq__(self, other):
        return isinstance(other, DTypePolicy) and other._name == self._name

    def __hash__(self):
        return hash(self._name)

    def __repr__(self):
        return f'<DTypePolicy "{self._name}">'


FloatDTypePolicy = DTypePolicy


def get(identifier):
    """A policy by name, config or instance."""
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        return DTypePolicy(**identifier["config"])
    return DTypePolicy(identifier)


def serialize(policy):
    """A policy in Keras's form."""
    return policy._config_value


deserialize = get
