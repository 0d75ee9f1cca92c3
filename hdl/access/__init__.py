"""READ and WRITE: the host at the memories."""
