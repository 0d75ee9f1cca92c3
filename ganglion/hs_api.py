"""HiAER-Spike programs: `python -m ganglion.hs_api program.py` runs one as it is.

A program whose imports are changed takes the names of `hs_api` from here. docs/reference/hiaer.md says what is met.
"""

from ganglion.jobs.hiaer import COUNTED, RTL, TARGETS, OnBoard, main, run_on
from ganglion.model.interchange.cri import ANN_neuron, CRI_network, IF_neuron, LIF_neuron, neuron_model
from ganglion.model.interchange.cri.aliases import install
from ganglion.model.interchange.cri.pickles import load_pickle

__all__ = [
    "COUNTED",
    "RTL",
    "TARGETS",
    "ANN_neuron",
    "CRI_network",
    "IF_neuron",
    "LIF_neuron",
    "OnBoard",
    "install",
    "load_pickle",
    "main",
    "neuron_model",
    "run_on",
]

if __name__ == "__main__":
    from ganglion.progress import TerminalProgress

    main(progress=TerminalProgress())
