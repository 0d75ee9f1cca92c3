"""The emulators: compiled kernels, the fast one, and whole arrays; both have the bits of the reference."""
