"""The classifiers that ship with Ganglion, by the names that `ganglion run` knows them by."""

import importlib
from collections.abc import Callable
from functools import partial

from ganglion.model.networks.classifier import Classifier
from ganglion.model.spec.errors import GanglionError
from ganglion.model.spec.explained import explained


def _load(module: str) -> Classifier:
    """Imported when it is asked for: the filters of one network take longer to load than all others to run."""
    classifier: Classifier = importlib.import_module(f"ganglion.model.networks.{module}").load()
    return classifier


SHIPPED: dict[str, Callable[[], Classifier]] = {
    "digits": partial(_load, "digits"),
    "mnist": partial(_load, "mnist.dense"),
    "mnist-conv": partial(_load, "mnist.conv"),
    "speech": partial(_load, "speech.spoken"),
}
"""Name to what loads it."""


@explained(GanglionError)
def load(name: str) -> Classifier:
    """A shipped classifier.

    Raises:
        GanglionError: there is none of that name.
    """
    if name not in SHIPPED:
        raise GanglionError(f"there is no classifier '{name}'; there are {', '.join(SHIPPED)}")
    return SHIPPED[name]()
