"""Options that several verbs of the command line have; each means the same wherever it is."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer


def typed(read: Callable[[Any, str], Any]) -> Callable[[Any], Any]:
    """A parser of an option's value.

    Args:
        read: makes it of `ganglion.jobs.values` and the text, or raises a `GanglionError`.
    """

    def parser(text: Any) -> Any:
        from ganglion.jobs import values
        from ganglion.model.spec.errors import GanglionError

        if not isinstance(text, str):
            return text
        try:
            return read(values, text)
        except GanglionError as error:
            raise typer.BadParameter(str(error)) from None

    return parser


SEEDS = (1 << 32) - 1
"""The greatest seed."""

TARGETS = ("reference", "emulator", "array", "rtl", "board")
"""Of `ganglion.jobs.targets`, said here too, as help must not load them."""

PresetName = Literal["tiny", "small", "board", "icebreaker", "ulx3s", "wide", "ulx3s-learning", "tiny-learning"]
"""Of `ganglion.PRESETS`, in their order; said here too, as an option's choices are part of its type."""

Framework = Literal["snntorch", "norse", "spikingjelly", "sinabs", "spyx", "rockpool"]
"""Whose NIR files have a convention."""

AimName = Literal["memory", "latency"]

TimingName = Literal["layers", "edges"]
GranularityName = Literal["layer", "channel", "neuron"]
RoundingName = Literal["nearest", "calibrated"]

READING = "How to read a NIR file"
"""The part of the help that has these options."""

Convention = Annotated[
    Framework | None, typer.Option(rich_help_panel=READING, help="the framework that the file is from")
]
Choices = Annotated[
    list[str] | None,
    typer.Option(
        "--with",
        metavar="[NODE.]OPTION=VALUE",
        rich_help_panel=READING,
        help="how to read the file, or one node, as in --with reset=value or 3.reset=none; may be repeated",
    ),
]
Timing = Annotated[
    TimingName, typer.Option(rich_help_panel=READING, help="layers: as frameworks do; edges: a step per connection")
]
Granularity = Annotated[GranularityName, typer.Option(rich_help_panel=READING, help="what shares a scale")]
Rounding = Annotated[
    RoundingName,
    typer.Option(rich_help_panel=READING, help="to the nearest, or calibrated on the samples"),
]

Preset = Annotated[
    PresetName | None,
    typer.Option(
        help="sizes of the chip; unless given, those that the network or the board brings, or else those of board",
    ),
]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="SIZE=VALUE", help="change one of the sizes, as in --set lanes=2; may be repeated"),
]
Cores = Annotated[
    Any,
    typer.Option(
        metavar="N|auto",
        parser=typed(lambda values, text: "auto" if text == "auto" else values.whole("--cores", text, 1)),
        help="cores of the chip, under a tree of routers; auto: as few as hold the network",
    ),
]
Aim = Annotated[
    AimName,
    typer.Option(help="what the placement takes little of: cores and memory, or cycles, on all cores that help"),
]
Samples = Annotated[
    int | None, typer.Option(min=1, help="how many test samples, from the first on; all unless given")
]
SamplesOrFile = Annotated[
    Any,
    typer.Option(
        "--samples",
        metavar="N|FILE",
        parser=typed(lambda values, text: values.count_or_file("--samples", text)),
        help="how many test samples, from the first on; of a network of your own, the .npz or .npy file that has them",
    ),
]
Only = Annotated[
    Any,
    typer.Option(
        metavar="NUMBERS",
        parser=typed(lambda values, text: values.whole_numbers("--only", text)),
        help="these samples instead, by their numbers: 3,17 or 0-49",
    ),
]
Seed = Annotated[int, typer.Option(min=0, max=SEEDS, help="seed of what is random")]
Baud = Annotated[
    int | None, typer.Option(min=1, help="bits per second on the line; what boards are built for unless given")
]
Clock = Annotated[
    Any,
    typer.Option(
        metavar="MHZ",
        parser=typed(lambda values, text: values.number("--clock, in MHz,", text, 0, open_below=True)),
        help="clock in MHz; the board's own unless given",
    ),
]
Out = Annotated[Path | None, typer.Option(metavar="FOLDER", help="folder for results, made where it is missing")]
Picture = Annotated[Path | None, typer.Option(metavar="FILE", help="picture to draw, such as picture.png or .svg")]
Image = Annotated[Path | None, typer.Option(metavar="FILE", help="image file to write, such as network.npz")]
Update = Annotated[bool, typer.Option("--update", help="make what is measured the new baseline")]
Json = Annotated[bool, typer.Option("--json", help="print one JSON object, and nothing else, on standard output")]
BoardName = Annotated[
    str,
    typer.Argument(
        metavar="BOARD",
        help="icebreaker, ulx3s, ulx3s-usb, ulx3s-learning, a file (my_board.toml), or module:class of amaranth-boards",
    ),
]
