"""What all tests share: tiers, costs, and the soak that goes on where it stopped."""

pytest_plugins = ["tests.tiers", "tests.costs", "tests.soak"]
