"""One-line changes to what sees flipped bits; see `tests.mutations.changes`."""

from tests.mutations.change import Change

PARITY_CHANGES = (
    Change(
        "parity-of-half-a-row",
        "lib/memory.py",
        "Cat(self.write_data, self.write_data.xor())",
        "Cat(self.write_data, self.write_data[1:].xor())",
        "a row whose lowest bit is set is told to be wrong",
        ("lib/test_memory",),
    ),
    Change(
        "parity-of-the-row-before",
        "lib/memory.py",
        "self.fault.row.eq(row),",
        "self.fault.row.eq(self.read_row),",
        "another row than the wrong one is told",
        ("lib/test_memory",),
    ),
    Change(
        "fault-of-a-collision",
        "lib/memory.py",
        "meant &= ~(self.write & (self.read_row == self.write_row))",
        "meant &= ~(self.write & (self.read_row == self.write_row)) | self.write",
        "what is read of a row that is being written is looked at",
        ("lib/test_memory",),
    ),
    Change(
        "last-fault-kept",
        "access/fault.py",
        "with m.If(kept.memory == 0):",
        "with m.If(kept.memory != 99):",
        "the register has the latest fault, not the first",
        ("access/test_fault",),
    ),
    Change(
        "fault-of-a-lane-alone",
        "access/fault.py",
        "m.d.sync += kept.row.eq(lanes[k].row * p.lanes + k)",
        "m.d.sync += kept.row.eq(lanes[k].row)",
        "the row of a lane is told without its lane",
        ("access/test_fault",),
    ),
)
