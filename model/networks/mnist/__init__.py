"""Two networks that read MNIST: one dense, one convolutional."""
