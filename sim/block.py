"""The C++ around a block of Verilator, made to evaluate it only where something may change.

Verilator evaluates a block at both edges of the clock, and again for each change around it, also where none of its
inputs has changed: half of the time of a chip of 16 cores. Nothing in a chip happens at the falling edge; so a block is
evaluated once at the rising one, and once for inputs that are others than at its last evaluation.
"""

PREVIOUS = "__Vtrigprevexpr___TOP__clk__0"
"""Verilator's variable of the clock at the last evaluation, in a root class: set to 0, the clock rises from 1 to 1."""

SEQUENCE, EVALUATION, DPI = "    long long m_seqnum;\n", "handlep__V->eval();", '#include "verilated_dpi.h"\n'
"""What Verilator writes: a member of the block's class, an evaluation, a header."""

MEMBERS = f"""
    QData m_payload = 0;
    int m_inputs = -1;  // Of the last evaluation.
    void settle() {{
        const int inputs = i___05Fvalid | o___05Fready << 1 | rst << 2;
        if (inputs == m_inputs && i___05Fpayload == m_payload) return;
        m_inputs = inputs;
        m_payload = i___05Fpayload;
        eval();
    }}
    void tick() {{
        if (!clk) return;
        rootp->{PREVIOUS} = 0;
        eval();
    }}
"""


def quiet_wrapper(wrapper: str, block: str, root: str) -> str | None:
    """The wrapper of a block that is evaluated where something may change.

    Args:
        wrapper: what Verilator wrote, C++.
        block: the module.
        root: the header of the block's root class.

    Returns:
        None where Verilator wrote something else than is known, which works, and is slower.
    """
    parts, updates = wrapper.split(EVALUATION), [f"{block}_protectlib_{of}_update(" for of in ("combo", "seq")]
    known = (
        len(parts) == 3
        and all(update in part for update, part in zip(updates, parts[:2], strict=True))
        and all(wrapper.count(text) == 1 for text in (SEQUENCE, DPI))
        and PREVIOUS in root
    )
    if not known:
        return None
    quiet = f"{parts[0]}handlep__V->settle();{parts[1]}handlep__V->tick();{parts[2]}"
    return quiet.replace(SEQUENCE, SEQUENCE + MEMBERS).replace(DPI, f'{DPI}#include "V{block}___024root.h"\n')


def evaluation_header(quiet: bool) -> str:
    """The header that says to native.cpp whether it may leave out evaluations at falling edges too."""
    falls = f"root.{PREVIOUS} = 0" if quiet else "static_cast<void>(root)"
    return (
        "// Whether nothing happens where the clock falls, and how it does without an evaluation. By sim/block.py.\n"
        "#pragma once\n"
        f"constexpr bool QUIET_FALL = {str(quiet).lower()};\n"
        f"template <class Root> void fall_quietly(Root& root) {{ {falls}; }}\n"
    )
