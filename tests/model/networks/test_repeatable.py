"""What training rests on to repeat."""

import numpy as np
import pytest

from ganglion.model.networks.repeatable import Draws, exact_product


def test_products_that_float64_cannot_hold_are_refused() -> None:
    with pytest.raises(OverflowError, match=r"sums of 2 products could pass 2\^53"):
        exact_product(np.full((1, 2), 2.0**26), np.full((2, 1), 2.0**27))
    assert exact_product(np.full((1, 2), 2.0**26), np.full((2, 1), 2.0**26))[0, 0] == 2.0**53


def test_draws_are_the_raw_words_of_the_generator() -> None:
    words = np.random.PCG64(7).random_raw(6)
    np.testing.assert_array_equal(Draws(7).uniform(2, 3).ravel() * 2**53, (words >> np.uint64(11)).astype(float))
    assert set(Draws(7).below(3, 400).tolist()) == {0, 1, 2}
