"""Who comes in, and how many."""

from engine.controls.door import Door


def test_a_door_opens_to_some_and_to_so_many() -> None:
    door, other = Door("127.0.0.1".__eq__), Door("127.0.0.1".__eq__)
    assert [door.opens("127.0.0.1"), door.opens("192.0.2.7")] == [True, False]
    door.inside |= set(range(32))  # type: ignore[arg-type]
    assert [door.opens("127.0.0.1"), other.opens("127.0.0.1")] == [False, True]
