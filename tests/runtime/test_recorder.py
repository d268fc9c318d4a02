"""What is recorded, and what becomes of it when the disk does not take it."""

import errno
import os
import shutil
import threading
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from runtime.studio import FPS, PERIOD, STARTED, TABLE, Studio, made, taken_from

from engine.contracts import Status
from engine.controls.letter import Source
from engine.controls.tree import Tree
from engine.runtime.played import dancing
from engine.runtime.recorder import Recorded
from engine.runtime.recording import Recording
from engine.runtime.reel import MOST, Reel, Shot
from engine.runtime.scribe import AGAIN_NS, ROOM
from engine.schema.note import Note, Pedal
from engine.takes.reader import Take
from engine.takes.values import Asked, Entry, Reported, Struck
from engine.takes.writer import TakeWriter

HERE = Source("osc", "127.0.0.1", 5000, trusted=True)


class Usage(NamedTuple):
    free: int


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes the disk has: the last of these."""
    found = [10 * ROOM]
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(found[-1]))
    return found


def failing(monkeypatch: pytest.MonkeyPatch, number: int, name: str = "flush") -> list[int]:
    """Have a part of the writer fail as long as something is in the list."""
    broken, whole = [number], getattr(TakeWriter, name)

    def part(self: TakeWriter, *arguments: Any) -> Any:
        if broken:
            raise OSError(broken[-1], os.strerror(broken[-1]))
        return whole(self, *arguments)

    monkeypatch.setattr(TakeWriter, name, part)
    return broken


def test_every_frame_that_was_sent_is_in_the_file_as_it_was(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    studio.play(100)
    studio.scribe.close()
    [path] = studio.files
    for number, (taken, frame) in enumerate(zip(taken_from(path), studio.shown, strict=True)):
        assert (taken.tick, taken.frame.sequence, taken.frame.performers) == (number, number, (1, 3))
        assert (taken.frame.pose.positions == frame.pose.positions).all()
        assert (taken.frame.pose.root == frame.pose.root).all()
    assert studio.recorder.counters == Recorded(1, 100, path.stat().st_size, 0)
    assert path.name.endswith("-dance.mcap")
    assert Take(path).header.started == STARTED


def test_each_performer_s_controls_are_with_its_frame(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    studio.play(2)
    studio.board.set("temperature", 0.25, 3)
    studio.board.set("speed", 2.0)
    studio.play(1)
    studio.scribe.close()
    [path] = studio.files
    names, taken = Take(path).header.knobs, taken_from(path)
    assert names == dancing(TABLE)
    assert not {"record", "performers", "loudness"} & set(names)
    before, after = (dict(zip(names, taken[at].controls.T.tolist(), strict=True)) for at in (1, 2))
    assert (before["temperature"], before["speed"]) == ([1.0, 1.0], [1.0, 1.0])
    assert (after["temperature"], after["speed"]) == ([1.0, 0.25], [2.0, 2.0])


def test_performers_may_come_and_go(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    for number, performers in enumerate([(), (1,), (1, 2, 256), (256,)]):
        studio.recorder.turn(number, number * PERIOD)
        studio.recorder.hold(made(number, performers), number)
        studio.recorder.sent()
    studio.scribe.close()
    taken = taken_from(studio.files[0])
    assert [each.frame.performers for each in taken] == [(), (1,), (1, 2, 256), (256,)]
    assert [len(each.controls) for each in taken] == [0, 1, 3, 1]


def test_nothing_is_recorded_until_somebody_wants_it_and_each_start_is_a_file(tmp_path: Path) -> None:
    studio = Studio(tmp_path, record=0)
    studio.play(10)
    assert (studio.files, studio.recorder.told) == ([], "")
    for _ in range(2):
        studio.board.set("record", 1)
        studio.play(10)
        assert studio.recorder.told.startswith(studio.files[-1].name)
        studio.board.set("record", 0)
        studio.play(10)
        assert studio.recorder.told == ""
    assert studio.frames == [list(range(10, 20)), list(range(30, 40))]
    assert [Take(path).header.first for path in studio.files] == [10, 30]
    assert [Take(path).header.number for path in studio.files] == [1, 1]
    assert studio.recorder.counters.files == 2
    studio.scribe.close()
    assert len(studio.files) == 2


def test_a_stop_and_a_start_between_two_looks_are_two_files(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    studio.play(5, looks=0)
    studio.board.set("record", 0)
    studio.play(1, looks=0)
    studio.board.set("record", 1)
    studio.play(5, looks=0)
    studio.scribe.close()
    assert studio.frames == [[0, 1, 2, 3, 4], [6, 7, 8, 9, 10]]


def test_the_wish_to_end_it_is_the_last_of_a_file_and_not_the_first_of_the_next(tmp_path: Path) -> None:
    studio, node = Studio(tmp_path), Tree("/engine", TABLE).nodes["/engine/ctl/record"]
    for at in (0, 30):
        studio.board.set("record", 1)
        studio.play(10, looks=1)
        studio.recorder.asked(node, (at,), HERE)
        studio.board.set("record", 0)
        studio.play(20, looks=1)
    studio.scribe.close()
    asked = [[record.arguments for record in Take(path).records("/controls")] for path in studio.files]  # type: ignore[union-attr]
    assert asked == [[(0,)], [(30,)]]


def test_a_scribe_that_is_late_loses_the_oldest_frames_and_counts_them(tmp_path: Path) -> None:
    studio = Studio(tmp_path, room=20)
    studio.play(50, looks=0)
    studio.scribe.close()
    assert studio.frames == [list(range(30, 50))]
    assert studio.recorder.counters.dropped == 30


def test_a_reel_never_holds_more(tmp_path: Path) -> None:
    reel = Reel(3)
    for number in range(5):
        reel.add(Shot(1, 0, number, b""))
    assert [shot.sequence for shot in reel.shots] == [2, 3, 4]
    studio = Studio(tmp_path)
    for _ in range(MOST + 1):
        studio.recorder.struck(1, [Pedal(0)])
    assert len(studio.recorder.reel.lines) == MOST
    assert studio.recorder.reel.torn


def test_at_a_size_another_file_begins_with_the_whole_journal(tmp_path: Path) -> None:
    studio = Studio(tmp_path, rotate=25_000)
    studio.log("one")
    studio.play(60)
    studio.log("two")
    studio.play(60)
    studio.scribe.close()
    assert len(studio.files) > 2
    assert [*chain(*studio.frames)] == list(range(120))
    headers = [Take(path).header for path in studio.files]
    assert [header.number for header in headers] == list(range(1, len(headers) + 1))
    assert [header.first for header in headers] == [frames[0] for frames in studio.frames]
    assert all(header.journal for header in headers)
    journals = [[entry.data for entry in Take(path).journal()] for path in studio.files]
    assert journals[0] in ([b'"one"'], [b'"one"', b'"two"'])
    assert journals[-1] == [b'"one"', b'"two"']


def test_no_line_of_the_journal_is_there_twice_or_missing_however_late_the_scribe(tmp_path: Path) -> None:
    studio = Studio(tmp_path, record=0)
    studio.log("before")
    studio.play(2, looks=0)
    studio.board.set("record", 1)
    studio.play(1, looks=0)
    studio.log("at once")
    studio.play(1, looks=0)
    studio.scribe.turn()
    studio.log("after")
    studio.play(1, looks=0)
    studio.scribe.close()
    assert [entry.data for entry in Take(studio.files[0]).journal()] == [b'"before"', b'"at once"', b'"after"']


def test_a_journal_with_a_hole_begins_another_file(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    studio.play(10)
    studio.recorder.reel.torn = True
    studio.play(10)
    studio.scribe.close()
    assert len(studio.files) == 2
    assert [*chain(*studio.frames)] == list(range(20))


def test_a_journal_that_is_not_whole_is_said_to_be(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    studio.book.complete = False
    studio.play(3)
    studio.scribe.close()
    assert not Take(studio.files[0]).header.journal


def test_requests_notes_and_the_state_are_in_it(tmp_path: Path) -> None:
    studio, tree = Studio(tmp_path), Tree("/engine", TABLE)
    studio.play(30)
    node = tree.nodes["/engine/p2/ctl/blend"]
    studio.recorder.asked(node, (0.5,), HERE)
    studio.recorder.struck(700_000_000, [Note(60, 90), Pedal(127)])
    studio.recorder.report(Status(59.5, 1, 2, 0.25, "dance", "playing", recording="x"))
    studio.recorder.log(Entry(30, b"[1]"))
    studio.play(30)
    studio.scribe.close()
    found = [*Take(studio.files[0]).records("/controls", "/notes", "/state", "/journal")]
    at = 29 * PERIOD
    assert found == [
        Asked(sequence=29, address=node.path, arguments=(0.5,), source="osc", host="127.0.0.1", port=5000),
        Struck(700_000_000, Note(60, 90)),
        Struck(700_000_000, Pedal(127)),
        Reported(at=at, fps=59.5, late=1, skipped=2, p99_ms=0.25, model="dance", status="playing", recording="x"),
        Entry(30, b"[1]"),
    ]


def test_what_was_flushed_is_never_older_than_a_quarter_of_a_second(tmp_path: Path) -> None:
    """As `kill -9` at any look leaves it."""
    studio = Studio(tmp_path)
    for _ in range(40):
        studio.play(3, looks=0)
        studio.scribe.turn()
        take = Take(studio.files[0])
        last = max((taken.frame.sequence for taken in take.frames()), default=-1)
        assert len(studio.shown) - 1 - last <= 0.25 * FPS
    studio.scribe.close()


def test_a_full_disk_ends_the_file_and_another_one_begins_when_there_is_room(
    tmp_path: Path, free: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = Studio(tmp_path)
    studio.play(60)
    broken = failing(monkeypatch, errno.ENOSPC)
    studio.play(30)
    assert studio.recorder.told == "disk full, not recording"
    first = studio.frames[0]
    assert first == list(range(len(first)))
    assert 45 <= len(first) <= 75
    broken.clear()
    free.append(ROOM - 1)
    studio.play(5 * FPS)
    assert (len(studio.files), studio.recorder.told) == (1, "disk full, not recording")
    free.append(ROOM)
    studio.play(4 * FPS)
    assert studio.recorder.told.startswith(studio.files[1].name)
    studio.scribe.close()
    second = studio.frames[1]
    assert second == list(range(second[0], len(studio.shown)))
    counted = studio.recorder.counters
    assert (counted.files, counted.frames) == (2, len(first) + len(second))
    assert counted.frames + counted.dropped == len(studio.shown)
    assert [line for line in studio.said if "not recording" in line] == ["disk full, not recording"]


@pytest.mark.parametrize(
    ("number", "word"), [(errno.EIO, "input/output error"), (errno.EFBIG, "the file is as large as"), (errno.EROFS, "")]
)
def test_attempts_that_fail_leave_no_files_behind(
    tmp_path: Path, free: list[int], monkeypatch: pytest.MonkeyPatch, number: int, word: str
) -> None:
    del free
    studio = Studio(tmp_path)
    failing(monkeypatch, number)
    studio.play(10 * FPS)
    studio.scribe.close()
    assert studio.files == []
    assert studio.recorder.told.startswith(word)
    assert studio.recorder.told.endswith(", not recording")
    assert studio.recorder.counters == Recorded(dropped=10 * FPS)


def test_a_file_that_is_deleted_is_noticed_within_a_second_or_two(tmp_path: Path, free: list[int]) -> None:
    del free
    studio = Studio(tmp_path / "takes")
    studio.play(FPS)
    shutil.rmtree(studio.folder)
    studio.play(FPS + 6)
    assert studio.recorder.told == "the file is gone, not recording"
    studio.play(AGAIN_NS // PERIOD + 6)
    assert studio.recorder.told.startswith(studio.files[0].name)
    studio.scribe.close()


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "takes").write_text("")
    studio = Studio(tmp_path / "takes")
    studio.play(10)
    assert "not recording" in studio.recorder.told
    assert str(tmp_path / "takes") in studio.recorder.told
    studio.board.set("record", 0)
    studio.play(1)
    assert studio.recorder.told == ""


@pytest.mark.parametrize("name", ["sync", "close", "flush"])
def test_a_disk_that_fails_at_the_end_raises_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    studio = Studio(tmp_path)
    studio.play(2 * FPS - 5)
    failing(monkeypatch, errno.ENOSPC, name)
    studio.play(20, looks=0)
    studio.scribe.close()
    studio.scribe.close()
    assert studio.frames[0][:80] == list(range(80))


def test_a_thread_writes_until_it_is_closed(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    recording = Recording(studio.scribe)
    recording.start()
    studio.play(50, looks=0)
    recording.close()
    recording.close()
    assert studio.frames == [list(range(50))]


def test_a_disk_that_hangs_holds_neither_the_show_nor_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hangs, goes_on, whole = threading.Event(), threading.Event(), TakeWriter.flush

    def flush(take: TakeWriter) -> None:
        hangs.set()
        goes_on.wait()
        whole(take)

    monkeypatch.setattr("engine.runtime.recording.PATIENCE", 0.01)
    monkeypatch.setattr(TakeWriter, "flush", flush)
    studio = Studio(tmp_path, room=20)
    recording = Recording(studio.scribe)
    recording.start()
    studio.play(20, looks=0)
    assert hangs.wait(5)
    studio.play(100, looks=0)
    lost = studio.recorder.counters.dropped
    assert 80 <= lost <= 100
    assert studio.recorder.told.endswith(f", {lost} frames dropped")
    recording.close()
    goes_on.set()
    [thread] = [thread for thread in threading.enumerate() if thread.name == "takes"]
    thread.join(5)
    assert not thread.is_alive()
    [frames] = studio.frames
    assert len(frames) == 120 - lost


def test_without_a_thread_closing_writes(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    studio.play(5, looks=0)
    Recording(studio.scribe).close()
    assert studio.frames == [[0, 1, 2, 3, 4]]


def test_a_defect_of_the_thread_is_told_and_the_show_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bytes:
        raise KeyError("seal")

    monkeypatch.setattr("engine.runtime.scribe.seal", broken)
    studio = Studio(tmp_path)
    studio.play(5, looks=0)
    recording = Recording(studio.scribe)
    recording.start()
    recording.close()
    assert "KeyError: 'seal', not recording" in studio.recorder.told
    studio.play(5, looks=0)
    assert studio.recorder.counters.dropped == 10


def test_the_line_of_the_summary() -> None:
    assert Recorded(1, 600, 2_340_000, 0).line() == "recorded: 600 frames in 1 file, 2.3 MB, 0 dropped"
    assert Recorded(2, 0, 0, 5).line() == "recorded: 0 frames in 2 files, 0.0 MB, 5 dropped"
