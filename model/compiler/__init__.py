"""From a network to an image: bounds, placement, packing."""
