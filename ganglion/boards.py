"""Boards: those that Ganglion is built for, those that may be tried, and a program on one of them."""

from ganglion.fpga.boards import BOARDS, BoardSpec, find_board, generic_boards
from ganglion.fpga.host.board import Board

__all__ = ["BOARDS", "Board", "BoardSpec", "find_board", "generic_boards"]
