"""The command line: parses, calls, prints. What the verbs do is in `ganglion.jobs`, imported when it is called for."""

import shlex
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

import ganglion
from ganglion import board_cli, chip_cli, options
from ganglion.model.spec.errors import GanglionError

app = typer.Typer(
    name="ganglion",
    help="An open neuromorphic chip: golden model, emulator and RTL, bit for bit the same.",
    epilog="Start with: ganglion run digits --samples 50 --out build/report",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

NetworkName = Literal["digits", "mnist", "mnist-conv", "speech"]
"""Networks that ship with Ganglion."""

Framework = Literal["snntorch", "norse", "spikingjelly", "sinabs", "spyx", "rockpool"]
"""Whose NIR files have a convention."""

TimingName = Literal["layers", "edges"]
GranularityName = Literal["layer", "channel", "neuron"]
RoundingName = Literal["nearest", "calibrated"]


def _version(wanted: bool) -> None:
    if wanted:
        print(f"ganglion {ganglion.__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="print the version, and stop")
    ] = False,
) -> None:
    """An open neuromorphic chip: golden model, emulator and RTL, bit for bit the same."""


@app.command()
def run(
    network: Annotated[
        NetworkName,
        typer.Argument(
            help="digits is scikit-learn's handwritten digits; the others need data, see docs/reference/networks.md"
        ),
    ],
    targets: Annotated[
        str | None,
        typer.Option(
            help="what runs it, comma-separated: reference, emulator, array, rtl, board; the first judges the others; "
            "unless given: reference,rtl for digits, emulator for the others"
        ),
    ] = None,
    samples: options.Samples = None,
    only: Annotated[str | None, typer.Option(help="these test samples instead, comma-separated: 3,17")] = None,
    device: Annotated[str | None, typer.Option(help="serial device of the board, such as /dev/ttyUSB1")] = None,
    baud: options.Baud = None,
    states: Annotated[
        bool,
        typer.Option(
            help="compare all state after every step, or spikes and counters alone; of a board, state takes its time"
        ),
    ] = True,
    clock: Annotated[
        float | None,
        typer.Option(help="clock in MHz at which latencies are stated; the board's own, or 80, unless given"),
    ] = None,
    floats: Annotated[bool, typer.Option("--floats", help="run the network as it was before rounding, too")] = False,
    out: options.Out = None,
    report: Annotated[bool, typer.Option("--report", help="print what the run would cost in energy, too")] = False,
    energies: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="JSON file of energies per operation, in place of the built-in estimates"),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Run a network that ships with Ganglion, every bit of every step compared between targets.

    --out writes an HTML report: confusion matrix, spike raster, membranes, cycles per step, energy, mistakes.

    Examples: ganglion run digits --samples 50 --out build/report

    ganglion run mnist --samples 200 --targets emulator,rtl

    ganglion run digits --samples 10 --targets reference,board --device /dev/ttyUSB1
    """
    from ganglion.console import show
    from ganglion.jobs.run import run as job
    from ganglion.progress import TerminalProgress

    found = job(
        network,
        targets=targets.split(",") if targets else None,
        samples=samples,
        only=_numbers(only) if only else None,
        device=device,
        baud=baud,
        states=states,
        clock_mhz=clock,
        floats=floats,
        energies=energies,
        out=out,
        account=report,
        command=shlex.join(["ganglion", *sys.argv[1:]]),
        progress=TerminalProgress(),
    )
    show(found, as_json=as_json)


@app.command("import")
def import_network(
    file: Annotated[Path, typer.Argument(help="a NIR file")],
    convention: Annotated[Framework | None, typer.Option(help="the framework that the file is from")] = None,
    choices: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="[NODE.]OPTION=VALUE",
            help="how to read the file, or one node, as in --with reset=value or 3.reset=none; may be repeated",
        ),
    ] = None,
    timing: Annotated[
        TimingName, typer.Option(help="layers: as frameworks do; edges: a step per connection")
    ] = "layers",
    preset: options.Preset = None,
    changes: options.Changes = None,
    cores: options.Cores = None,
    granularity: Annotated[GranularityName, typer.Option(help="what shares a scale")] = "channel",
    rounding: Annotated[
        RoundingName, typer.Option(help="to the nearest, or calibrated on the samples of --input")
    ] = "nearest",
    recording: Annotated[
        Path | None,
        typer.Option(
            "--input",
            metavar="FILE",
            help=".npz with samples to run, input (steps, …), and by population what a framework did with it",
        ),
    ] = None,
    image: options.Image = None,
    picture: options.Picture = None,
    as_json: options.Json = False,
) -> None:
    """Read a network of another framework, and say what fixed-point hardware does to it.

    Example: ganglion import network.nir --convention snntorch --input input.npz --image network.npz
    """
    from ganglion.console import show
    from ganglion.jobs.import_network import import_network as job
    from ganglion.jobs.import_network import make_conventions
    from ganglion.jobs.sizes import Sizes
    from ganglion.progress import TerminalProgress

    whole, nodes = make_conventions(convention, choices or [])
    found = job(
        file,
        convention=whole,
        nodes=nodes,
        params=Sizes(preset=preset, changes=changes or (), cores=cores).of(),
        samples=recording,
        image=image,
        picture=picture,
        timing=timing,
        granularity=granularity,
        rounding=rounding,
        progress=TerminalProgress(),
    )
    show(found, as_json=as_json)


@app.command()
def place(
    network: Annotated[
        str, typer.Argument(help="an image file, or a network that ships with Ganglion, such as digits")
    ],
    preset: options.Preset = None,
    changes: options.Changes = None,
    cores: options.Cores = None,
    picture: options.Picture = None,
    image: options.Image = None,
    as_json: options.Json = False,
) -> None:
    """Place a network on a chip, and print what it takes of each core and what passes between them.

    Example: ganglion place digits --cores 4 --set neurons=64 --picture place.png
    """
    from ganglion.console import show
    from ganglion.jobs.place import place as job
    from ganglion.jobs.sizes import Sizes
    from ganglion.progress import TerminalProgress

    sizes = Sizes(preset=preset, changes=changes or (), cores=cores)
    show(job(network, sizes=sizes, picture=picture, image=image, progress=TerminalProgress()), as_json=as_json)


@app.command()
def traffic(
    network: Annotated[NetworkName, typer.Argument(help="a network that ships with Ganglion")] = "digits",
    preset: options.Preset = None,
    changes: options.Changes = None,
    cores: options.Cores = None,
    samples: options.Samples = 3,
    picture: options.Picture = None,
    as_json: options.Json = False,
) -> None:
    """Run a network on a simulated chip of several cores, and show what each link between them carried.

    A network whose own chip has one core runs on four, unless --cores says otherwise.

    Example: ganglion traffic digits --cores 4 --set neurons=64 --picture traffic.png
    """
    from ganglion.console import show
    from ganglion.jobs.sizes import Sizes
    from ganglion.jobs.traffic import traffic as job
    from ganglion.progress import TerminalProgress

    sizes = Sizes(preset=preset, changes=changes or (), cores=cores)
    found = job(network, sizes=sizes, samples=samples, picture=picture, progress=TerminalProgress())
    show(found, as_json=as_json)


@app.command()
def train(
    network: Annotated[NetworkName, typer.Argument(help="a network that ships with Ganglion")],
    weights: Annotated[
        Path | None, typer.Option(metavar="FILE", help="file to write; the one that ships unless given")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="of the training; that of the shipped network unless given")] = None,
    epochs: Annotated[int | None, typer.Option(help="how long; as the shipped network unless given")] = None,
    hold_out: Annotated[
        bool, typer.Option("--hold-out", help="keep a part of the training set for tests alone; not for digits")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Train a network that ships with Ganglion anew.

    The digits take half a minute, in NumPy; the others minutes, PyTorch (the extra train) and data, see
    docs/reference/networks.md.

    Example: ganglion train digits --seed 3 --weights mine.npz
    """
    from ganglion.console import show
    from ganglion.jobs.train import train as job
    from ganglion.progress import TerminalProgress

    found = job(network, weights=weights, seed=seed, epochs=epochs, hold_out=hold_out, progress=TerminalProgress())
    show(found, as_json=as_json)


for _verb in (chip_cli.verify, chip_cli.verilog, chip_cli.bench, chip_cli.resources, chip_cli.bitstream):
    app.command()(_verb)
app.add_typer(board_cli.app)


def _numbers(text: str) -> list[int]:
    """Whole numbers, comma-separated."""
    try:
        return [int(number) for number in text.split(",")]
    except ValueError:
        raise GanglionError(f"--only takes whole numbers, comma-separated, not {text!r}") from None


def main() -> None:
    """The program `ganglion`: an error that a user can cause is one line and exit code 1, Ctrl-C is exit code 130."""
    try:
        app()
    except (GanglionError, OSError) as error:
        from ganglion.console import print_error

        print_error(error)
        sys.exit(1)
