"""The devices of this machine, as `tensorflow.python.client.device_lib` lists them."""

from ... import _addax


class DeviceAttributes:
    """A device."""

    def __init__(self, name, device_type, description):
        self.name, self.device_type, self.physical_device_desc = name, device_type, description
        self.memory_limit = 0

    def __repr__(self):
        return f'name: "{self.name}"\ndevice_type: "{self.device_type}"\nphysical_device_desc: "{self.physical_device_desc}"\n'


def list_local_devices(session_config=None):
    """Every device that can be used."""
    return [DeviceAttributes(name, kind, what) for name, kind, there, what in _addax.devices() if there]
