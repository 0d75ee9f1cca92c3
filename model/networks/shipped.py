"""The classifiers that ship with Ganglion, by the names that `ganglion run` knows them by."""

from collections.abc import Callable

from ganglion.model.networks import digits
from ganglion.model.networks.classifier import Classifier
from ganglion.model.networks.mnist import conv, dense
from ganglion.model.networks.speech import spoken
from ganglion.model.spec.errors import GanglionError

SHIPPED: dict[str, Callable[[], Classifier]] = {
    "digits": digits.load,
    "mnist": dense.load,
    "mnist-conv": conv.load,
    "speech": spoken.load,
}
"""Name to what loads it."""


def load(name: str) -> Classifier:
    """A shipped classifier.

    Raises:
        GanglionError: there is none of that name.
    """
    if name not in SHIPPED:
        raise GanglionError(f"there is no classifier '{name}'; there are {', '.join(SHIPPED)}")
    return SHIPPED[name]()
