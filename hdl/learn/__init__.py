"""Learn: traces of what fired, and the sweep that changes the weights by them."""
