"""Training on targets: without gradients, and what all trainings have in common."""
