"""Training in PyTorch, for which the optional extra `train` is needed."""
