"""Ganglion, an open neuromorphic chip: golden model, emulator and RTL, bit for bit the same.

Every public name is loaded when it is first used (`__init__.pyi` says from where), so that the reference needs NumPy
alone, and who asks for one target does not wait for the others.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
