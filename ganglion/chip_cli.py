"""The verbs for the chip itself: parse, call, print."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from ganglion import options

DriverName = Literal["native", "cocotb"]
"""What drives a simulation."""


def verify(
    preset: options.Preset = None,
    changes: options.Changes = None,
    cores: options.Cores = None,
    networks: Annotated[int, typer.Option(min=1, max=10**9, help="how many random networks")] = 50,
    seed: Annotated[int, typer.Option(min=0, max=options.SEEDS, help="seed of the first; the next ones count up")] = 0,
    steps: Annotated[int, typer.Option(min=1, max=10**6, help="steps of each run")] = 20,
    driver: Annotated[DriverName, typer.Option(help="what drives the simulation: a C++ loop, or cocotb")] = "native",
    as_json: options.Json = False,
) -> None:
    """Run random networks on the RTL and the golden model in lockstep, all state compared after every step.

    A difference is reported with the command that shows it again, and leaves a waveform.

    Examples: ganglion verify --preset tiny --networks 200

    ganglion verify --preset small --set lanes=4 --networks 10 --seed 1000
    """
    from ganglion.console import show
    from ganglion.jobs.sizes import Sizes
    from ganglion.jobs.verify import verify as job
    from ganglion.progress import TerminalProgress

    params = Sizes(preset=preset, changes=changes or (), cores=cores).of()
    found = job(params, seed=seed, networks=networks, steps=steps, driver=driver, progress=TerminalProgress())
    show(found, as_json=as_json)


def verilog(
    file: Annotated[Path, typer.Argument(help="file to write")] = Path("chip.v"),
    preset: options.Preset = None,
    changes: options.Changes = None,
    cores: options.Cores = None,
    as_json: options.Json = False,
) -> None:
    """Write the chip as Verilog; its top module is called chip.

    Example: ganglion verilog chip.v --preset board --set lanes=8
    """
    from ganglion.console import show
    from ganglion.jobs.sizes import Sizes
    from ganglion.jobs.verilog import verilog as job
    from ganglion.progress import TerminalProgress

    params = Sizes(preset=preset, changes=changes or (), cores=cores).of()
    show(job(params, file, progress=TerminalProgress()), as_json=as_json)


def wave(
    network: Annotated[
        str, typer.Argument(help="a network that ships with Ganglion, or a file of your own, as ganglion run takes it")
    ],
    file: Annotated[Path, typer.Argument(help="file to write: .vcd, or .fst where vcd2fst of GTKWave is there")],
    samples: Annotated[
        Path | None, typer.Option(metavar="FILE", help="samples of a network of your own, .npz or .npy")
    ] = None,
    only: Annotated[int, typer.Option(min=0, help="number of the sample")] = 0,
    steps: Annotated[int | None, typer.Option(min=1, help="its first so many steps; all unless given")] = None,
    preset: options.Preset = None,
    changes: options.Changes = None,
    cores: options.Cores = None,
    convention: options.Convention = None,
    choices: options.Choices = None,
    timing: options.Timing = "layers",
    as_json: options.Json = False,
) -> None:
    """Record all signals of the simulated chip while a sample runs, and a view of them for GTKWave or Surfer.

    Example: ganglion wave digits run.vcd --only 3 --steps 4
    """
    from ganglion.console import show
    from ganglion.jobs.own_network import Reading
    from ganglion.jobs.sizes import Sizes
    from ganglion.jobs.wave import wave as job
    from ganglion.progress import TerminalProgress

    found = job(
        network,
        file,
        samples=samples,
        only=only,
        steps=steps,
        sizes=Sizes(preset=preset, changes=changes or (), cores=cores),
        reading=Reading(convention=convention, choices=tuple(choices or ()), timing=timing),
        progress=TerminalProgress(),
    )
    show(found, as_json=as_json)


def faults(
    network: Annotated[
        str | None, typer.Argument(help="a network that ships with Ganglion, or a file; random ones if none")
    ] = None,
    flips: Annotated[int, typer.Option(min=1, max=10**7, help="bits to flip, one at a time")] = 1000,
    seed: Annotated[int, typer.Option(min=0, max=options.SEEDS, help="of bits, cycles and random networks")] = 0,
    samples: Annotated[
        Path | None, typer.Option(metavar="FILE", help="samples of a network of your own, .npz or .npy")
    ] = None,
    only: Annotated[int, typer.Option(min=0, help="number of the sample")] = 0,
    preset: options.Preset = None,
    changes: options.Changes = None,
    cores: options.Cores = None,
    as_json: options.Json = False,
) -> None:
    """Flip bits of the simulated chip's memories while a network runs, and tell what becomes of each: detected by
    parity, refused by the host, silent (a wrong trace), or harmless.

    Examples: ganglion faults --preset tiny --set parity=all

    ganglion faults digits --flips 500 --seed 3
    """
    from ganglion.console import show
    from ganglion.jobs.faults import faults as job
    from ganglion.jobs.sizes import Sizes
    from ganglion.progress import TerminalProgress

    found = job(
        network,
        flips=flips,
        seed=seed,
        samples=samples,
        only=only,
        sizes=Sizes(preset=preset, changes=changes or (), cores=cores),
        progress=TerminalProgress(),
    )
    show(found, as_json=as_json)


def bench(
    quick: Annotated[
        bool, typer.Option("--quick", help="imports, and the emulator on its smaller networks: half a minute")
    ] = False,
    large: Annotated[bool, typer.Option("--large", help="a billion synapses too: 5 GB of memory, minutes")] = False,
    peers: Annotated[
        bool, typer.Option("--peers", help="instead, compare the emulator with other simulators; takes minutes")
    ] = False,
    placement: Annotated[
        bool, typer.Option("--placement", help="instead, place 100,000 neurons and 10 million synapses; takes minutes")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Print rates: the chip per cycle, its simulation, the emulator as shares of what the machine can do.

    With --peers: those of Brian2, NEST, nengo-loihi, snnTorch, SpikingJelly and Norse, where they are installed, on the
    same networks and input, as ratios to the emulator's, and whether their spikes are the same.

    The machine is at its best when nothing else runs; rates are medians.

    Example: ganglion bench --json > rates.json
    """
    from ganglion.console import show
    from ganglion.jobs.bench import bench as job
    from ganglion.jobs.bench import bench_peers, bench_placement
    from ganglion.progress import TerminalProgress

    if quick + large + peers + placement > 1:
        raise typer.BadParameter("only one of --quick, --large, --peers and --placement at a time")
    progress = TerminalProgress()
    if peers:
        show(bench_peers(progress), as_json=as_json)
    elif placement:
        show(bench_placement(progress), as_json=as_json)
    else:
        show(job(large=large, quick=quick, progress=progress), as_json=as_json)


