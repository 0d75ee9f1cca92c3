"""From a network to an image: bounds, placement, packing."""

from ganglion.model.compiler.bounds import accumulator_bounds, check_accumulators
from ganglion.model.compiler.compile import compile_program
from ganglion.model.compiler.file import load_image, save_image
from ganglion.model.compiler.image import Core, Image
from ganglion.model.compiler.layout import Content, Destinations, Places, SynapsePlaces
from ganglion.model.compiler.pack.encode import Encoding
from ganglion.model.compiler.pack.unpack import unpack
from ganglion.model.compiler.usage import Resource, Usage, Use

__all__ = [
    "Content",
    "Core",
    "Destinations",
    "Encoding",
    "Image",
    "Places",
    "Resource",
    "SynapsePlaces",
    "Usage",
    "Use",
    "accumulator_bounds",
    "check_accumulators",
    "compile_program",
    "load_image",
    "save_image",
    "unpack",
]
