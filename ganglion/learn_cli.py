"""The verbs for what is trained, and for what learns by itself: parse, call, print."""

import shlex
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from ganglion import options

TrainName = Literal[
    "digits", "mnist", "mnist-conv", "speech", "cancer", "yinyang", "mnist16", "motion", "activity", "spoken"
]
"""Those, and what is trained through a chip: `ganglion.model.training.tasks.STUDIES`."""

STUDIES = "Trained through a chip"
"""The part of the help that has its options."""

TaskName = Literal[
    "pong", "digits", "digits-28", "digits-core", "digits-unsupervised", "keyword", "iris", "memory"
]
"""Tasks that a chip learns."""


def train(
    name: Annotated[
        TrainName,
        typer.Argument(
            help="a network that ships with Ganglion, trained anew: digits, mnist, mnist-conv, speech; or what is "
            "trained through a chip in several ways, and compared: cancer, yinyang, mnist16, motion, activity, spoken"
        ),
    ],
    weights: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="file to write; of a network, the one that ships unless given; of others, a program"
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=options.SEEDS, help="of the training; that of the shipped network, or 0, unless given"),
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, max=10_000, help="how long; as its figures are for unless given")
    ] = None,
    hold_out: Annotated[
        bool,
        typer.Option("--hold-out", help="of a network: keep a part of the training set for tests; not for digits"),
    ] = False,
    seeds: Annotated[
        int | None,
        typer.Option(min=1, max=1000, rich_help_panel=STUDIES, help="how many, from --seed on; 1 unless given"),
    ] = None,
    figure: Annotated[
        str | None, typer.Option(rich_help_panel=STUDIES, help="train for one of its figures alone, such as strength")
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(rich_help_panel=STUDIES, help="reference, emulator, array, rtl or board; emulator unless given"),
    ] = None,
    device: Annotated[
        str | None, typer.Option(rich_help_panel=STUDIES, help="serial device of the board, such as /dev/ttyUSB1")
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", rich_help_panel=STUDIES, help="keep how far it is in this file; go on where there is one"
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", rich_help_panel=STUDIES, help="folder for results, made where it is missing"
        ),
    ] = None,
    shipped: Annotated[
        bool, typer.Option("--shipped", rich_help_panel=STUDIES, help="show the result that ships; train nothing")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Train a network that ships with Ganglion anew, or train through a chip and compare.

    The digits take half a minute, in NumPy; the others minutes, PyTorch (the extra train) and data, see
    docs/reference/networks.md. What is trained through a chip is in docs/reference/training.md; --out writes an HTML
    report of that.

    Examples: ganglion train digits --seed 3 --weights mine.npz

    ganglion train cancer --seeds 5 --resume cancer.npz --out build/report
    """
    from ganglion.console import show
    from ganglion.jobs.train import train as job
    from ganglion.progress import TerminalProgress

    found = job(
        name,
        weights=weights,
        seed=seed,
        epochs=epochs,
        hold_out=hold_out,
        seeds=seeds,
        figure=figure,
        target=target,
        device=device,
        resume=resume,
        out=out,
        shipped=shipped or None,
        command=shlex.join(["ganglion", *sys.argv[1:]]),
        progress=TerminalProgress(),
    )
    show(found, as_json=as_json)


def learn(
    task: Annotated[
        TaskName,
        typer.Argument(help="what is learned; the digits need data, see docs/reference/networks.md"),
    ],
    target: Annotated[str, typer.Option(help="what learns: reference, emulator, rtl or board")] = "emulator",
    seed: options.Seed = 0,
    length: Annotated[
        int | None, typer.Option(help="iterations, images, passes or patterns; as many as its figure asks unless given")
    ] = None,
    device: Annotated[str | None, typer.Option(help="serial device of the board, such as /dev/ttyUSB1")] = None,
    out: options.Out = None,
    as_json: options.Json = False,
) -> None:
    """Let the chip learn a task by itself.

    --out writes an HTML report: the curve of learning, and weights before and after.

    Example: ganglion learn pong --seed 1 --out build/report
    """
    from ganglion.console import show
    from ganglion.jobs.learn import learn as job
    from ganglion.progress import TerminalProgress

    found = job(
        task,
        target=target,
        seed=seed,
        length=length,
        device=device,
        out=out,
        command=shlex.join(["ganglion", *sys.argv[1:]]),
        progress=TerminalProgress(),
    )
    show(found, as_json=as_json)
