"""Chips that are not ideal: what their analogue or worn parts do to a network, as a value and as a target."""
