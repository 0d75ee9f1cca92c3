"""The chip, in Amaranth."""
