"""From a network to an image: quantising, bounds of accumulators, placement, packing, and what each says of it."""

from ganglion.model.compiler import (
    Core,
    Encoding,
    Image,
    Places,
    Resource,
    SynapsePlaces,
    Usage,
    Use,
    accumulator_bounds,
    check_accumulators,
    compile_program,
    load_image,
    save_image,
    unpack,
)
from ganglion.model.compiler.fit import fewest_cores
from ganglion.model.compiler.network import Convolution, Input, Network, Population, Projection, canonical
from ganglion.model.compiler.quantize import (
    LayerReport,
    OutputResult,
    QuantizationReport,
    Quantized,
    SampleResult,
    exact_program,
    quantize,
)
from ganglion.model.compiler.readout import Answers, Readout
from ganglion.model.compiler.report.picture import draw_placement
from ganglion.model.compiler.report.table import summary, usage_table
from ganglion.model.compiler.report.traffic import Traffic, traffic_of

__all__ = [
    "Answers",
    "Convolution",
    "Core",
    "Encoding",
    "Image",
    "Input",
    "LayerReport",
    "Network",
    "OutputResult",
    "Places",
    "Population",
    "Projection",
    "QuantizationReport",
    "Quantized",
    "Readout",
    "Resource",
    "SampleResult",
    "SynapsePlaces",
    "Traffic",
    "Usage",
    "Use",
    "accumulator_bounds",
    "canonical",
    "check_accumulators",
    "compile_program",
    "draw_placement",
    "exact_program",
    "fewest_cores",
    "load_image",
    "quantize",
    "save_image",
    "summary",
    "traffic_of",
    "unpack",
    "usage_table",
]
