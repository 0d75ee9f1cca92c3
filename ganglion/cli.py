"""The command line: parses, calls, prints. What the verbs do is in `ganglion.jobs`, imported when it is called for."""

import shlex
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

import ganglion
from ganglion import board_cli, chip_cli, learn_cli, machine_cli, options, portal_cli
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

STOPPED = 130
"""Exit code of Ctrl-C."""


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
        str,
        typer.Argument(
            help="digits, scikit-learn's handwritten digits; mnist, mnist-conv or speech, which need data (ganglion "
            "data); or a file of your own: NIR (.nir), an image or a program (.npz)"
        ),
    ],
    targets: Annotated[
        Any,
        typer.Option(
            metavar="NAMES",
            parser=options.typed(lambda values, text: values.names("--targets", text, options.TARGETS)),
            help=f"what runs it, comma-separated: {', '.join(options.TARGETS)}; the first judges the others; "
            "unless given: reference,rtl for digits, emulator for the others",
        ),
    ] = None,
    samples: options.SamplesOrFile = None,
    labels: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="classes of your own samples, .npy or .npz, if they are not in their file"),
    ] = None,
    step_us: Annotated[
        int | None,
        typer.Option(min=1, metavar="MICROSECONDS", help="of a step, where your sample is a recording of events"),
    ] = None,
    only: options.Only = None,
    show_samples: Annotated[
        Any,
        typer.Option(
            "--show",
            metavar="NUMBERS",
            parser=options.typed(lambda values, text: values.whole_numbers("--show", text)),
            help="samples that the report shows spike by spike; the first that was told right unless given",
        ),
    ] = None,
    preset: options.Preset = None,
    changes: options.Changes = None,
    cores: options.Cores = None,
    aim: options.Aim = "memory",
    convention: options.Convention = None,
    choices: options.Choices = None,
    timing: options.Timing = "layers",
    granularity: options.Granularity = "channel",
    rounding: options.Rounding = "nearest",
    device: Annotated[str | None, typer.Option(help="serial device of the board, such as /dev/ttyUSB1")] = None,
    baud: options.Baud = None,
    states: Annotated[
        bool,
        typer.Option(
            help="compare all state after every step, or spikes and counters alone; of a board, state takes its time"
        ),
    ] = True,
    clock: options.Clock = None,
    floats: Annotated[
        bool | None,
        typer.Option(help="run the network as it was before rounding, too; a NIR file does unless told not to"),
    ] = None,
    out: options.Out = None,
    hashes: Annotated[
        bool, typer.Option("--hash", help="print a hash of all spikes and states of each sample")
    ] = False,
    report: Annotated[bool, typer.Option("--report", help="print the account of the energy, too")] = False,
    energies: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="JSON file of energies per operation, in place of the built-in estimates"),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Run a network over samples, every bit of every step compared between targets.

    --out writes an HTML report: confusion matrix, spike raster, membranes, cycles per step, energy, mistakes.

    Examples: ganglion run digits --samples 50 --out build/report

    ganglion run mnist --samples 200 --targets emulator,rtl

    ganglion run net.nir --convention snntorch --samples x.npz --labels y.npy --targets emulator,rtl --cores auto
    """
    from ganglion.console import show
    from ganglion.jobs.own_network import Reading
    from ganglion.jobs.run import run as job
    from ganglion.jobs.sizes import Sizes
    from ganglion.progress import TerminalProgress

    found = job(
        network,
        targets=targets,
        samples=samples,
        labels=labels,
        step_us=step_us,
        only=only,
        show=show_samples or (),
        sizes=Sizes(preset=preset, changes=changes or (), cores=cores),
        aim=aim,
        reading=Reading(
            convention=convention,
            choices=tuple(choices or ()),
            timing=timing,
            granularity=granularity,
            rounding=rounding,
        ),
        device=device,
        baud=baud,
        states=states,
        clock_mhz=clock,
        floats=floats,
        energies=energies,
        out=out,
        hashes=hashes,
        account=report,
        command=shlex.join(["ganglion", *sys.argv[1:]]),
        progress=TerminalProgress(),
    )
    show(found, as_json=as_json)


@app.command("import")
def import_network(
    file: Annotated[Path, typer.Argument(help="a NIR file")],
    convention: options.Convention = None,
    choices: options.Choices = None,
    timing: options.Timing = "layers",
    preset: options.Preset = None,
    changes: options.Changes = None,
    cores: options.Cores = None,
    granularity: options.Granularity = "channel",
    rounding: options.Rounding = "nearest",
    recording: Annotated[
        Path | None,
        typer.Option(
            "--samples",
            "--input",
            metavar="FILE",
            help=".npz with samples to run, input (samples, steps, …), or (steps, …) with, by population, what a "
            "framework did with it",
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="refuse what the report warns of")] = False,
    image: options.Image = None,
    picture: options.Picture = None,
    as_json: options.Json = False,
) -> None:
    """Read a network of another framework, and say what fixed-point hardware does to it.

    Example: ganglion import network.nir --convention snntorch --input input.npz --image network.npz
    """
    from ganglion.console import show
    from ganglion.jobs.conventions import make_conventions
    from ganglion.jobs.import_network import import_network as job
    from ganglion.jobs.sizes import Sizes
    from ganglion.progress import TerminalProgress

    whole, nodes = make_conventions(convention, choices or [])
    found = job(
        file,
        convention=whole,
        nodes=nodes,
        sizes=Sizes(preset=preset, changes=changes or (), cores=cores),
        samples=recording,
        image=image,
        picture=picture,
        timing=timing,
        granularity=granularity,
        rounding=rounding,
        strict=strict,
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
    aim: options.Aim = "memory",
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
    placed = job(network, sizes=sizes, aim=aim, picture=picture, image=image, progress=TerminalProgress())
    show(placed, as_json=as_json)


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


for _taught in (learn_cli.train, learn_cli.learn):
    app.command()(_taught)
for _verb in (chip_cli.verify, chip_cli.faults, chip_cli.verilog, chip_cli.wave, chip_cli.bench):
    app.command()(_verb)
for _made in (chip_cli.resources, chip_cli.bitstream):
    app.command()(_made)
for _remote in (
    portal_cli.serve,
    portal_cli.worker,
    portal_cli.submit,
    portal_cli.jobs,
    portal_cli.fetch,
    portal_cli.cancel,
):
    app.command()(_remote)
for _own in (machine_cli.doctor, machine_cli.data, machine_cli.playground, machine_cli.cache):
    app.command()(_own)
app.add_typer(board_cli.app)


def main() -> None:
    """The program `ganglion`: an error that a user can cause is one line and exit code 1, Ctrl-C is exit code 130."""
    try:
        app()
    except SystemExit as end:
        if end.code == STOPPED:
            print("stopped by Ctrl-C: no file was left half written; what was built is kept", file=sys.stderr)
        raise
    except (GanglionError, OSError) as error:
        from ganglion.console import print_error

        print_error(error)
        sys.exit(1)
