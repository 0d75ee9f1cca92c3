"""From an object file that LLVM writes for WebAssembly to a module that a browser loads.

An object file of one self-contained function is a module already: LLVM fills in provisional indices and addresses that
are right as long as nothing is linked to it (the tool conventions of WebAssembly, "Linking"). What is missing is the
name under which the function is called from outside, an export; what is too much are the sections for a linker.
"""

from collections.abc import Iterator

from ganglion.model.spec.errors import ToolError

HEADER = b"\0asm\1\0\0\0"
CUSTOM, IMPORT, FUNCTION, EXPORT = 0, 2, 3, 7
"""Numbers of sections, which are in ascending order, custom ones anywhere; but DataCount, 12, is before the code."""

MEMORY = 2
"""Kind of an import."""


def module_of_object(file: bytes, name: str) -> bytes:
    """The module of an object file that defines one function, exported by this name; its memory is an import.

    Raises:
        ToolError: the file is no such object; says what it has.
    """
    if not file.startswith(HEADER):
        raise ToolError("LLVM did not write an object file of WebAssembly")
    sections = [section for section in _sections(file) if section[0] != CUSTOM]
    contents = dict(sections)
    defined, _ = _number(contents.get(FUNCTION, b"\0"), 0)
    imports = _import_kinds(contents.get(IMPORT, b"\0"))
    if defined != 1 or imports != [MEMORY]:
        raise ToolError(
            f"the object file has {defined} functions and {len(imports)} imports; a module of one kernel has one "
            "function, which calls no other, and one import, its memory"
        )
    exported = bytes([1, len(name)]) + name.encode() + bytes([0, 0])
    at = next(k for k, (number, _) in enumerate(sections) if number > EXPORT)
    sections.insert(at, (EXPORT, exported))
    return HEADER + b"".join(bytes([number]) + _leb(len(content)) + content for number, content in sections)


def _sections(file: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and content of each section."""
    at = len(HEADER)
    while at < len(file):
        number = file[at]
        size, at = _number(file, at + 1)
        yield number, file[at : at + size]
        at += size


def _import_kinds(section: bytes) -> list[int]:
    """The kind of each import, up to the first that is no memory."""
    count, at = _number(section, 0)
    kinds = list[int]()
    for _ in range(count):
        for _ in ("module", "field"):
            length, at = _number(section, at)
            at += length
        kinds.append(section[at])
        if kinds[-1] != MEMORY:
            break
        _, at = _number(section, at + 2)
    return kinds


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number in LEB128, and where it ends."""
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if not data[at - 1] & 0x80:
            return value, at


def _leb(value: int) -> bytes:
    """A number in LEB128."""
    out = bytearray()
    while True:
        out.append(value & 0x7F | (0x80 if value > 0x7F else 0))
        value >>= 7
        if not value:
            return bytes(out)
