"""The public names and where they live: `__init__.py` reads this file, as type checkers do."""

from . import boards as boards
from . import compiler as compiler
from . import cycles as cycles
from . import emulator as emulator
from . import encode as encode
from . import energy as energy
from . import errors as errors
from . import events as events
from . import hs_api as hs_api
from . import networks as networks
from . import nir as nir
from . import noise as noise
from . import packets as packets
from . import params as params
from . import progress as progress
from . import targets as targets
from . import verify as verify
from .fpga.host.board import Board as Board
from .model.compiler.compile import compile_program as compile_program
from .model.compiler.file import load_image as load_image
from .model.compiler.file import save_image as save_image
from .model.compiler.image import Image as Image
from .model.compiler.network.network import Network as Network
from .model.compiler.quantize.quantize import Quantized as Quantized
from .model.compiler.quantize.quantize import quantize as quantize
from .model.emulator.array.emulator import ArrayEmulator as ArrayEmulator
from .model.emulator.emulator import Emulator as Emulator
from .model.interchange.nir.convention import CONVENTIONS as CONVENTIONS
from .model.interchange.nir.convention import Convention as Convention
from .model.interchange.nir.exporter import export_nir as export_nir
from .model.interchange.nir.importer import import_nir as import_nir
from .model.lockstep import lockstep as lockstep
from .model.spec.decay import Decay as Decay
from .model.spec.errors import GanglionError as GanglionError
from .model.spec.events import Events as Events
from .model.spec.neuron import NeuronType as NeuronType
from .model.spec.params import PRESETS as PRESETS
from .model.spec.params import Params as Params
from .model.spec.program import Program as Program
from .model.spec.reference import Reference as Reference
from .model.spec.state import State as State
from .model.spec.target import Target as Target
from .model.spec.trace import Trace as Trace
from .sim.rtl import Rtl as Rtl

__version__: str
