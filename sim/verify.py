"""Random networks on the chip and on the reference, in lockstep."""

from collections.abc import Callable
from functools import partial

import numpy as np

from ganglion.model.lockstep import lockstep
from ganglion.model.progress import SILENT, Progress
from ganglion.model.random_network import STEPS, random_network
from ganglion.model.spec.errors import GanglionError, ParamsError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.target import Target
from ganglion.sim.coverage import Coverage
from ganglion.sim.driver import NO_STALLS, Driver, Stalls
from ganglion.sim.rtl import DriverName, Rtl, make_driver
from ganglion.sim.waveform import waveform_file


@explained(ParamsError)
def verify(
    params: Params,
    *,
    seed: int = 0,
    networks: int = 2000,
    steps: int = STEPS,
    driver: DriverName | Driver = "native",
    reference: Callable[[Program], Target] = Reference,
    progress: Progress = SILENT,
) -> Coverage:
    """Runs the random networks of `networks` seeds from `seed` on, each with its own stalls of both streams.

    Args:
        params: the chip.
        seed: of the first network.
        networks: how many.
        steps: of each run.
        driver: how to simulate.
        reference: makes the target that is right.
        progress: told of the networks that were run.

    Returns:
        What the networks reached.

    Raises:
        MismatchError: the first difference, with the command that shows it again.
        ToolError: the chip cannot be built.
    """
    simulator = make_driver(driver, params) if isinstance(driver, str) else driver
    coverage = Coverage(params)
    seeds = range(seed, seed + networks)
    what = f"{networks} random networks, {params.name}, seeds {seeds.start} to {seeds.stop - 1}"
    try:
        with progress.task(what, networks) as task:
            for k in seeds:
                network, stalls = random_network(params, k, steps), random_stalls(k)
                rtl, right = Rtl(network.image, simulator, stalls=stalls), reference(network.program)
                lockstep(
                    network.program,
                    network.events,
                    rtl,
                    right,
                    replay=replay(params, k, steps, simulator.name),
                    waveform=waveform_file(f"{params.name}-seed{k}"),
                    observe=partial(coverage.add, network, stalls),
                    between={step: meddling.apply for step, meddling in network.meddling.items()},
                )
                task.advance()
    finally:
        if isinstance(driver, str):
            simulator.close()
    return coverage


@explained(GanglionError)
def random_stalls(seed: int) -> Stalls:
    """The stalls of a seed: none, of one stream, or of both; rare or frequent."""
    rng = np.random.default_rng((seed, 0x57))
    source, sink = rng.integers(0, 2, 2) * rng.uniform(0.05, 0.8, 2)
    return Stalls(float(source), float(sink), seed) if source or sink else NO_STALLS


def replay(params: Params, seed: int, steps: int, driver: str) -> str:
    """The command that runs one random network again."""
    preset = min(PRESETS.values(), key=lambda preset: len(preset.differences(params)))
    wanted = params.to_dict()
    changes = [line.partition(":")[0] for line in preset.differences(params)]
    command = f"ganglion verify --preset {preset.name}" + "".join(f" --set {n}={_shown(wanted[n])}" for n in changes)
    command += f" --seed {seed} --networks 1"
    command += f" --steps {steps}" if steps != STEPS else ""
    return command + (f" --driver {driver}" if driver != "native" else "")


def _shown(value: object) -> str:
    """One size, as the command line takes it."""
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
