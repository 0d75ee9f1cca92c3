"""The cycle model: how many clock cycles a step takes. Part of the contract; tests hold it to the RTL."""
