"""Training that needs no gradients: the target is asked, and nothing is known of it."""
