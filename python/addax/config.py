"""As `tensorflow.config`: the devices."""

from . import _addax


class PhysicalDevice:
    """A device of this machine."""

    def __init__(self, name, device_type):
        self.name, self.device_type = name, device_type

    def __repr__(self):
        return f"PhysicalDevice(name='/physical_device:{self.device_type}:0', device_type='{self.device_type}')"


def list_physical_devices(device_type=None):
    """The devices that can be used, of one kind or of all."""
    found = [(name, kind) for name, kind, there, _ in _addax.devices() if there]
    return [PhysicalDevice(name, kind) for name, kind in found if device_type in (None, kind)]


list_logical_devices = list_physical_devices
