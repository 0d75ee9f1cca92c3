// A chip that breaks its protocol on demand: the low 4 bits of a packet say how.
module chip(
  input clk, input rst,
  input [63:0] i__payload, input i__valid, output i__ready,
  output reg [63:0] o__payload, output reg o__valid, input o__ready,
  output busy
);
  localparam WITHDRAW = 8, CHANGE = 9, FREEZE = 10, ASSERT = 11, SILENT = 12, ENDLESS = 13;
  reg frozen;
  reg [3:0] kind;
  assign i__ready = !frozen && !o__valid;
  assign busy = o__valid;
  always @(posedge clk) begin
    if (rst) begin
      frozen <= 0;
      o__valid <= 0;
      kind <= 0;
    end else begin
      if (o__valid && (o__ready || kind == WITHDRAW)) o__valid <= kind == ENDLESS;
      if (kind == CHANGE) o__payload <= o__payload + 1;
      if (i__valid && i__ready) begin
        kind <= i__payload[3:0];
        o__payload <= i__payload;
        o__valid <= i__payload[3:0] != SILENT && i__payload[3:0] != FREEZE;
        frozen <= i__payload[3:0] == FREEZE;
        assert (i__payload[3:0] != ASSERT);
      end
    end
  end
endmodule
