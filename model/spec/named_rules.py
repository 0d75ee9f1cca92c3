"""Rules of the literature by name, as plastic rules of this chip.

Amounts are in units of the weight. Each is rounded to the nearest S * 2^k that a term can have. Jumps of traces are
powers of two, so that an amount at distance 0 is exact where it has 7 bits.
"""

from ganglion.model.spec.arithmetic import whole_number
from ganglion.model.spec.decay import NEVER, Decay
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.learning import LearningRule, Term
from ganglion.model.spec.plastic import PlasticRule, Spikes
from ganglion.model.spec.rule_text import nearest_coefficient
from ganglion.model.spec.synaptic_traces import PostTrace

JUMP = 64
"""What a spike adds to a trace unless told otherwise: a quarter of a trace of 8 bits."""


@explained(ProgramError)
def stdp(
    a_plus: float = 1.0,
    a_minus: float = 1.0,
    *,
    tau_plus: float = 20.0,
    tau_minus: float = 20.0,
    nearest: bool = False,
    jump: int = JUMP,
    low: int | None = None,
    high: int | None = None,
    rounding: str = "stochastic",
    sign: str = "mixed",
    name: str = "stdp",
) -> PlasticRule:
    """Pair-based spike-timing-dependent plasticity with exponential windows.

    A pair whose target fires n steps after its source changes the weight by a_plus * exp(-n / tau_plus), one whose
    target fires n steps before by -a_minus * exp(-n / tau_minus); both count where n is 0. S. Song, K. Miller,
    L. Abbott, "Competitive Hebbian learning through spike-timing-dependent synaptic plasticity", Nature Neuroscience 3,
    2000; the nearest-spike form as in A. Morrison, M. Diesmann, W. Gerstner, Biological Cybernetics 98, 2008.

    Args:
        a_plus: change of a pair at distance 0 by the causal window.
        a_minus: by the other window; positive lowers the weight.
        tau_plus: time constant of the causal window, steps.
        tau_minus: of the other.
        nearest: of all earlier spikes only the last counts.
        jump: what a spike adds to the traces.
        low, high: clip range of the weight; None is that of the chip.
        rounding: "stochastic" or "floor".
        sign: "mixed", "excitatory" or "inhibitory".
        name: what messages call it.
    """
    mode = "set" if nearest else "add"
    return PlasticRule(
        rule=LearningRule(
            name=name,
            terms=(
                _term(a_plus / jump, "x1", dependency="y0"),
                _term(-a_minus / jump, "y1", dependency="x0"),
            ),
            low=low,
            high=high,
            rounding=rounding,
            sign=sign,
        ),
        pre=(Spikes(tau=tau_plus, jump=jump, mode=mode),),
        post=(Spikes(tau=tau_minus, jump=jump, mode=mode),),
    )


@explained(ProgramError)
def reward_stdp(
    rate: float = 0.125,
    *,
    a_plus: float = 1.0,
    a_minus: float = 1.0,
    tau_plus: float = 20.0,
    tau_minus: float = 20.0,
    tag_decay: float = 0.03125,
    jump: int = JUMP,
    low: int | None = None,
    high: int | None = None,
    rounding: str = "stochastic",
    name: str = "reward_stdp",
) -> PlasticRule:
    """Reward-modulated STDP with an eligibility tag: de = STDP - tag_decay * e, dw = rate * r0 * e.

    The host writes the reward, or what it is better than expected, into modulator 0. N. Frémaux, W. Gerstner,
    "Neuromodulated spike-timing-dependent plasticity, and theory of three-factor learning rules", Frontiers in Neural
    Circuits 9, 2016; R. Florian, Neural Computation 19, 2007.

    Args:
        rate: change of the weight per tag and unit of the modulator.
        a_plus, a_minus, tau_plus, tau_minus, jump: of the windows that feed the tag, as in `stdp`; 0 leaves one out.
        tag_decay: fraction of the tag that is lost in each step.
        low, high, rounding, name: as in `stdp`.
    """
    windows = [(a_plus, "x1", "y0"), (-a_minus, "y1", "x0")]
    terms = [_term(a / jump, trace, dependency=spike, destination="tag") for a, trace, spike in windows if a]
    terms += [_term(-tag_decay, "e", destination="tag")] if tag_decay else []
    return PlasticRule(
        rule=LearningRule(
            name=name, terms=(*terms, _term(rate, "e", "r0")), low=low, high=high, rounding=rounding
        ),
        pre=(Spikes(tau=tau_plus, jump=jump),),
        post=(Spikes(tau=tau_minus, jump=jump),) if a_minus else (),
    )


