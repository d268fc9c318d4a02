import math

import pytest

from engine.controls.gloves import Sent, read_sample
from engine.wire.decode import Value


def test_a_sample_is_a_number_for_each_channel() -> None:
    assert read_sample((1.5, 2, True), 3) == Sent((1.5, 2.0, 1.0))


def test_its_own_number_may_lead() -> None:
    assert read_sample((17, 1.5, 2.5), 2) == Sent((1.5, 2.5), 17)
    assert read_sample((17, 1.5), 2) == Sent((17.0, 1.5))


def test_nil_is_a_number_that_is_missing() -> None:
    first, second = read_sample((None, 1.0), 2).values
    assert math.isnan(first)
    assert second == 1.0


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ((), "0 values; expected 2, or a whole number and 2"),
        ((1.0,), "1 values"),
        ((1.0, 2.0, 3.0), "3 values"),
        ((True, 1.0, 2.0), "3 values"),
        ((1, 2, 3, 4), "4 values"),
        (("much", 1.0), "'much'; expected a number"),
        ((1, "x" * 999, 1.0), "expected a number"),
    ],
)
def test_what_is_no_sample_is_refused(given: tuple[Value, ...], reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        read_sample(given, 2)
    assert len(str(caught.value)) < 100
