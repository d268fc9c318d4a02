"""Pages of a browser that may steer, and those that may not."""

import pytest

from engine.controls.door import Door, is_near


@pytest.mark.parametrize(
    "origin",
    [
        "//localhost:9102",
        "//127.0.0.1",
        "//[::1]:9102",
        "//192.0.2.1:9102",
        "http://localhost",
        "http://localhost:3000",
        "https://127.0.0.1:8080",
        "http://[::1]:80",
        "http://192.0.2.1:9102",
    ],
)
def test_a_page_of_this_machine_may(origin: str) -> None:
    assert is_near(origin, "192.0.2.1")


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://evil.example:9102",
        "http://192.0.2.2",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "http://127.0.0.1@evil.example",
        "//evil.example:9102",
        "//stage.local",
        "//",
        "null",
        "",
        "file://",
        "http://[broken",
    ],
)
def test_a_strangers_page_may_not(origin: str) -> None:
    assert not is_near(origin, "192.0.2.1")


def test_a_door_opens_to_some_and_to_so_many() -> None:
    door, other = Door("127.0.0.1".__eq__), Door("127.0.0.1".__eq__)
    assert [door.opens("127.0.0.1"), door.opens("192.0.2.7")] == [True, False]
    door.inside |= set(range(32))  # type: ignore[arg-type]
    assert [door.opens("127.0.0.1"), other.opens("127.0.0.1")] == [False, True]
