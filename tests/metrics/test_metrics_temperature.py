"""The temperature where there is little to find it by."""

import numpy as np
import pytest
from scipy.special import softmax

from export.metrics.calibration import temperature


@pytest.mark.parametrize(("signs", "surest"), [(20, 0.99), (200, 0.999)])
def test_a_few_signs_without_a_mistake_do_not_prove_certainty(signs: int, surest: float) -> None:
    numbers = np.arange(signs) % 10
    logits = 4.0 * np.eye(10)[numbers]
    certainty = softmax(logits / temperature(logits, numbers), axis=1).max(1)
    assert 0.9 < certainty.min() <= certainty.max() < surest
