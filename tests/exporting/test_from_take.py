"""A take becomes a recording: an even pace, everybody with the same frames, what was there and what was held."""

from dataclasses import replace
from pathlib import Path

import made_takes
import numpy as np
import pytest
from danced import frame, header, take
from recordings import gaps, keys, only, recorded

from engine.motion import kinematics
from engine.motion.core20 import CORE20
from engine.motion.markers import MARKERS
from engine.motion.rig import make_rig
from engine.motion.solve import Solver
from engine.schema.errors import ConfigError, DataError
from engine.schema.note import Note, Pedal, Timed
from engine.schema.skeleton import Skeleton
from engine.takes import frames
from engine.takes.writer import TakeWriter
from export import reel
from export.from_take import recording
from export.moves import frame_bytes
from export.recording import Performance, Recording

SECOND = 10**9


def same(one: Performance, other: Performance) -> bool:
    names = ("present", "positions", "root", "rotations", "joints", "bones")
    return one.number == other.number and all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in names
    )


def test_a_whole_take_is_what_was_performed(tmp_path: Path) -> None:
    played = recorded(20, 2)
    found, warning, seen = recording(take(tmp_path, played))
    assert (warning, seen.tolist(), found.frames, found.fps) == ("", [True] * 20, 20, 30.0)
    assert found.skeleton == CORE20
    assert found.rig is not None
    assert [same(*pair) for pair in zip(found.performers, played.performers, strict=True)] == [True, True]
    assert (found.credit, found.licence) == ("made of nothing", "CC0-1.0")
    assert "seed 7" in found.made


def test_who_comes_and_goes_is_held_where_it_was_nearest(tmp_path: Path) -> None:
    played = gaps(30)
    found = recording(take(tmp_path, played)).recording
    assert found.performers[1].present.tolist() == [False] * 10 + [True] * 10 + [False] * 10
    assert all(same(*pair) for pair in zip(found.performers, played.performers, strict=True))


def test_skipped_deadlines_hold_the_nearest_frame(tmp_path: Path) -> None:
    played = recorded(12)
    found, _, seen = recording(take(tmp_path, played, without=(3, 4, 7, 8, 9)))
    assert np.flatnonzero(~seen).tolist() == [3, 4, 7, 8, 9]
    assert found.performers[0].present.all()
    expected = only(played.performers[0], np.array([0, 1, 2, 2, 5, 5, 6, 6, 6, 10, 10, 11]))
    assert same(found.performers[0], expected)


def test_a_part_counts_from_the_takes_first_frame(tmp_path: Path) -> None:
    played = recorded(60, 2)
    path = take(tmp_path, played)
    part = recording(path, start=0.5, stop=1.0, performer=2).recording
    assert part.frames == 15
    assert [same(one, only(played.performers[1], np.arange(15, 30))) for one in part.performers] == [True]
    assert recording(path, start=1.5, stop=99.0).recording.frames == 15


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        ({"start": 2.0}, "2 s to its end; expected a part of its 2.00 s"),
        ({"start": 1.0, "stop": 0.5}, "1 s to 0.5 s; expected a part"),
        ({"start": -1.0}, "-1 s to its end"),
        ({"stop": float("nan")}, "0 s to nan s"),
        ({"performer": 7}, "performer: 7; expected the number of one who is there"),
    ],
)
def test_times_and_performers_that_it_has_not_are_refused(tmp_path: Path, asked: dict[str, float], line: str) -> None:
    path = take(tmp_path, recorded(60))
    with pytest.raises(ConfigError, match=line):
        recording(path, **asked)  # type: ignore[arg-type]  # a performer is a whole number


def test_what_was_not_solved_is_solved_now(tmp_path: Path) -> None:
    played = gaps(30)
    first, second = recording(take(tmp_path, played, solved=False)).recording.performers
    assert same(first, played.performers[0])
    assert second.bones is not None
    assert second.joints is not None
    rig = make_rig(CORE20)
    assert rig is not None
    made = kinematics.forward(rig, second.bones, second.joints[:, 0])
    assert np.abs(made - second.positions).max() < 1e-6
    assert np.ptp(second.bones[:11], axis=0).max() == 0


def test_each_performer_is_solved_without_a_thought_of_the_others(tmp_path: Path) -> None:
    played = recorded(10, 2)
    found = recording(take(tmp_path, played, solved=False)).recording
    assert [same(*pair) for pair in zip(found.performers, played.performers, strict=True)] == [True, True]


def test_who_dances_on_behind_a_skipped_deadline_is_solved_on(tmp_path: Path) -> None:
    played = recorded(12).performers[0]
    (found,) = recording(take(tmp_path, recorded(12), without=(3, 4), solved=False)).recording.performers
    solver = Solver(CORE20, 30.0)
    for at in (0, 1, 2, 5, 6, 7, 8, 9, 10, 11):
        rotations, (_, bones) = solver.solve(played.positions[at : at + 1], (1,))
        assert rotations is not None
        assert found.rotations is not None
        assert found.bones is not None
        assert np.array_equal(found.rotations[at], rotations[0])
        assert np.array_equal(found.bones[at], bones[0])


