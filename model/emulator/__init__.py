"""The emulator: the fast engine, with the bits of the reference."""
