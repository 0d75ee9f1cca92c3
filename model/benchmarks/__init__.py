"""What is measured: the emulator as shares of what the machine can do, placement, and other simulators beside it."""
