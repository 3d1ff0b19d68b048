"""As `tensorflow.python`: what lessons reach for."""
