"""Deliver: from events to sums in the accumulators."""
