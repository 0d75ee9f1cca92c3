"""Networks that ship with Ganglion: trained weights, and the scripts that made them."""