def resources(
    preset: options.Preset = None,
    route: Annotated[bool, typer.Option("--route", help="place and route too, for the clock; takes minutes")] = False,
    update: options.Update = False,
    as_json: options.Json = False,
) -> None:
    """Synthesise one core for ECP5, and compare it with the committed baseline, which is that of the preset board.

    Example: ganglion resources --route
    """
    from ganglion.console import show
    from ganglion.jobs.resources import resources as job
    from ganglion.jobs.sizes import DEFAULT
    from ganglion.progress import TerminalProgress

    show(job(preset or DEFAULT, route=route, update=update, progress=TerminalProgress()), as_json=as_json)


def bitstream(
    board: options.BoardName,
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=options.SEEDS, help="seed of the placement; the board's own unless given"),
    ] = None,
    preset: options.Preset = None,
    changes: options.Changes = None,
    cores: options.Cores = None,
    clock: options.Clock = None,
    report_only: Annotated[
        bool, typer.Option("--report-only", help="report on the bitstream that is there, and make none")
    ] = False,
    update: options.Update = False,
    as_json: options.Json = False,
) -> None:
    """Make the bitstream of a board with open tools, and report what it takes and what it can do; takes minutes.

    Example: ganglion bitstream icebreaker
    """
    from ganglion.console import show
    from ganglion.jobs.bitstream import bitstream as job
    from ganglion.jobs.sizes import Sizes
    from ganglion.progress import TerminalProgress

    found = job(
        board,
        seed=seed,
        sizes=Sizes(preset=preset, changes=changes or (), cores=cores),
        clock_mhz=clock,
        report_only=report_only,
        update=update,
        progress=TerminalProgress(),
    )
    show(found, as_json=as_json)
