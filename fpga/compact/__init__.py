"""The board's end of the compact coding, in Amaranth. Its rules are those of `ganglion.model.spec.tokens`."""
