"""The command line: parses, calls, prints. What it does lives in the other folders."""

import sys
from contextlib import nullcontext
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from ganglion import board_cli
from ganglion.model.spec.errors import GanglionError, ParamsError
from ganglion.model.spec.params import PRESETS, Params

app = typer.Typer(
    name="ganglion",
    help="An open neuromorphic chip: golden model, emulator and RTL, bit for bit the same.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

app.add_typer(board_cli.app)
app.command()(board_cli.bitstream)

console = Console()


class Example(StrEnum):
    """Networks that ship with Ganglion."""

    DIGITS = "digits"
    MNIST = "mnist"
    MNIST_CONV = "mnist-conv"
    SPEECH = "speech"


class BenchKind(StrEnum):
    """Ways of simulating the RTL."""

    NATIVE = "native"
    COCOTB = "cocotb"


Preset = Annotated[str, typer.Option(help=f"sizes of the chip: {', '.join(PRESETS)}")]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", help="change one size of the preset, as in --set lanes=2; may be repeated"),
]


@app.command()
def run(
    example: Annotated[
        Example,
        typer.Argument(
            help="which network: digits is scikit-learn's handwritten digits; the others need data, see docs/reference"
        ),
    ],
    targets: Annotated[
        str | None,
        typer.Option(
            help="what runs it, comma-separated: reference, emulator, rtl, board; the first judges the others; "
            "unless given: reference,rtl for digits, emulator for the others"
        ),
    ] = None,
    samples: Annotated[
        int | None, typer.Option("--samples", "--images", help="how many test samples; all unless given")
    ] = None,
    only: Annotated[str | None, typer.Option(help="these test samples instead, comma-separated: 3,17")] = None,
    device: Annotated[str | None, typer.Option(help="serial device of the board, such as /dev/ttyUSB1")] = None,
    baud: board_cli.Baud = None,
    states: Annotated[
        bool,
        typer.Option(
            help="compare all state after every step, or spikes and counters alone; of a board, state takes its time"
        ),
    ] = True,
    clock: Annotated[
        float | None,
        typer.Option(help="clock in MHz at which latencies are stated; the board's, or 80, unless given"),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="folder for the HTML report of digits; none unless given")] = None,
    report: Annotated[bool, typer.Option("--report", help="print what the run would cost in energy")] = False,
    energies: Annotated[
        Path | None, typer.Option(help="JSON file of energies per operation, in place of the built-in estimates")
    ] = None,
) -> None:
    """Run a network that ships with Ganglion, every bit of every step compared between targets.

    Examples: ganglion run digits --samples 50 --out build/report

    ganglion run mnist --samples 200 --targets emulator,rtl

    ganglion run digits --samples 10 --targets reference,board --device /dev/ttyUSB1
    """
    from ganglion.fpga.host.board import open_board
    from ganglion.model.energy import Technology
    from ganglion.progress import TerminalProgress
    from ganglion.sim.classifiers import ClassifierResult, run_classifier
    from ganglion.sim.classifiers.recorder import CLOCK_MHZ
    from ganglion.sim.digits import DigitsResult, main_job
    from ganglion.sim.energy import print_energy

    technology = Technology.from_file(energies) if energies else Technology()
    numbers = _numbers(only) if only else None
    result: DigitsResult | ClassifierResult
    if out and example is not Example.DIGITS:
        raise GanglionError(f"--out: there is no HTML report of {example.value}; digits alone has one")
    with open_board(device, baud=baud) if device else nullcontext() as board:
        clock_mhz = clock if clock is not None else board.clock_mhz if board else CLOCK_MHZ
        if example is Example.DIGITS:
            result = main_job(
                targets=(targets or "reference,rtl").split(","),
                images=samples,
                only=numbers,
                clock_mhz=clock_mhz,
                hardware=board,
                states=states,
                out=out,
                console=console,
                progress=TerminalProgress(),
                command=" ".join(["ganglion", *sys.argv[1:]]),
            )
        else:
            result = run_classifier(
                example.value,
                targets=(targets or "emulator").split(","),
                samples=samples,
                only=numbers,
                clock_mhz=clock_mhz,
                hardware=board,
                states=states,
                console=console,
                progress=TerminalProgress(),
            )
    if report:
        per = ("sample", len(result.guess))
        print_energy(result.totals(), result.program.params, technology, console, per=per)


