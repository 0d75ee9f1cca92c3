"""The same networks on other simulators, as far as they are installed: `ganglion bench --peers`."""
