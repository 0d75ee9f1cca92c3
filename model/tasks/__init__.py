"""Tasks that a chip learns by itself, on any target: what each is, and how well it is done."""