@app.command()
def verify(
    preset: Preset = "tiny",
    changes: Changes = None,
    networks: Annotated[int, typer.Option(help="how many random networks")] = 200,
    seed: Annotated[int, typer.Option(help="seed of the first; the next ones count up")] = 0,
    steps: Annotated[int | None, typer.Option(help="steps of each run")] = None,
    bench: Annotated[BenchKind, typer.Option(help="the C++ loop, or cocotb")] = BenchKind.NATIVE,
) -> None:
    """Run random networks on the RTL and the golden model in lockstep, all state compared after every step.

    A difference is reported with the command that shows it again, and leaves a waveform.

    Example: ganglion verify --preset small --networks 10 --seed 1000
    """
    from ganglion.model.random_network import STEPS
    from ganglion.progress import TerminalProgress
    from ganglion.sim.verify import verify as run_networks

    params = _params(preset, changes)
    coverage = run_networks(
        params,
        seed=seed,
        networks=networks,
        steps=steps or STEPS,
        driver=bench.value,
        progress=TerminalProgress(),
    )
    console.print(coverage.table())
    seeds = f"seeds {seed} to {seed + networks - 1}"
    console.print(f"{networks} networks of {steps or STEPS} steps, {seeds}: no difference")


@app.command("import")
def import_network(
    file: Annotated[Path, typer.Argument(help="a NIR file")],
    convention: Annotated[
        str | None, typer.Option(help="the framework that the file is from: snntorch, norse, sinabs or spikingjelly")
    ] = None,
    options: Annotated[
        list[str] | None,
        typer.Option("--with", help="how to read the file, as in --with reset=value; may be repeated"),
    ] = None,
    timing: Annotated[str, typer.Option(help="layers: as frameworks do; edges: a step per connection")] = "layers",
    preset: Preset = "board",
    changes: Changes = None,
    granularity: Annotated[str, typer.Option(help="what shares a scale: layer, channel or neuron")] = "channel",
    rounding: Annotated[str, typer.Option(help="nearest, or calibrated on the samples")] = "nearest",
    samples: Annotated[
        Path | None, typer.Option(help=".npz with input (steps, …), and by population what a framework did with it")
    ] = None,
    image: Annotated[Path | None, typer.Option(help="where to save the compiled image")] = None,
    report: Annotated[Path | None, typer.Option(help="where to save the report as JSON")] = None,
    picture: Annotated[Path | None, typer.Option(help="where to save the report as a picture")] = None,
) -> None:
    """Read a network of another framework, and say what fixed-point hardware does to it.

    Example: ganglion import network.nir --convention snntorch --samples input.npz --image network.npz
    """
    from ganglion.model.interchange.nir.job import import_job, make_convention
    from ganglion.progress import TerminalProgress

    import_job(
        file,
        convention=make_convention(convention, options or []),
        params=_params(preset, changes),
        console=console,
        progress=TerminalProgress(),
        samples=samples,
        image=image,
        report=report,
        picture=picture,
        timing=timing,
        granularity=granularity,
        rounding=rounding,
    )


@app.command()
def place(
    network: Annotated[
        str, typer.Argument(help="an image file, or a network that ships with Ganglion, such as digits")
    ],
    cores: Annotated[int | None, typer.Option(help="cores of the chip")] = None,
    preset: Annotated[str | None, typer.Option(help="sizes of its cores; the network's own unless given")] = None,
    changes: Changes = None,
    out: Annotated[Path | None, typer.Option(help="where to write a picture, such as place.png")] = None,
    image: Annotated[Path | None, typer.Option(help="where to save the image")] = None,
) -> None:
    """Place a network on a chip, and print what it takes of each core and what passes between them.

    Example: ganglion place digits --cores 4 --preset small --set neurons=64 --out place.png
    """
    from ganglion.model.networks.place import place_job
    from ganglion.progress import TerminalProgress

    if changes and preset is None:
        raise ParamsError("--set changes a preset: give --preset too")
    params = _params(preset, changes) if preset else None
    place_job(
        network,
        params=params,
        cores=cores,
        picture=out,
        image=image,
        console=console,
        progress=TerminalProgress(),
    )


