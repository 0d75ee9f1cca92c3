"""The specification of Ganglion and all that needs no hardware description."""
