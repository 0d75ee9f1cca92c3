"""Boards, bitstreams and the synthesis of the core for them."""
