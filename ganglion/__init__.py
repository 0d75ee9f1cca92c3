"""Ganglion, an open neuromorphic chip: golden model, emulator and RTL, bit for bit the same."""

from ganglion.fpga.host.board import Board
from ganglion.model.compiler import Image, compile_program, load_image, save_image
from ganglion.model.compiler.network import Network
from ganglion.model.compiler.quantize import Quantized, quantize
from ganglion.model.emulator import Emulator
from ganglion.model.interchange.nir import CONVENTIONS, Convention, export_nir, import_nir
from ganglion.model.lockstep import lockstep
from ganglion.model.spec.errors import GanglionError
from ganglion.model.spec.events import Events
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.trace import State, Trace
from ganglion.sim.rtl import Rtl

__all__ = [
    "CONVENTIONS",
    "PRESETS",
    "Board",
    "Convention",
    "Emulator",
    "Events",
    "GanglionError",
    "Image",
    "Network",
    "NeuronType",
    "Params",
    "Program",
    "Quantized",
    "Reference",
    "Rtl",
    "State",
    "Trace",
    "compile_program",
    "export_nir",
    "import_nir",
    "load_image",
    "lockstep",
    "quantize",
    "save_image",
]
