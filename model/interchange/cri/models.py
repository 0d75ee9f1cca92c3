"""The neuron models of HiAER-Spike programs, under the names and with the arguments that those programs use."""

from ganglion.model.spec.arithmetic import whole_number
from ganglion.model.spec.errors import ProgramError

NO_NOISE = -17
"""The shift that turns noise off."""

RANGES = {
    "shift": (NO_NOISE, 18),
    "leak": (0, 63),
    "refractory_max": (0, 7),
    "delay_value": (0, 15),
    "threshold": (-(1 << 35), (1 << 35) - 1),
}
"""Least and greatest value of each parameter. Noise of a larger shift would not fit their membranes of 36 bits."""


class neuron_model:
    """What the models have in common. Neurons may share one object.

    `dual_synapse_en`, `legacy_noise_en` and `shadow_uram_offset` say how their FPGA stores a network, not what it
    means; they are taken and have no effect, where that is so.

    Raises:
        ProgramError: a parameter out of range, or one that no network here can have; names model and parameter.
    """

    number = -1
    """What `get_neuronModel` returns."""

    shown: tuple[str, ...] = ("threshold", "shift", "leak", "refractory_max", "delay_value", "soft_reset")
    """Parameters in the repr; the last three where they are used."""

    def __init__(
        self,
        threshold: int,
        shift: int,
        leak: int,
        refractory_max: int,
        delay_value: int,
        soft_reset: bool,
        dual_synapse_en: bool,
        shadow_uram_offset: int,
        legacy_noise_en: int,
    ) -> None:
        model = type(self).__name__
        self.threshold = whole_number(f"{model}: threshold", threshold, *RANGES["threshold"])
        self.shift = whole_number(f"{model}: shift", shift, *RANGES["shift"])
        self.leak = whole_number(f"{model}: leak", leak, *RANGES["leak"])
        self.refractory_max = whole_number(f"{model}: refractory_max", refractory_max, *RANGES["refractory_max"])
        self.delay_value = whole_number(f"{model}: delay_value", delay_value, *RANGES["delay_value"])
        self.soft_reset = bool(soft_reset)
        self.dual_synapse_en = bool(dual_synapse_en)
        self.legacy_noise_en = bool(legacy_noise_en)
        if shadow_uram_offset:
            raise ProgramError(
                f"{model}: shadow_uram_offset must be 0, not {shadow_uram_offset!r}: it addresses the memory of their "
                "FPGA; flag the synapses that are to be delayed, and give delay_value"
            )
        if legacy_noise_en and refractory_max:
            raise ProgramError(
                f"{model}: refractory_max {refractory_max} with legacy_noise_en: their legacy mode has no refractory "
                "period; leave one of them out"
            )

    def get_threshold(self) -> int:
        return self.threshold

    def get_shift(self) -> int:
        return self.shift

    def get_leak(self) -> int:
        return self.leak

    def get_neuronModel(self) -> int:
        return self.number

    def get_refractory_max(self) -> int:
        return self.refractory_max

    def get_delay_value(self) -> int:
        return self.delay_value

    def get_soft_reset(self) -> int:
        return int(self.soft_reset)

    def get_dual_synapse_en(self) -> int:
        return int(self.dual_synapse_en)

    def get_legacy_noise_en(self) -> int:
        return int(self.legacy_noise_en)

    def __repr__(self) -> str:
        values = [(name, getattr(self, name)) for name in self.shown]
        return f"{type(self).__name__}({', '.join(f'{k}={v}' for k, v in values if k not in self.shown[-3:] or v)})"


class LIF_neuron(neuron_model):
    """A leaky neuron: a step takes V >> leak from a membrane that does not spike.

    Args:
        threshold: it spikes where V is greater.
        shift: of the noise; -17 is none.
        leak: 0 forgets everything; 63 takes nothing from V >= 0, and -1 from V < 0.
        refractory_max: steps after a spike whose input is lost.
        dual_synapse_en: taken, without effect.
        delay_value: steps that synapses of this neuron with the delay flag wait.
        soft_reset_en: a spike takes the threshold from V; not possible together with a leak (see the reference page).
        shadow_uram_offset: must be 0.
        legacy_noise_en: taken, without effect.
    """

    number = 2

    def __init__(
        self,
        threshold: int,
        shift: int = NO_NOISE,
        leak: int = 63,
        refractory_max: int = 0,
        dual_synapse_en: bool = False,
        delay_value: int = 0,
        *,
        soft_reset_en: bool = False,
        shadow_uram_offset: int = 0,
        legacy_noise_en: int = 0,
    ) -> None:
        super().__init__(
            threshold,
            shift,
            leak,
            refractory_max,
            delay_value,
            soft_reset_en,
            dual_synapse_en,
            shadow_uram_offset,
            legacy_noise_en,
        )


class ANN_neuron(neuron_model):
    """A neuron without memory: its membrane is the input of the step. Arguments as of `LIF_neuron`; leak is ignored."""

    number = 0

    def __init__(
        self,
        threshold: int,
        shift: int = NO_NOISE,
        leak: int = 0,
        refractory_max: int = 0,
        dual_synapse_en: bool = False,
        delay_value: int = 0,
        *,
        soft_reset_en: bool = False,
        shadow_uram_offset: int = 0,
        legacy_noise_en: int = 0,
    ) -> None:
        super().__init__(
            threshold,
            shift,
            leak,
            refractory_max,
            delay_value,
            soft_reset_en,
            dual_synapse_en,
            shadow_uram_offset,
            legacy_noise_en,
        )


class IF_neuron(neuron_model):
    """A neuron that never leaks.

    Args:
        theta: threshold; it spikes where V is greater.
        nu: shift of the noise; -17 is none.
        refractory_max: steps after a spike whose input is lost.
        delay_value: steps that synapses of this neuron with the delay flag wait.
        dual_synapse_en: taken, without effect.
        soft_reset: a spike takes theta from V, in place of all of it.
        legacy_noise_en: taken, without effect.
    """

    number = 3
    shown = ("theta", "nu", "refractory_max", "delay_value", "soft_reset")

    def __init__(
        self,
        theta: int,
        nu: int = NO_NOISE,
        refractory_max: int = 0,
        delay_value: int = 0,
        dual_synapse_en: bool = False,
        soft_reset: bool = False,
        legacy_noise_en: int = 0,
    ) -> None:
        super().__init__(theta, nu, 0, refractory_max, delay_value, soft_reset, dual_synapse_en, 0, legacy_noise_en)
        self.theta, self.nu = self.threshold, self.shift
