"""Networks that ship with Ganglion, trained."""

from ganglion.model.networks.classifier import Classifier, Samples
from ganglion.model.networks.shipped import SHIPPED, load

__all__ = ["SHIPPED", "Classifier", "Samples", "load"]
