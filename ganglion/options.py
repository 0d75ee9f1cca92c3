"""Options that several verbs of the command line have; each means the same wherever it is."""

from pathlib import Path
from typing import Annotated, Literal

import typer

PresetName = Literal["tiny", "small", "board", "icebreaker", "ulx3s", "wide", "tiny-learning"]
"""Of `ganglion.PRESETS`, in their order; said here too, as an option's choices are part of its type."""

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
Cores = Annotated[int | None, typer.Option(help="cores of the chip, under a tree of routers")]
Samples = Annotated[int | None, typer.Option(help="how many test samples, from the first on; all unless given")]
Seed = Annotated[int, typer.Option(help="seed of what is random")]
Baud = Annotated[int | None, typer.Option(help="bits per second on the line; what boards are built for unless given")]
Clock = Annotated[float | None, typer.Option(help="clock of the chip in MHz; the board's own unless given")]
Out = Annotated[Path | None, typer.Option(metavar="FOLDER", help="folder for results, made where it is missing")]
Picture = Annotated[Path | None, typer.Option(metavar="FILE", help="picture to draw, such as picture.png or .svg")]
Image = Annotated[Path | None, typer.Option(metavar="FILE", help="image file to write, such as network.npz")]
Update = Annotated[bool, typer.Option("--update", help="make what is measured the new baseline")]
Json = Annotated[bool, typer.Option("--json", help="print one JSON object, and nothing else, on standard output")]
BoardName = Annotated[str, typer.Argument(help="icebreaker, ulx3s, or a platform of amaranth-boards as module:class")]
