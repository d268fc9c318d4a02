"""A take that is read ahead: its frames, and what its keys do at which moments."""

from collections.abc import Sequence
from itertools import islice

import made_takes as made
import pytest

from engine.runtime.clock import VirtualClock
from engine.runtime.recorded_keys import RecordedKeys
from engine.runtime.strip import Sounded, Strip, Window, laps
from engine.schema.note import Note, Pedal
from engine.takes.values import Struck, Taken


def test_sounds_come_at_their_moments() -> None:
    records: list[Taken | Struck] = [
        made.taken(0),
        Struck(10_000_000, Note(60, 90)),
        Struck(12_000_000, Pedal(127)),
        made.taken(1),
        Struck(20_000_000, Note(60, 0)),
        Struck(21_000_000, Note(64, 80)),
        made.taken(2),
    ]
    told: list[tuple[int, object]] = []
    clock = VirtualClock(1_000)

    class Ear:
        due = None
        missed = 0

        def tell(self, now: int, events: list[object]) -> None:
            told.extend((now - 1_000, event) for event in events)

        def release_all(self, now: int, _channels: object) -> None:
            told.append((now - 1_000, "all"))

        def mend(self, now: int, down: object) -> None:
            pass

    strip = Strip(laps(lambda: records, Window(0, None, 60.0), loop=False), 100)
    strip.start()
    keys = RecordedKeys(strip, [Ear()], clock=clock, began=lambda: 1_000, speed=2.0)  # type: ignore[list-item]
    keys.enter()
    while (due := keys.turn()) is not None:
        clock.sleep_until_ns(due)
    keys.leave()
    strip.close()
    assert told == [
        (0, "all"),
        (5_000_000, Note(60, 90)),
        (6_000_000, Pedal(127)),
        (10_000_000, Note(60, 0)),
        (10_500_000, Note(64, 80)),
        (25_000_000, Note(64, 0)),
        (25_000_000, Pedal(0)),
    ]


def sounds(records: Sequence[Taken | Struck], window: Window, *, loop: bool = False) -> list[tuple[int, object]]:
    """What keys do of a take, and when in milliseconds: of two laps, where it is looped."""
    found = list(islice(laps(lambda: records, window, loop=loop), 20))
    return [(each.at // 10**6, each.event) for each in found if isinstance(each, Sounded)]


def test_keys_of_other_moments_are_not_heard() -> None:
    """The last ones before the end stand behind it in the file, and some of later behind that."""
    before, inside, after = (Struck(at * 10**6, Note(key, 90)) for at, key in ((90, 60), (115, 61), (240, 62)))
    frames = [made.taken(number) for number in (5, 6, 11, 12)]
    records: list[Taken | Struck] = [before, frames[0], after, frames[1], inside, *frames[2:]]
    assert sounds(records, Window(6, 12, 60)) == [(15, inside.event), (100, None)]


def test_a_pedal_that_was_down_before_is_down() -> None:
    frames: list[Taken | Struck] = [made.taken(number, keys=True) for number in range(8)]
    assert sounds(frames, Window(3, None, 60))[0] == (0, Pedal(64))
    up = Struck(made.moment(3) + 10**6, Pedal(0))
    assert sounds([*frames[:3], up, *frames[3:]], Window(3, None, 60))[0] == (1, Pedal(0))


def test_sounds_are_held_as_far_as_there_is_room_and_where_somebody_hears(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.runtime.strip.MOST_SOUNDS", 10)
    for heard in (True, False):
        strip = Strip((Sounded(at, None) for at in range(1000)), 100, heard=heard)
        strip.start()
        assert (len(strip.sounds), strip.over) == ((10, False) if heard else (0, True))
        strip.close()
        assert strip.over