@explained(ProgramError)
def three_factor(
    rate: float = 0.001,
    *,
    tau: float = 20.0,
    window: tuple[int, int],
    error_decay: Decay | tuple[int, int] = (1, 0),
    jump: int = JUMP,
    epoch: int = 1,
    low: int | None = None,
    high: int | None = None,
    rounding: str = "stochastic",
    name: str = "three_factor",
) -> PlasticRule:
    """A surrogate-gradient three-factor rule: dw = rate * x1 * y1 * y2, with y1 the error at receptor 1, and y2 1 where
    the membrane is in a window around the threshold, otherwise 0.

    K. Stewart, G. Orchard, S. Shrestha, E. Neftci, "Online few-shot gesture learning on a neuromorphic processor", IEEE
    JETCAS 10, 2020 (SOEL); F. Zenke, S. Ganguli, "SuperSpike", Neural Computation 30, 2018.

    Args:
        rate: change of the weight per unit of trace and error.
        tau: time constant of the presynaptic trace, steps.
        window: membranes from the first up to below the second count.
        error_decay: decay (m, s) of the error; (1, 0) is the error of the step alone.
        jump: what a spike adds to the presynaptic trace.
        epoch: steps of an epoch.
        low, high, rounding, name: as in `stdp`.
    """
    return PlasticRule(
        rule=LearningRule(
            name=name, terms=(_term(rate, "x1", "y1", "y2"),), low=low, high=high, rounding=rounding
        ),
        pre=(Spikes(tau=tau, jump=jump),),
        post=(PostTrace(feed="receptor", decay=error_decay), PostTrace.window(*window)),
        epoch=epoch,
    )


@explained(ProgramError)
def delta(
    rate: float = 0.001,
    *,
    tau: float = 20.0,
    error_decay: Decay | tuple[int, int] = (1, 0),
    jump: int = JUMP,
    epoch: int = 1,
    low: int | None = None,
    high: int | None = None,
    rounding: str = "stochastic",
    name: str = "delta",
) -> PlasticRule:
    """The delta rule: dw = rate * x1 * y1, with y1 the error that arrives at receptor 1.

    B. Widrow, M. Hoff, "Adaptive switching circuits", IRE WESCON, 1960; on traces of spikes.

    Args:
        rate, tau, error_decay, jump, epoch, low, high, rounding, name: as in `three_factor`.
    """
    return PlasticRule(
        rule=LearningRule(name=name, terms=(_term(rate, "x1", "y1"),), low=low, high=high, rounding=rounding),
        pre=(Spikes(tau=tau, jump=jump),),
        post=(PostTrace(feed="receptor", decay=error_decay),),
        epoch=epoch,
    )


@explained(ProgramError)
def sdsp(
    theta_mem: int,
    *,
    theta: tuple[int, int, int] = (1, 3, 7),
    offset: int = 4,
    low: int = 0,
    high: int = 7,
    name: str = "sdsp",
) -> PlasticRule:
    """Spike-driven synaptic plasticity as ODIN has it: at each event of the source the weight goes up by 1 where
    membrane >= theta_mem and theta[0] <= calcium < theta[2], and down by 1 where membrane < theta_mem and theta[0] <=
    calcium < theta[1].

    The calcium is trace y1: what arrives at receptor 1, without decay. A synapse of weight 1 from each neuron to its
    own receptor 1 counts its spikes, an input of weight -1 makes it leak. It saturates as the counter does where the
    trace begins at -offset: with traces of 2 bits and offset 4 it has the eight values of ODIN's.
    docs/reference/learning.md has what is the same as in ODIN, and what not.

    J. Brader, W. Senn, S. Fusi, "Learning real-world stimuli in a neural network with spike-driven synaptic dynamics",
    Neural Computation 19, 2007; C. Frenkel et al., "A 0.086-mm2 12.7-pJ/SOP 64k-synapse 256-neuron online-learning
    digital spiking neuromorphic processor in 28-nm CMOS", IEEE TBioCAS 13, 2019.

    Args:
        theta_mem: the threshold of the membrane.
        theta: the three thresholds of the calcium, ascending.
        offset: the trace when the calcium is 0, negated.
        low, high: clip range of the weight.
        name: what messages call it.
    """
    one, two, three = (whole_number("theta of sdsp", value, 0, 1 << 12) - offset for value in theta)
    # y3 is 2 where both windows are open, 1 where the upper alone is; y2 is the side of theta_mem.
    bounds, values = ((one, two, three), (0, 2, 1, 0)) if two < three else ((one, two), (0, 2, 0))
    return PlasticRule(
        rule=LearningRule(
            name=name,
            terms=(
                Term(dependency="x0", scale=1, exponent=-1, factors=("y2", "y3")),
                Term(dependency="x0", scale=1, factors=("y3",)),
                Term(dependency="x0", scale=-1, exponent=-1, factors=("y3", "y3")),
            ),
            low=low,
            high=high,
        ),
        post=(
            PostTrace(feed="receptor", decay=NEVER),
            PostTrace(feed="membrane", bounds=(theta_mem,), values=(-1, 1)),
            PostTrace(feed="trace", bounds=bounds, values=values),
        ),
    )


