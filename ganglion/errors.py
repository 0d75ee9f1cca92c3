"""Every error that Ganglion raises on purpose: `GanglionError` is the base of all of them."""

from ganglion.model.spec.errors import (
    AccumulatorBoundError,
    BoardError,
    CapacityError,
    ChipError,
    EventError,
    FaultError,
    FormatError,
    GanglionError,
    MismatchError,
    NetworkError,
    ParamsError,
    PlacementError,
    PortalError,
    ProgramError,
    ToolError,
)

__all__ = [
    "AccumulatorBoundError",
    "BoardError",
    "CapacityError",
    "ChipError",
    "EventError",
    "FaultError",
    "FormatError",
    "GanglionError",
    "MismatchError",
    "NetworkError",
    "ParamsError",
    "PlacementError",
    "PortalError",
    "ProgramError",
    "ToolError",
]
