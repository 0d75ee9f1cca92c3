"""A core that may do anything that a core does: what stands for cores in proofs about what is around them."""

from ganglion.hdl.names import CORE
from ganglion.model.spec.memories import memories
from ganglion.model.spec.packets import ACCESS, KIND_BITS, PACKET_BITS, SCOPE_BITS, SPIKE, Kind, Scope
from ganglion.model.spec.params import Params, bits_for

PORTS = "clk, rst, i__payload, i__valid, i__ready, o__payload, o__valid, o__ready, busy"

DIRECTIONS = """
  input clk, rst, i__valid, o__ready;
  input [63:0] i__payload;
  output i__ready, o__valid, busy;
  output [63:0] o__payload;
"""
"""The ports of a chip, and of a core."""

KIND = (1 << KIND_BITS) - 1


def _bits(field: str) -> int:
    """Those of a field of a SPIKE, in its packet."""
    shift, mask = SPIKE.places[field]
    return int(mask) << int(shift)


TAKEN = {Kind.SPIKE: KIND | _bits("axon"), Kind.WRITE: (1 << ACCESS.width) - 1, Kind.READ: (1 << ACCESS.width) - 1}
"""The bits that a core looks at, of packets of each kind; of all other kinds, it looks at the kind."""


def sent(params: Params) -> dict[Kind, int]:
    """The bits that can be set in what a core sends, by kind; all else that it sends is an END without any.

    A reply is of a row and a chunk that exist.
    """
    specs = memories(params).values()
    most = {"row": max(spec.rows for spec in specs), "chunk": max(spec.layout.chunks for spec in specs)}
    existing = {name: (1 << bits_for(count)) - 1 for name, count in most.items()}
    reply = {field.name: (1 << field.width) - 1 for field in ACCESS.fields} | existing
    return {Kind.SPIKE: (1 << SPIKE.width) - 1, Kind.REPLY: ACCESS.pack(**reply)}


NOT_SENT = (Scope.NOWHERE, Scope.CORE)
"""Scopes of which no spike leaves a core."""


def _masked(packet: str, masks: dict[Kind, int], otherwise: str) -> str:
    """In Verilog: a packet without the bits that do not count."""
    kind = f"{packet}[{KIND_BITS - 1}:0]"
    cases = "".join(f"{kind} == {k:d} ? {packet} & {PACKET_BITS}'d{mask} : " for k, mask in masks.items())
    return cases + otherwise


SCOPE = SPIKE.offset("scope")
UNSENT = " | ".join(f"any_sent[{SCOPE + SCOPE_BITS - 1}:{SCOPE}] == {scope:d}" for scope in NOT_SENT)


def any_core(params: Params) -> str:
    """Verilog of a core whose outputs are anything that a core may send, but nothing in the cycle behind a packet; and
    of whose inputs that shows which it looks at."""
    return f"""
module any_{CORE}({PORTS});{DIRECTIONS}endmodule
module {CORE}({PORTS});{DIRECTIONS}
  wire [63:0] taken, any_sent, may_send;
  wire sends;
  reg rests = 0;
  always @(posedge clk) rests <= o__valid & o__ready & ~rst;
  assign taken = {_masked("i__payload", TAKEN, f"i__payload & {PACKET_BITS}'d{KIND}")};
  any_{CORE} any(
    .clk(clk), .rst(rst), .busy(busy),
    .i__payload(taken), .i__valid(i__valid), .i__ready(i__ready),
    .o__payload(any_sent), .o__valid(sends), .o__ready(o__ready & ~rests)
  );
  assign may_send = {UNSENT} ? any_sent | {PACKET_BITS}'d{Scope.HOST << SCOPE} : any_sent;
  assign o__payload = {_masked("may_send", sent(params), f"{PACKET_BITS}'d{Kind.END:d}")};
  assign o__valid = sends & ~rests;
endmodule
"""
