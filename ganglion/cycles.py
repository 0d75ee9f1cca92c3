"""How many clock cycles a step takes: the cycle model, alone and for a given image."""

from ganglion.model.compiler.predict import chip_model, cycle_model, predict_cycles
from ganglion.model.spec.cycles.chip import ChipModel
from ganglion.model.spec.cycles.core import CycleModel, StepCycles
from ganglion.model.spec.noise_constants import KEY_CYCLES

__all__ = ["KEY_CYCLES", "ChipModel", "CycleModel", "StepCycles", "chip_model", "cycle_model", "predict_cycles"]
