"""As `tensorflow.python.client`."""
