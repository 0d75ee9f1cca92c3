"""The way in from Python: networks of populations and projections, in floats."""

from ganglion.model.compiler.network.canonical import canonical
from ganglion.model.compiler.network.convolution import Convolution
from ganglion.model.compiler.network.network import Network
from ganglion.model.compiler.network.population import Input, Population
from ganglion.model.compiler.network.projection import Projection

__all__ = ["Convolution", "Input", "Network", "Population", "Projection", "canonical"]
