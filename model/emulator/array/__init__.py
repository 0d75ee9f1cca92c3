"""The network over arrays: many samples at a time, on NumPy or any other module of the array API standard."""
