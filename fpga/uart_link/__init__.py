"""The board's end of the link, in Amaranth. Frames and their fields are those of `ganglion.model.spec.frames`."""