@app.command()
def traffic(
    cores: Annotated[int, typer.Option(help="cores of the chip")] = 4,
    preset: Preset = "small",
    changes: Changes = None,
    images: Annotated[int, typer.Option(help="how many held-out digits")] = 3,
    out: Annotated[Path | None, typer.Option(help="where to write a picture, such as traffic.png")] = None,
) -> None:
    """Run handwritten digits on a simulated chip of several cores, and show what each link between them carried.

    Example: ganglion traffic --cores 4 --set neurons=64 --out traffic.png
    """
    from ganglion.model.spec.params import levels_for
    from ganglion.sim.traffic import digits_job

    params = _params(preset, changes)
    digits_job(params.replace(name=params.name, levels=levels_for(cores)), images, out, console)


@app.command()
def verilog(
    preset: Preset = "small",
    changes: Changes = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="file to write")] = Path("chip.v"),
) -> None:
    """Write the chip as Verilog; its top module is called chip.

    Example: ganglion verilog --preset board --set lanes=8 -o chip.v
    """
    from ganglion.hdl.verilog import chip_verilog
    from ganglion.model.spec.files import write_text

    params = _params(preset, changes)
    text = chip_verilog(params)
    write_text(output, text)
    console.print(f"{output}: {text.count(chr(10))} lines, top module chip, parameters {params.name}", soft_wrap=True)


@app.command()
def bench(
    large: Annotated[bool, typer.Option("--large", help="a billion synapses too: 5 GB of memory, minutes")] = False,
    peers: Annotated[
        bool, typer.Option("--peers", help="instead, compare the emulator with other simulators; takes minutes")
    ] = False,
) -> None:
    """Print rates: the chip per cycle, its simulation, the emulator as shares of what the machine can do.

    With --peers: those of Brian2, NEST, nengo-loihi, snnTorch, SpikingJelly and Norse, where they are installed, on the
    same networks and input, as ratios to the emulator's, and whether their spikes are the same.

    The machine is at its best when nothing else runs; rates are medians.
    """
    from ganglion.model.benchmarks.emulator import bench as bench_emulator
    from ganglion.model.benchmarks.peers.comparison import compare_peers
    from ganglion.model.benchmarks.peers.targets import target_peer
    from ganglion.progress import TerminalProgress
    from ganglion.sim.benchmark import bench_rtl
    from ganglion.sim.rtl import Rtl

    progress = TerminalProgress()
    if peers:
        compare_peers(console, ours=[target_peer("Ganglion, RTL simulated", Rtl)], progress=progress)
        return
    bench_rtl(console, progress)
    bench_emulator(large=large, others={"RTL, simulated": Rtl}, progress=progress)


@app.command()
def resources(
    preset: Annotated[str, typer.Option(help="which core; the baseline has board")] = "board",
    route: Annotated[bool, typer.Option("--route", help="place and route too, for the clock; takes minutes")] = False,
    update: Annotated[bool, typer.Option("--update", help="make what is measured the new baseline")] = False,
) -> None:
    """Synthesise the board's core for ECP5 and compare it with the committed baseline."""
    from ganglion.fpga.resources import report
    from ganglion.progress import TerminalProgress

    _params(preset, None)
    report(preset, routed=route, update=update, console=console, progress=TerminalProgress())


def _numbers(text: str) -> list[int]:
    """Whole numbers, comma-separated."""
    try:
        return [int(number) for number in text.split(",")]
    except ValueError:
        raise GanglionError(f"--only takes whole numbers, comma-separated, not {text!r}") from None


def _params(preset: str, changes: list[str] | None) -> Params:
    """A preset with changes from the command line."""
    if preset not in PRESETS:
        raise ParamsError(f"there is no preset '{preset}'; there are {', '.join(PRESETS)}")
    params, values = PRESETS[preset], dict[str, Any]()
    for change in changes or []:
        name, _, value = change.partition("=")
        if name not in params.to_dict() or name == "name":
            raise ParamsError(f"--set {change}: no size is called '{name}'; {', '.join(list(params.to_dict())[1:])}")
        try:
            values[name] = {"True": True, "False": False}[value] if name == "noise" else int(value)
        except (KeyError, ValueError):
            raise ParamsError(f"--set {change}: {name} takes a whole number (noise: True or False)") from None
    return params.replace(**values) if values else params


def main() -> None:
    """The program `ganglion`: one line for an error that a user can cause, exit code 1."""
    try:
        app()
    except GanglionError as error:
        Console(stderr=True).print(f"[bold red]{type(error).__name__}[/]: {error}", soft_wrap=True, highlight=False)
        sys.exit(1)
    except KeyboardInterrupt:
        Console(stderr=True).print("stopped")
        sys.exit(130)
