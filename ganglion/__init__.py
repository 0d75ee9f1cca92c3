"""Ganglion, an open neuromorphic chip: golden model, fast emulator and RTL, bit for bit the same."""
