"""Networks that ship with Ganglion, trained."""

from ganglion.model.networks.classifier import Classifier, Samples
from ganglion.model.networks.digits import DigitsNetwork
from ganglion.model.networks.digits import load as load_digits
from ganglion.model.networks.shipped import SHIPPED, load

__all__ = ["SHIPPED", "Classifier", "DigitsNetwork", "Samples", "load", "load_digits"]
