// A memory cut out of a circuit: what it reads comes from outside, and what it is given goes there, bit by bit.
(* techmap_celltype = "$mem_v2" *)
module cut_memory(RD_CLK, RD_EN, RD_ARST, RD_SRST, RD_ADDR, RD_DATA, WR_CLK, WR_EN, WR_ADDR, WR_DATA);
  parameter ABITS = 2;
  parameter MEMID = 0;
  parameter SIZE = 0;
  parameter OFFSET = 0;
  parameter INIT = 0;
  parameter RD_CLK_ENABLE = 0;
  parameter RD_CLK_POLARITY = 0;
  parameter RD_TRANSPARENCY_MASK = 0;
  parameter RD_COLLISION_X_MASK = 0;
  parameter RD_WIDE_CONTINUATION = 0;
  parameter RD_CE_OVER_SRST = 0;
  parameter RD_ARST_VALUE = 0;
  parameter RD_SRST_VALUE = 0;
  parameter RD_INIT_VALUE = 0;
  parameter WR_CLK_ENABLE = 0;
  parameter WR_CLK_POLARITY = 0;
  parameter WR_PRIORITY_MASK = 0;
  parameter WR_WIDE_CONTINUATION = 0;
  parameter WIDTH = 8;
  parameter RD_PORTS = 1;
  parameter WR_PORTS = 1;
  input [RD_PORTS-1:0] RD_CLK, RD_EN, RD_ARST, RD_SRST;
  input [RD_PORTS*ABITS-1:0] RD_ADDR;
  output [RD_PORTS*WIDTH-1:0] RD_DATA;
  input [WR_PORTS-1:0] WR_CLK;
  input [WR_PORTS*WIDTH-1:0] WR_EN, WR_DATA;
  input [WR_PORTS*ABITS-1:0] WR_ADDR;
  genvar k;
  generate
    for (k = 0; k < RD_PORTS * ABITS; k = k + 1) begin: read_row sink bit (.in(RD_ADDR[k])); end
    for (k = 0; k < RD_PORTS * WIDTH; k = k + 1) begin: read_data source bit (.out(RD_DATA[k])); end
    for (k = 0; k < WR_PORTS * WIDTH; k = k + 1) begin: write sink bit (.in(WR_EN[k])); end
    for (k = 0; k < WR_PORTS * ABITS; k = k + 1) begin: write_row sink bit (.in(WR_ADDR[k])); end
    for (k = 0; k < WR_PORTS * WIDTH; k = k + 1) begin: write_data sink bit (.in(WR_DATA[k])); end
  endgenerate
endmodule
