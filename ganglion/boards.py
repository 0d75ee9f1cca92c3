"""Boards: those that Ganglion is built for, those that may be tried, the figures of their bitstreams, and a program on
one of them."""

from ganglion.fpga.board_spec import BoardSpec
from ganglion.fpga.boards import BOARDS, find_board, generic_boards
from ganglion.fpga.host.board import Board
from ganglion.fpga.report import baseline

__all__ = ["BOARDS", "Board", "BoardSpec", "baseline", "find_board", "generic_boards"]
