"""Where the signals go of a second run of what went wrong."""

from pathlib import Path

from ganglion.model.cache import cache_folder


def waveform_file(name: str) -> Path:
    """The file for a waveform of this name, in the folder `waves` of the cache."""
    return cache_folder() / "waves" / f"{name}.vcd"
