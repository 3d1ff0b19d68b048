"""As `tensorflow.test`: what lessons ask about devices."""

from .config import list_physical_devices


def is_gpu_available(cuda_only=False, min_cuda_compute_capability=None):
    """Whether there is a GPU to compute on."""
    return bool(list_physical_devices("GPU"))


def is_built_with_cuda():
    """Whether this build computes on CUDA devices."""
    return False


def gpu_device_name():
    """The name of the first GPU; nothing if there is none."""
    found = list_physical_devices("GPU")
    return "/device:GPU:0" if found else ""
