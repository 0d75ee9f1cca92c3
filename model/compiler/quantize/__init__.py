"""From a network in floats to a program in integers, and what that does to it."""

from ganglion.model.compiler.quantize.exact import exact_program
from ganglion.model.compiler.quantize.quantize import Quantized, quantize
from ganglion.model.compiler.quantize.report import LayerReport, OutputResult, QuantizationReport, SampleResult

__all__ = [
    "LayerReport",
    "OutputResult",
    "QuantizationReport",
    "Quantized",
    "SampleResult",
    "exact_program",
    "quantize",
]
