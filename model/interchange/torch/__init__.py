"""Training in PyTorch, for which the optional extra `train` is needed."""

from ganglion.model.extras import require

require("torch", "ganglion.torch")