@explained(ProgramError)
def feast(
    rate: float = 0.0625,
    *,
    tau: float = 20.0,
    jump: int = JUMP,
    low: int | None = None,
    high: int | None = None,
    rounding: str = "stochastic",
    name: str = "feast",
) -> PlasticRule:
    """Feature extraction with adaptive selection thresholds: where the target fires, dw = rate * (x1 - w).

    The thresholds are the neurons' own: an adaptive threshold, raised at each spike. S. Afshar et al., "Event-based
    feature extraction using adaptive selection thresholds", Sensors 20, 2020.

    Args:
        rate: fraction of the way to the trace that a spike goes.
        tau, jump, low, high, rounding, name: as in `stdp`.
    """
    return PlasticRule(
        rule=LearningRule(
            name=name,
            terms=(_term(rate, "x1", dependency="y0"), _term(-rate, "w", dependency="y0")),
            low=low,
            high=high,
            rounding=rounding,
        ),
        pre=(Spikes(tau=tau, jump=jump),),
    )


@explained(ProgramError)
def homeostatic(
    hebb: float = 1.0,
    homeostasis: float = 0.25,
    *,
    target: int = JUMP,
    tau: float = 20.0,
    tau_rate: float = 100.0,
    jump: int = JUMP,
    epoch: int = 1,
    low: int | None = None,
    high: int | None = None,
    rounding: str = "stochastic",
    name: str = "homeostatic",
) -> PlasticRule:
    """A Hebbian rule with homeostasis: causal pairs add hebb * exp(-n / tau), and each epoch in which the target fired
    adds homeostasis * (target - y1) / jump, where y1 is a trace of the target's rate.

    G. Turrigiano et al., "Activity-dependent scaling of quantal amplitude in neocortical neurons", Nature 391, 1998;
    with the rewiring of `Target.rewire` as in S. Billaudelle et al., "Structural plasticity on an accelerated analog
    neuromorphic hardware system", Neural Networks 133, 2021.

    Args:
        hebb: change of a causal pair at distance 0.
        homeostasis: change where y1 is a jump below the target.
        target: of trace y1.
        tau: time constant of the causal window, steps.
        tau_rate: of the rate.
        jump, epoch, low, high, rounding, name: as in `stdp` and `three_factor`.
    """
    return PlasticRule(
        rule=LearningRule(
            name=name,
            terms=(
                _term(hebb / jump, "x1", dependency="y0"),
                _term(homeostasis * target / jump, dependency="y0"),
                _term(-homeostasis / jump, "y1", dependency="y0"),
            ),
            low=low,
            high=high,
            rounding=rounding,
        ),
        pre=(Spikes(tau=tau, jump=jump),),
        post=(Spikes(tau=tau_rate, jump=jump),),
        epoch=epoch,
    )


def _term(amount: float, *factors: str, dependency: str = "always", destination: str = "weight") -> Term:
    """A term whose coefficient is the nearest that there is."""
    scale, exponent = nearest_coefficient(amount)
    return Term(
        destination=destination, dependency=dependency, scale=scale, exponent=exponent, factors=factors
    )
