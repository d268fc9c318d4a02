"""Times as a person writes them."""

import pytest

from engine.schema.duration import duration, moment
from engine.schema.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "seconds"), [("10s", 10), ("2m", 120), ("1h", 3600), ("500ms", 0.5), ("1.5s", 1.5), ("007s", 7)]
)
def test_a_time_has_a_unit(text: str, seconds: float) -> None:
    assert duration(text, "--for") == seconds


@pytest.mark.parametrize("text", ["", "10", "s", "10 s", "1e3s", "-1s", "0ms", "infs", "1d", "1s1s", "٣s"])
def test_anything_else_is_no_time(text: str) -> None:
    with pytest.raises(ConfigError):
        duration(text, "--for")


def test_the_beginning_is_a_moment_but_no_time() -> None:
    assert moment("0s", "--from") == 0.0
    assert moment("1.5m", "--from") == 90.0
    with pytest.raises(ConfigError, match="--from"):
        moment("12", "--from")
