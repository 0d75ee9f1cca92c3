"""`ganglion bench`: imports, rates of the chip, its simulation and the emulator, of other simulators, of placement."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from ganglion.jobs.result import Result, table
from ganglion.jobs.start import REPEATS, bench_start
from ganglion.model.benchmarks.emulator import EmulatorRates, measure_emulator
from ganglion.model.benchmarks.peers.comparison import Comparison, absent_peers, agreement, compare_peers
from ganglion.model.benchmarks.peers.targets import target_peer
from ganglion.model.benchmarks.placement import GIBIBYTES, SECONDS, PlacementRate, measure_placement
from ganglion.model.benchmarks.short_steps import CHIP, ShortSteps, measure_short_steps
from ganglion.model.benchmarks.training import METROPOLIS, RASTERS, READY
from ganglion.model.progress import SILENT, Progress
from ganglion.sim.benchmark import ACTIVITY, CORE, INPUTS, SEED, STEPS, RtlRates, many_cores, measure_rtl
from ganglion.sim.rtl import Rtl
from ganglion.sim.sweep_benchmark import CORE as LEARNING_CORE
from ganglion.sim.sweep_benchmark import RULES

DELIVERY_GOALS = {"dense, 784-256": "0.95 and 3.8", "sparse, rows of 32-100": "0.95"}
"""Synapse words per cycle, and SynOps per cycle."""

SWEEP_GOALS = dict(zip(RULES, ("0.95", "0.95", "0.47"), strict=True))
"""Words per cycle, silent rows and the end of the sweep included."""

TRAINING_GOALS = {METROPOLIS: "10,000", READY: "at most 1.3", RASTERS: "at most 1.3"}

SIMULATION_GOALS = {"small": "2"}
"""Million cycles per second."""

SHARE_GOALS = {16: "60%"}


@dataclass(frozen=True, eq=False, kw_only=True)
class RtlBench(Result):
    """Rates of the chip and of its simulation."""

    rates: RtlRates

    def to_dict(self) -> dict[str, Any]:
        deliveries = {
            name: asdict(each) | {"words_per_cycle": each.words_per_cycle, "synops_per_cycle": each.synops_per_cycle}
            for name, each in self.rates.deliveries.items()
        }
        return {
            "rtl": {"core": CORE.to_dict(), "deliveries": deliveries, "idle_cycles": self.rates.idle},
            "sweeps": {
                name: asdict(each) | {"words_per_cycle": each.words_per_cycle}
                for name, each in self.rates.sweeps.items()
            },
            "simulation": {
                "cycles_per_second": self.rates.simulated,
                "cycles_per_second_without_events": {many_cores(n).name: r for n, r in self.rates.stepping.items()},
                "share_of_one_core": {many_cores(n).name: self.rates.share(n) for n in self.rates.stepping},
            },
        }

    def shown(self) -> Iterator[str | Table]:
        title = f"RTL, {CORE.lanes} lanes (seed {SEED}, {STEPS} steps, {ACTIVITY:.0%} of {INPUTS} inputs a step)"
        rows = table("workload", "synapse words / cycle", "SynOps / cycle", "goal", title=title)
        for name, each in self.rates.deliveries.items():
            words, synops = f"{each.words_per_cycle:.3f}", f"{each.synops_per_cycle:.2f}"
            rows.add_row(name, words, synops, DELIVERY_GOALS[name])
        yield rows
        yield f"a step without a spike: {self.rates.idle} cycles ({CORE.groups} groups of {CORE.lanes} neurons)"
        rows = table("rule", "synapse words / cycle", "goal", title=f"sweep, {LEARNING_CORE.name}")
        for name, sweep in self.rates.sweeps.items():
            rows.add_row(name, f"{sweep.words_per_cycle:.3f}", SWEEP_GOALS[name])
        yield rows
        rows = table("preset", "million cycles / s", "goal", title="simulation, native loop, one thread (median)")
        for name, rate in self.rates.simulated.items():
            rows.add_row(name, f"{rate / 1e6:.2f}", SIMULATION_GOALS.get(name, ""))
        yield rows
        title = "simulation of many cores, steps without events (median, of the processor)"
        rows = table("chip", "million cycles / s", "of a share of one core's rate", "goal", title=title)
        for cores, rate in self.rates.stepping.items():
            share = f"{self.rates.share(cores):.0%}"
            rows.add_row(many_cores(cores).name, f"{rate / 1e6:.3f}", share, SHARE_GOALS.get(cores, ""))
        yield rows


@dataclass(frozen=True, eq=False, kw_only=True)
class EmulatorBench(Result):
    """Rates of the emulator, and of all targets on a small network."""

    rates: EmulatorRates

    def to_dict(self) -> dict[str, Any]:
        return {
            "emulator": [asdict(share) for share in self.rates.shares],
            "targets": {"synops_per_second": self.rates.targets},
            "threads": {"times_one_thread": self.rates.threaded},
            "learning": {"visits_per_second": self.rates.learning},
            "calls": {"microseconds": self.rates.calls},
            "training": self.rates.training,
        }

    def shown(self) -> Iterator[str | Table]:
        rows = table("workload", "threads", "active", "G SynOp/s", "ceiling", "share", "goal", title="emulator")
        for share in self.rates.shares:
            size = f"{share.megabytes:,.1f} MB, built in {share.build_seconds:.1f} s"
            rows.add_row(
                f"{share.workload} ({size})" if share.threads == 1 else "",
                str(share.threads),
                f"{share.active:.2%}",
                f"{share.rate.rate / 1e9:.3f}",
                f"{share.rate.ceiling / 1e9:.2f}",
                f"{share.rate.share:.0%}",
                "" if share.goal is None else f"{share.goal:.0%}",
            )
        yield rows
        yield "one thread by processor time, several by the clock on the wall; shares are of one thread's ceiling"
        title = "64-32-10, 20 steps, loading left out"
        rows = table("target", "M SynOp/s", "times the reference", title=title)
        rates = self.rates.targets
        for name, rate in sorted(rates.items(), key=lambda item: -item[1]):
            rows.add_row(name, f"{rate / 1e6:.3f}", f"{rate / rates['reference']:.1f}")
        yield rows
        if self.rates.threaded:
            rows = table("network", "times one thread", title="two threads, by the clock on the wall")
            for name, ratio in self.rates.threaded.items():
                rows.add_row(name, f"{ratio:.2f}")
            yield rows
        rows = table("learning", "M synapses / s", title="1000-100, pair STDP in every step, one thread")
        for name, rate in self.rates.learning.items():
            rows.add_row(name, f"{rate / 1e6:.1f}")
        yield rows
        rows = table("call", "us", title="small calls, and a step of what can learn; one thread, processor time")
        for name, microseconds in self.rates.calls.items():
            rows.add_row(name, f"{microseconds:.2f}")
        yield rows
        if self.rates.training:
            rows = table("training", "measured", "goal", title="through the emulator, one thread")
            for name, rate in self.rates.training.items():
                rows.add_row(name, f"{rate:,.4g}", TRAINING_GOALS[name])
            yield rows


@dataclass(frozen=True, eq=False, kw_only=True)
class PeerBench(Result):
    """One network and its input on other simulators."""

    comparison: Comparison

    def to_dict(self) -> dict[str, Any]:
        ours = self.comparison.results[0]
        simulators = {
            result.peer.name: {
                "version": result.peer.version,
                "build_seconds": result.build,
                "run_seconds": result.run,
                "synops_per_second": result.rate,
                "ratio": result.ratio,
                "spikes": int(result.spikes.sum()),
                "against_ours": agreement(result.spikes, ours.spikes),
            }
            for result in self.comparison.results
        }
        return {self.comparison.workload.name: {"simulators": simulators, "notes": dict(self.comparison.notes)}}

    def shown(self) -> Iterator[str | Table]:
        ours = self.comparison.results[0]
        rows = Table(title=self.comparison.workload.name)
        for column in (
            "simulator",
            "version",
            "build s",
            "run s",
            "M updates/s" if self.comparison.workload.learns else "M SynOp/s",
            "ratio to ours",
            "spikes",
            "against ours",
        ):
            words = column in ("simulator", "version", "against ours")
            rows.add_column(column, justify="left" if words else "right")
        for result in sorted(self.comparison.results, key=lambda each: -each.rate):
            rows.add_row(
                result.peer.name,
                result.peer.version,
                f"{result.build:.2f}",
                f"{result.run:.4f}",
                f"{result.rate / 1e6:,.2f}",
                f"{result.ratio:.3g}",
                f"{result.spikes.sum():,}",
                agreement(result.spikes, ours.spikes),
            )
        yield rows
        yield from (f"{name}: {note}" for name, note in self.comparison.notes.items())


@dataclass(frozen=True, kw_only=True)
class AbsentPeers(Result):
    """Simulators that are in no comparison."""

    why: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        return {"absent": dict(self.why)}

    def shown(self) -> Iterator[str | Table]:
        yield from (f"{name}: {why}" for name, why in self.why.items())
        yield (
            "one thread each, by the clock on the wall; SynOps are those of a simulator's own spikes; "
            "build is from arrays to ready, with compilation"
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class ShortStepsBench(Result):
    """Cycles of networks that are placed for few of them."""

    networks: tuple[ShortSteps, ...]

    def to_dict(self) -> dict[str, Any]:
        return {"short_steps": {each.network: asdict(each) | {"ratio": each.ratio} for each in self.networks}}

    def shown(self) -> Iterator[str | Table]:
        title = f"cycles of a step on {CHIP}, a tenth of all sources fires, by aim of the placement"
        rows = table("network", "memory", "latency", "ratio", title=title)
        for each in self.networks:
            rows.add_row(each.network, f"{each.memory:,.0f}", f"{each.latency:,.0f}", f"{each.ratio:.2f}")
        yield rows


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacementBench(Result):
    """A large network, placed."""

    rate: PlacementRate

    @property
    def failure(self) -> str | None:
        if self.rate.seconds <= SECONDS and self.rate.gibibytes <= GIBIBYTES:
            return None
        return f"placing took more than {SECONDS} s or {GIBIBYTES} GiB"

    def to_dict(self) -> dict[str, Any]:
        program = self.rate.image.program
        return {
            "placement": {
                "neurons": program.neurons,
                "synapses": program.synapses,
                "cores": self.rate.cores,
                "seconds": self.rate.seconds,
                "gibibytes": self.rate.gibibytes,
            }
        }

    def shown(self) -> Iterator[str | Table]:
        program = self.rate.image.program
        yield (
            f"{program.neurons} neurons, {program.synapses} synapses on {self.rate.cores} of {program.params.cores} "
            f"cores: {self.rate.seconds:.1f} s (at most {SECONDS}), {self.rate.gibibytes:.2f} GiB at most "
            f"(at most {GIBIBYTES})"
        )


def bench(*, large: bool = False, quick: bool = False, progress: Progress = SILENT) -> Iterator[Result]:
    """Measures imports, the chip and its simulation, short steps, then the emulator.

    Args:
        large: a billion synapses too: 5 GB of memory, minutes.
        quick: imports, and the emulator on its smaller networks; no chip is built.
        progress: told what is being measured.
    """
    yield bench_start(progress, repeats=1 if quick else REPEATS)
    if quick:
        yield EmulatorBench(rates=measure_emulator(quick=True, progress=progress))
        return
    yield RtlBench(rates=measure_rtl(progress))
    yield ShortStepsBench(networks=measure_short_steps(progress))
    yield EmulatorBench(rates=measure_emulator(large=large, others={"RTL, simulated": Rtl}, progress=progress))


def bench_peers(progress: Progress = SILENT) -> Iterator[Result]:
    """Measures other simulators, network by network, and then says which are absent."""
    for comparison in compare_peers(ours=[target_peer("Ganglion, RTL simulated", Rtl)], progress=progress):
        yield PeerBench(comparison=comparison)
    yield AbsentPeers(why=absent_peers())


def bench_placement(progress: Progress = SILENT) -> Iterator[Result]:
    """Places a network of 100,000 neurons and 10 million synapses."""
    yield PlacementBench(rate=measure_placement(progress))
