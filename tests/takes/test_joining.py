from collections.abc import Iterator
from pathlib import Path

import made_takes as made
import msgspec
import pytest

from engine.schema.errors import DataError
from engine.takes.excerpt import cut
from engine.takes.joining import join
from engine.takes.reader import Take
from engine.takes.values import Asked, Entry, Header, Record, Reported, Struck, Taken
from engine.takes.writer import TakeWriter


def part(folder: Path, first: int, count: int, number: int, **changes: object) -> Path:
    """A part of a recording: it begins with the journal so far."""
    header = msgspec.structs.replace(made.HEADER, first=first, number=number, **changes)
    return write(folder, header, _with_history(first, count))


def _with_history(first: int, count: int) -> Iterator[Record]:
    everything = made.show(0, first + count)
    begin = next(n for n, one in enumerate(everything) if isinstance(one, Taken) and one.frame.sequence == first)
    yield from (one for one in everything[:begin] if isinstance(one, Entry))
    yield from everything[begin:]


def write(folder: Path, header: Header, records: Iterator[Record]) -> Path:
    writer = TakeWriter.create(folder, header)
    made.write(writer, records)
    writer.close()
    return writer.path


def test_parts_of_a_recording_become_what_was_played(tmp_path: Path) -> None:
    parts = [part(tmp_path, 0, 40, 1), part(tmp_path, 40, 40, 2), part(tmp_path, 80, 20, 3)]
    facts = join(parts, tmp_path / "all.mcap")
    with Take(tmp_path / "all.mcap") as take:
        for kind in ("/frames", "/journal", "/notes"):
            mine = [made.plain(each) for each in take.records(kind)]
            types = {"/frames": Taken, "/journal": Entry, "/notes": Struck}[kind]
            assert mine == [made.plain(each) for each in made.show(0, 100) if isinstance(each, types)]
        assert take.header == made.HEADER
    assert facts.frames == 100
    assert facts.gaps == ()


def test_a_part_that_is_missing_leaves_a_gap(tmp_path: Path) -> None:
    facts = join([part(tmp_path, 0, 40, 1), part(tmp_path, 80, 20, 3)], tmp_path / "all.mcap")
    assert [tuple(gap) for gap in facts.gaps] == [(39, 40)]
    assert facts.header.journal, "the last part has the whole journal"


def test_what_was_cut_apart_can_be_joined_again(tmp_path: Path) -> None:
    path = made.make(tmp_path, 100)
    cut(path, tmp_path / "a.mcap", 0, 0.7)
    cut(path, tmp_path / "b.mcap", 0.7)
    join([tmp_path / "a.mcap", tmp_path / "b.mcap"], tmp_path / "c.mcap")
    for topic in ("/frames", "/journal"):
        mine, theirs = (Take(each).records(topic) for each in (tmp_path / "c.mcap", path))
        assert [made.plain(each) for each in mine] == [made.plain(each) for each in theirs]


def test_takes_of_other_evenings_follow_each_other(tmp_path: Path) -> None:
    other = msgspec.structs.replace(made.HEADER, started=made.STARTED + 10**15, seed=8, first=500)
    first = made.make(tmp_path, 70)
    parts = [first, write(tmp_path, other, iter(made.show(500, 70))), first]
    facts = join(parts, tmp_path / "all.mcap")
    with Take(tmp_path / "all.mcap") as take:
        frames = list(take.frames())
        times = [message.at for message in take.messages("/frames")]
        assert list(take.journal()) == []
        assert not take.header.journal
        asked = [each for each in take.records("/controls") if isinstance(each, Asked)]
        states = [each for each in take.records("/state") if isinstance(each, Reported)]
    assert [each.frame.sequence for each in frames] == list(range(210))
    assert [each.tick for each in frames] == list(range(5, 215))
    assert times == pytest.approx([made.moment(n) for n in range(210)], abs=10)
    assert [each.frame.milliseconds for each in frames] == pytest.approx([n * 1000 / 60 for n in range(210)], abs=2)
    bodies = [
        made.plain(each._replace(tick=0, frame=each.frame._replace(sequence=0, milliseconds=0))) for each in frames
    ]
    assert bodies[:70] == bodies[140:]
    assert bodies[70:140] == [
        made.plain(each._replace(tick=0, frame=each.frame._replace(sequence=0, milliseconds=0)))
        for each in made.show(500, 70)
        if isinstance(each, Taken)
    ]
    assert all(each.sequence % 10 == 3 for each in asked[:7])
    assert sorted(each.sequence for each in asked) == [each.sequence for each in asked]
    assert [each.at for each in states] == sorted(each.at for each in states)
    assert facts.gaps == ()


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    first = made.make(tmp_path, 20)
    slow = write(tmp_path, msgspec.structs.replace(made.HEADER, fps=30.0), iter(made.show(0, 20)))
    empty = write(tmp_path, made.HEADER, iter(()))
    bodiless = write(tmp_path, msgspec.structs.replace(made.HEADER, skeleton=None), iter(()))
    broken = tmp_path / "broken.mcap"
    broken.write_bytes(first.read_bytes()[:-1])
    before = sorted(tmp_path.iterdir())
    for paths, found in (
        ([first], "1 of them; expected two or more"),
        ([first, slow], "30 fps; expected 60 fps, as in"),
        ([first, bodiless], "another skeleton or other controls"),
        ([first, empty], "a take without frames"),
        ([first, first], "it begins with frame 0, and .* ends with frame 19; expected parts in their order"),
        ([first, broken], r"broken.mcap: cut off at byte"),
    ):
        with pytest.raises(DataError, match=found):
            join(paths, tmp_path / "all.mcap")
    assert sorted(tmp_path.iterdir()) == before
