// What the pins, clocks and large RAMs of the FPGAs do, as far as a board's top level uses them: models for simulation.

module SB_IO #(parameter PIN_TYPE = 6'b0, PULLUP = 1'b0, IO_STANDARD = "") (
    inout PACKAGE_PIN, input D_OUT_0, output D_IN_0, input OUTPUT_ENABLE,
    input INPUT_CLK, input OUTPUT_CLK, input CLOCK_ENABLE, input LATCH_INPUT_VALUE, input D_OUT_1, output D_IN_1);
    generate
        if (PIN_TYPE[5:2] != 4'b0000) begin : driven
            assign PACKAGE_PIN = D_OUT_0;
        end
    endgenerate
    assign D_IN_0 = PACKAGE_PIN;
    assign D_IN_1 = 1'b0;
endmodule

module SB_GB_IO #(parameter PIN_TYPE = 6'b0, IO_STANDARD = "") (
    inout PACKAGE_PIN, output GLOBAL_BUFFER_OUTPUT, output D_IN_0,
    input INPUT_CLK, input OUTPUT_CLK, input CLOCK_ENABLE, input LATCH_INPUT_VALUE);
    assign GLOBAL_BUFFER_OUTPUT = PACKAGE_PIN;
    assign D_IN_0 = PACKAGE_PIN;
endmodule

module SB_PLL40_PAD #(
    parameter FEEDBACK_PATH = "", DIVR = 4'b0, DIVF = 7'b0, DIVQ = 3'b0, FILTER_RANGE = 3'b0) (
    input PACKAGEPIN, input RESETB, input BYPASS, output PLLOUTGLOBAL, output LOCK);
    assign PLLOUTGLOBAL = PACKAGEPIN;
    assign LOCK = RESETB;
endmodule

module SB_SPRAM256KA (
    input [13:0] ADDRESS, input [15:0] DATAIN, input [3:0] MASKWREN, input WREN, input CHIPSELECT, input CLOCK,
    input STANDBY, input SLEEP, input POWEROFF, output reg [15:0] DATAOUT);
    reg [15:0] rows [0:16383];
    always @(posedge CLOCK)
        if (CHIPSELECT && POWEROFF && !STANDBY && !SLEEP) begin
            if (WREN) begin
                if (MASKWREN[0]) rows[ADDRESS][3:0] <= DATAIN[3:0];
                if (MASKWREN[1]) rows[ADDRESS][7:4] <= DATAIN[7:4];
                if (MASKWREN[2]) rows[ADDRESS][11:8] <= DATAIN[11:8];
                if (MASKWREN[3]) rows[ADDRESS][15:12] <= DATAIN[15:12];
                // What a write leaves on the output is not specified.
                DATAOUT <= 16'hdead;
            end else
                DATAOUT <= rows[ADDRESS];
        end
endmodule

module IB (input I, output O);
    assign O = I;
endmodule

module OBZ (input I, input T, output O);
    assign O = I & ~T;
endmodule

module EHXPLLL #(
    parameter CLKOP_ENABLE = "", CLKI_DIV = 1, CLKFB_DIV = 1, CLKOP_DIV = 1, CLKOP_CPHASE = 0, CLKOP_FPHASE = 0,
    FEEDBK_PATH = "") (
    input CLKI, input CLKFB, input RST, input STDBY, input PLLWAKESYNC, input PHASESEL0, input PHASESEL1,
    input PHASEDIR, input PHASESTEP, input PHASELOADREG, input ENCLKOP, output CLKOP, output LOCK);
    assign CLKOP = CLKI;
    assign LOCK = ~RST;
endmodule
