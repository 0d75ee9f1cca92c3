"""The board, pins and all, on Verilator behind a pseudo-terminal."""
