"""NIR, the Neuromorphic Intermediate Representation: networks of other frameworks, in and out."""

from ganglion.model.interchange.nir import (
    CONVENTIONS,
    Convention,
    Difference,
    compare_spikes,
    convert_rates,
    difference_table,
    export_nir,
    import_nir,
)

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