@pytest.mark.parametrize("known", [True, False])
def test_markers_have_joints_where_they_are_known(tmp_path: Path, known: bool) -> None:  # noqa: FBT001 (a case)
    names = tuple(sorted(MARKERS)) if known else tuple(f"m{number}" for number in range(len(MARKERS)))
    draw = np.random.default_rng(2)
    body = draw.normal(size=(len(names), 3)) + np.array((0.0, 1.0, 0.0))
    cloud = Skeleton(
        names=names,
        parents=(-1,) + (0,) * (len(names) - 1),
        offsets=tuple((x, y, z) for x, y, z in body.tolist()),
        facing=((0, 1),),
        rigid=False,
    )
    positions = (body + np.linspace(0, 1, 20)[:, None, None]).astype(np.float32)
    one = Performance(number=1, present=np.ones(20, np.bool_), positions=positions, root=np.zeros((20, 7), np.float32))
    played = replace(recorded(20), skeleton=cloud, rig=None, performers=(one,))
    found = recording(take(tmp_path, played, solved=False)).recording
    assert np.array_equal(found.performers[0].positions, positions)
    assert found.performers[0].rotations is None
    assert (found.rig is not None) is known
    assert (found.performers[0].joints is not None) is known


def test_notes_count_from_the_first_frame(tmp_path: Path) -> None:
    played = replace(recorded(60), notes=keys().notes[:-1])
    found = recording(take(tmp_path, played)).recording
    assert found.notes == played.notes


def test_a_part_has_the_pedal_as_it_stands_and_no_key_without_its_beginning(tmp_path: Path) -> None:
    played = replace(recorded(60), notes=keys().notes[:-1])
    found = recording(take(tmp_path, played), start=0.4, stop=1.1).recording
    ns = round(0.4 * SECOND)
    expected = [
        Timed(0, Pedal(127)), Timed(501_100_000 - ns, Note(72, 90)), Timed(752_300_000 - ns, Note(74, 1)),
        Timed(800_700_000 - ns, Note(72, 0)), Timed(950_000_000 - ns, Pedal(40)), Timed(SECOND - ns, Note(60, 127)),
    ]  # fmt: skip
    assert list(found.notes) == expected


def test_a_piano_alone_has_no_bodies(tmp_path: Path) -> None:
    played = keys()
    found = recording(take(tmp_path, played)).recording
    assert (found.skeleton, found.rig, found.performers, found.frames) == (None, None, (), played.frames)
    assert found.notes == played.notes


def test_a_take_without_an_end_gives_its_prefix_and_says_so(tmp_path: Path) -> None:
    played = recorded(60)
    path = take(tmp_path, played)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    found, warning, _ = recording(path)
    assert found.frames in (15, 30, 45)
    assert same(found.performers[0], only(played.performers[0], np.arange(found.frames)))
    assert warning.startswith(f"{path}: ")
    assert "\n" not in warning


def test_a_changed_byte_is_an_error(tmp_path: Path) -> None:
    path = take(tmp_path, recorded(60))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(DataError, match=str(path)):
        recording(path)


def test_a_take_of_nothing_is_refused(tmp_path: Path) -> None:
    path = take(tmp_path, Recording(
        name="n", fps=30.0, skeleton=CORE20, rig=None, performers=(), notes=(), frames=0,
    ))  # fmt: skip
    with pytest.raises(DataError, match="a take without frames and notes"):
        recording(path)


def test_more_than_the_memory_holds_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reel, "MOST", 30 * frame_bytes(CORE20))
    with pytest.raises(DataError, match=r"1 s with 2 or more performers; expected what fits.*one performer"):
        recording(take(tmp_path, recorded(30, 2)))


@pytest.mark.parametrize(
    ("array", "value"), [("positions", np.nan), ("positions", 1e30), ("bones", 0), ("root", np.inf)]
)
def test_a_body_that_is_nowhere_is_refused(array: str, value: float, tmp_path: Path) -> None:
    played = recorded(12, 2)
    getattr(played.performers[1], array)[6] = value
    path = take(tmp_path, played)
    with pytest.raises(DataError, match=r"performer 2, 0.20 s: a body that is nowhere"):
        recording(path)
    assert recording(path, stop=0.2).recording.frames == 6
    assert recording(path, performer=1).recording.frames == 12


def test_frames_far_apart_take_no_memory(tmp_path: Path) -> None:
    played = recorded(1)
    writer = TakeWriter.create(tmp_path, header(played))
    maker = frames.FrameWriter(CORE20, 1, 0)
    for sequence in (0, 4_000_000_000):
        data = maker.encode(frame(played, 0)._replace(sequence=sequence), 0, None)
        writer.add("/frames", sequence, sequence, frames.seal(data))
    writer.close()
    with pytest.raises(DataError, match="frames over 133333333 s; expected at most 86400 s"):
        recording(writer.path)


def test_recorded_numbers_come_back_bit_for_bit(tmp_path: Path) -> None:
    """Takes of random numbers, whose performers are 1 and 3."""
    found = recording(made_takes.make(tmp_path, 30)).recording
    assert [one.number for one in found.performers] == [1, 3]
    for at in (0, 29):
        pose, bones = made_takes.taken(at).frame.pose, found.performers[1].bones
        assert np.array_equal(found.performers[1].positions[at], pose.positions[1])
        assert pose.body is not None
        assert bones is not None
        assert np.array_equal(bones[at], pose.body.bones[1])


def test_signs_count_from_the_first_frame_that_is_wanted(tmp_path: Path) -> None:
    path = made_takes.signing(tmp_path, 30)
    found = recording(path).recording
    assert (found.performers, found.notes, found.frames) == ((), (), 30)
    assert [signed.label.word for signed in found.signs] == ["think", "think", "größer"] * 3
    assert [round(signed.at * made_takes.FPS / SECOND) for signed in found.signs] == [3, 6, 6, 13, 16, 16, 23, 26, 26]
    part = recording(path, start=0.2, stop=0.25).recording
    assert [(signed.label.word, round(signed.at * made_takes.FPS / SECOND)) for signed in part.signs] == [("think", 1)]
