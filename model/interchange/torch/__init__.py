"""Training in PyTorch, for which the optional extra `train` is needed."""

from importlib.util import find_spec

from ganglion.model.spec.errors import ToolError

if find_spec("torch") is None:
    raise ToolError("this needs PyTorch: pip install 'ganglion-chip[train]'")
