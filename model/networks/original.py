"""How well the float original of a shipped network does: python -m ganglion.model.networks.original mnist"""

import argparse

import numpy as np
from rich.console import Console
from rich.progress import track

from ganglion.model.networks.shipped import SHIPPED, load

BATCH = 500
"""Samples between two advances of the bar."""


def main() -> None:
    """Run the original of one network on its whole test set."""
    parser = argparse.ArgumentParser(
        prog="python -m ganglion.model.networks.original",
        description="Accuracy of the float original of a shipped network, on its whole test set.",
    )
    parser.add_argument("name", choices=SHIPPED)
    classifier = load(parser.parse_args().name)
    test = classifier.test_set(None)
    console = Console()
    parts = [
        classifier.float_guesses(test.inputs[begin : begin + BATCH])
        for begin in track(range(0, len(test), BATCH), f"{classifier.name} in floats", console=console)
    ]
    right = int((np.concatenate(parts) == test.label).sum())
    console.print(f"{classifier.what}, in floats: {right:,} of {len(test):,} test samples, {right / len(test):.2%}")


if __name__ == "__main__":
    main()
