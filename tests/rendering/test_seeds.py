"""Seeds on a command line."""

import pytest

from engine.schema.errors import ConfigError
from export.seeds import one, read


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0-3", [0, 1, 2, 3]), ("1,5,9", [1, 5, 9]), ("7", [7]), ("4-5, 1 ,9-9", [4, 5, 1, 9])],
)
def test_lists_and_ranges(text: str, expected: list[int]) -> None:
    assert read(text, None, 1) == expected
    assert read(text, len(expected), 1) == expected


def test_without_a_list_they_follow_the_first() -> None:
    assert read(None, 3, 7) == [7, 8, 9]


@pytest.mark.parametrize("text", ["", "a", "1-", "-1", "1--2", "5-3", "1,,2", "1,1", "0-3,2", "2147483648", "1.5", "٣"])
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        read(text, None, 1)


@pytest.mark.parametrize(("text", "takes"), [("0-9", 9), (None, 0), (None, -3), (None, 100_001), ("0-100000", None)])
def test_another_number_and_too_many_are_refused(text: str | None, takes: int | None) -> None:
    with pytest.raises(ConfigError, match="--takes"):
        read(text, takes, 1)


def test_a_seed_is_what_the_engine_takes() -> None:
    assert one(2**31 - 1) == 2**31 - 1
    for seed in (-1, 2**31):
        with pytest.raises(ConfigError, match="seed"):
            one(seed)
    with pytest.raises(ConfigError, match="seed"):
        read(None, 2, 2**31 - 1)
