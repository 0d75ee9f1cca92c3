"""NIR, the Neuromorphic Intermediate Representation: networks of other frameworks, in and out."""

from ganglion.model.interchange.nir.compare import Difference, compare_spikes, difference_table
from ganglion.model.interchange.nir.convention import CONVENTIONS, Convention
from ganglion.model.interchange.nir.exporter import export_nir
from ganglion.model.interchange.nir.importer import import_nir
from ganglion.model.interchange.nir.rates import convert_rates

__all__ = [
    "CONVENTIONS",
    "Convention",
    "Difference",
    "compare_spikes",
    "convert_rates",
    "difference_table",
    "export_nir",
    "import_nir",
]
