"""How spikes find the cores that need them: boxes of cores, numbers of axons, fan-out entries."""
