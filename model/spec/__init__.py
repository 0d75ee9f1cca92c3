"""The specification: parameters, formats, arithmetic, noise, the reference, the cycle model, traces."""
