"""From the oscillator of a board to the clock of the chip: the PLLs of two FPGA families."""

from dataclasses import dataclass
from itertools import product
from typing import Any

from amaranth.hdl import Const, Instance, Module, Signal
from amaranth.lib import io

from ganglion.fpga.board_spec import family
from ganglion.model.spec.errors import BoardError

TOLERANCE = 1e-3
"""How far the clock may be from the one wanted."""


@dataclass(frozen=True)
class Ice40Setting:
    """Dividers of an SB_PLL40: oscillator * (divf + 1) / (divr + 1) / 2^divq."""

    divr: int
    divf: int
    divq: int
    filter_range: int


@dataclass(frozen=True)
class Ecp5Setting:
    """Dividers of an EHXPLLL: oscillator * feedback / reference; `output` sets the frequency inside."""

    reference: int
    feedback: int
    output: int


def ice40_setting(oscillator: float, clock: float) -> Ice40Setting:
    """Dividers within the limits of the iCE40's data sheet (FPGA-DS-02029): 10 to 133 MHz in, VCO 533 to 1066 MHz.

    Raises:
        BoardError: there are none for this clock.
    """
    for divr, divf, divq in product(range(4), range(64), range(1, 7)):
        compared = oscillator / (divr + 1)
        vco = compared * (divf + 1)
        if 10e6 <= compared <= 133e6 and 533e6 <= vco <= 1066e6 and _near(vco / 2**divq, clock):
            limits = (17e6, 26e6, 44e6, 66e6, 101e6, 133e6)
            return Ice40Setting(divr, divf, divq, 1 + next(k for k, limit in enumerate(limits) if compared <= limit))
    raise _impossible(oscillator, clock)


def ecp5_setting(oscillator: float, clock: float) -> Ecp5Setting:
    """Dividers within the limits of the ECP5's data sheet (FPGA-DS-02012): phase detector 3.125 to 400 MHz, VCO 400 to
    800 MHz.

    Raises:
        BoardError: there are none for this clock.
    """
    for reference, feedback in product(range(1, 129), range(1, 81)):
        compared = oscillator / reference
        if not (3.125e6 <= compared <= 400e6 and _near(compared * feedback, clock)):
            continue
        for output in range(1, 129):
            if 400e6 <= clock * output <= 800e6:
                return Ecp5Setting(reference, feedback, output)
    raise _impossible(oscillator, clock)


def check_clock(kind: str, oscillator: float, clock: float) -> None:
    """Whether an FPGA of a family, ice40 or ecp5, makes this clock of an oscillator.

    Raises:
        BoardError: it does not.
    """
    if not _near(oscillator, clock):
        _ = ice40_setting(oscillator, clock) if kind == "ice40" else ecp5_setting(oscillator, clock)


def make_clock(m: Module, platform: Any, clock: float) -> tuple[Signal, Signal, Signal]:
    """Puts what makes the clock into a module.

    Args:
        m: the board's top level.
        platform: an Amaranth platform, whose oscillator is asked for.
        clock: wanted, Hz.

    Returns:
        The clock, whether it can be relied on, and the oscillator, which stands still where its pin is that of a PLL.

    Raises:
        BoardError: no PLL setting makes this clock.
    """
    port = platform.request(platform.default_clk, dir="-")
    oscillator = platform.default_clk_frequency
    made, locked, raw = Signal(name="clock"), Signal(name="locked"), Signal(name="oscillator")
    if not _near(oscillator, clock) and family(platform) == "ice40":
        ice40 = ice40_setting(oscillator, clock)
        m.submodules.pll = Instance(
            "SB_PLL40_PAD",
            p_FEEDBACK_PATH="SIMPLE",
            p_DIVR=Const(ice40.divr, 4),
            p_DIVF=Const(ice40.divf, 7),
            p_DIVQ=Const(ice40.divq, 3),
            p_FILTER_RANGE=Const(ice40.filter_range, 3),
            i_PACKAGEPIN=port.io,
            i_RESETB=Const(1),
            i_BYPASS=Const(0),
            o_PLLOUTGLOBAL=made,
            o_LOCK=locked,
        )
        return made, locked, raw
    m.submodules.oscillator = buffer = io.Buffer("i", port)
    m.d.comb += raw.eq(buffer.i)
    if _near(oscillator, clock):
        m.d.comb += [made.eq(raw), locked.eq(1)]
        return made, locked, raw
    ecp5 = ecp5_setting(oscillator, clock)
    m.submodules.pll = ecp5_pll(
        ecp5, raw, made, locked, p_CLKOP_CPHASE=ecp5.output // 2, p_CLKOP_FPHASE=0
    )
    return made, locked, raw


def ecp5_pll(setting: Ecp5Setting, oscillator: Signal, made: Signal, locked: Signal, **others: Any) -> Instance:
    """An EHXPLLL, whose first output is the one that is fed back.

    Args:
        setting: of its dividers.
        oscillator: what comes in.
        made, locked: what comes out.
        others: parameters and ports of other outputs, as an `Instance` takes them.
    """
    return Instance(
        "EHXPLLL",
        a_ICP_CURRENT="12",
        a_LPF_RESISTOR="8",
        p_CLKOP_ENABLE="ENABLED",
        p_CLKI_DIV=setting.reference,
        p_CLKFB_DIV=setting.feedback,
        p_CLKOP_DIV=setting.output,
        p_FEEDBK_PATH="CLKOP",
        i_CLKI=oscillator,
        i_CLKFB=made,
        i_RST=Const(0),
        i_STDBY=Const(0),
        i_PLLWAKESYNC=Const(0),
        i_PHASESEL0=Const(0),
        i_PHASESEL1=Const(0),
        i_PHASEDIR=Const(0),
        i_PHASESTEP=Const(0),
        i_PHASELOADREG=Const(0),
        i_ENCLKOP=Const(0),
        o_CLKOP=made,
        o_LOCK=locked,
        **others,
    )


def _near(got: float, wanted: float) -> bool:
    return abs(got / wanted - 1) <= TOLERANCE


def _impossible(oscillator: float, clock: float) -> BoardError:
    return BoardError(
        f"no setting of the PLL makes {clock / 1e6:g} MHz of {oscillator / 1e6:g} MHz; choose another clock"
    )
