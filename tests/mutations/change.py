"""A one-line change that breaks the chip, and the checks that can see one."""

from dataclasses import dataclass

from ganglion.model.spec.params import PRESETS

LOCKSTEP = "lockstep"
"""The check that runs random networks on the changed chip and on the reference; others are files of tests."""

TREE = "lockstep of a tree"
"""The same on a chip of four cores, with routers on two levels and links of 16 wires."""

LEARNING = "lockstep of a core that learns"
"""The same on a core with all that learning has, whose host meddles with it."""

LOCKSTEPS = {
    LOCKSTEP: PRESETS["tiny"],
    TREE: PRESETS["tiny"].replace(name="tree", levels=(2, 2), link_bits=16),
    LEARNING: PRESETS["tiny-learning"],
}
"""The chips of these checks."""


@dataclass(frozen=True)
class Change:
    """One line of `hdl`, `fpga` or `model`, what it becomes, and what comes of that."""

    name: str
    file: str
    """In `folder`."""
    old: str
    """Part of a line; it is there exactly once."""
    new: str
    breaks: str
    """What the chip does wrong then."""
    caught_by: tuple[str, ...]
    """Checks that fail, every one of them."""
    folder: str = "hdl"
    """Of the file, and below tests/ of the checks."""

    @property
    def path(self) -> str:
        """The file, from the root of the repository."""
        return f"{self.folder}/{self.file}"

    @property
    def checks(self) -> tuple[str, ...]:
        """Those of `caught_by`: names in LOCKSTEPS, and files from the root of the repository."""
        return tuple(c if c in LOCKSTEPS else f"tests/{self.folder}/{c}.py" for c in self.caught_by)

    def apply(self, source: str) -> str:
        """The source with the change.

        Raises:
            ValueError: the old line is not there, or more than once.
        """
        count = source.count(self.old)
        if count != 1 or "\n" in self.old:
            raise ValueError(f"{self.name}: {self.path} must have one line with {self.old!r}, it has {count}")
        return source.replace(self.old, self.new)
