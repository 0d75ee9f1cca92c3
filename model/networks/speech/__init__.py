"""A recurrent network that hears spoken digits."""
