"""`python -m ganglion` is the program `ganglion`."""

from ganglion.cli import main

main()
