"""Ganglion in a browser."""
