"""The host's side: the link over a serial device, and the board as a target."""
