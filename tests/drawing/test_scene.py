"""Pictures of a recording: somebody is in them, who is there, in their colours."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from recordings import bare, gaps, keys, recorded

from engine.motion.core20 import CORE20
from engine.schema.errors import ConfigError, DataError
from engine.schema.note import Note, Pedal, Timed
from engine.schema.skeleton import Skeleton
from export.drawing.palette import PERFORMERS
from export.drawing.piano import struck
from export.drawing.scene import Scene, Wanted
from export.drawing.strokes import Picture
from export.lengths import SECOND
from export.recording import Performance, Recording

SIZE = (160, 90)
PLAIN = Wanted(SIZE, labels=False, trails=False)


def near(picture: Picture, row: int) -> int:
    """Pixels that have about the hue of a performer, and are bright."""
    flat = picture.reshape(-1, 3).astype(np.float64)
    colour = np.array(PERFORMERS[row])
    bright = np.linalg.norm(flat, axis=1) > 120
    likeness = flat @ colour / np.maximum(np.linalg.norm(flat, axis=1) * np.linalg.norm(colour), 1)
    return int((bright & (likeness > 0.985)).sum())


def sticks(recording: Recording) -> Recording:
    """The same as markers of which nothing is known."""
    names = tuple(f"m{number}" for number in range(20))
    unknown = Skeleton(names=names, parents=CORE20.parents, offsets=CORE20.offsets, facing=(), rigid=False)
    return replace(bare(recording), skeleton=unknown)


def test_a_body_is_told_from_the_background() -> None:
    recording = recorded(5)
    nobody = replace(recording.performers[0], present=np.zeros(5, np.bool_))
    empty = Scene(replace(recording, performers=(nobody,)), PLAIN).draw(2)
    there = Scene(recording, PLAIN).draw(2)
    assert near(empty, 0) == 0
    assert near(there, 0) > 40
    assert empty.max() < 140
    assert there.max() > 200


def test_it_is_drawn_where_the_camera_sees_it() -> None:
    picture = Scene(recorded(5), PLAIN).draw(2).max(2)
    rows, columns = np.nonzero(picture > 150)
    assert 60 < columns.mean() < 100
    assert np.ptp(rows) > 40


def test_everybody_has_a_colour_and_is_drawn_while_there() -> None:
    recording = gaps(30)
    scene = Scene(recording, PLAIN)
    assert near(scene.draw(2), 1) == 0
    assert near(scene.draw(15), 1) > 20
    assert near(scene.draw(15), 0) > 20
    assert near(scene.draw(28), 1) == 0


def test_left_and_right_are_told_apart() -> None:
    """The camera is before a body in a T-pose, so its left arm is at the right of the picture."""
    rest = np.zeros((20, 3), np.float32)
    for joint in CORE20.order:
        parent = CORE20.parents[joint]
        rest[joint] = np.array(CORE20.offsets[joint]) + (rest[parent] if parent >= 0 else 0)
    root = np.array([[0, 0, 0, 0, 0, 0, 1]], np.float32)
    body = Performance(number=1, present=np.ones(1, np.bool_), positions=rest[None], root=root)
    recording = replace(recorded(1), performers=(body,), rig=None)
    picture = Scene(recording, Wanted((320, 180), labels=False)).draw(0)
    half = picture.shape[1] // 2
    assert near(picture[:, half + 22 :], 0) > 3 * near(picture[:, : half - 22], 0)


def test_hands_that_move_leave_light_and_only_if_wanted() -> None:
    recording = recorded(60)
    without = Scene(recording, PLAIN).draw(50)
    with_trails = Scene(recording, PLAIN._replace(trails=True)).draw(50)
    brighter = (with_trails.astype(int) - without).max(2) > 15
    assert brighter.sum() > 30


def test_whoever_was_away_leaves_no_light_from_before() -> None:
    recording = gaps(60)
    scene = Scene(recording, PLAIN._replace(trails=True))
    who = scene._cast
    assert who is not None
    trails = scene._trails(who.actors[1], who, 22)
    assert all(len(trail.points) <= 3 for trail in trails)
    assert len(scene._trails(who.actors[0], who, 22)[0].points) == 23


def test_pictures_follow_from_the_frame_alone() -> None:
    recording = recorded(20, 2)
    scene = Scene(recording, Wanted(SIZE, "a title"))
    later, earlier = scene.draw(15), scene.draw(3)
    again = Scene(recording, Wanted(SIZE, "a title"))
    assert (again.draw(3) == earlier).all()
    assert (again.draw(15) == later).all()
    assert (later != earlier).any()


def lit(picture: NDArray[np.uint8]) -> int:
    return int((picture.max(2) > 100).sum())


def test_title_credit_and_time_are_written() -> None:
    recording = recorded(40)
    plain = Scene(replace(recording, credit=""), Wanted((320, 180))).draw(35)
    title = Scene(replace(recording, credit=""), Wanted((320, 180), "Études")).draw(35)
    credit = Scene(recording, Wanted((320, 180))).draw(35)
    assert lit(title[:30, :120]) > lit(plain[:30, :120]) + 30
    assert lit(credit[150:, :200]) > lit(plain[150:, :200]) + 30
    assert lit(plain[150:, 200:]) > 20


@pytest.mark.parametrize("keep", ["solved", "bare", "sticks"])
def test_whatever_is_known_of_a_body_is_drawn(keep: str) -> None:
    recording = recorded(5)
    known = {"solved": recording, "bare": bare(recording), "sticks": sticks(recording)}[keep]
    assert near(Scene(known, Wanted((320, 180), trails=True)).draw(4), 0) > 40


def test_keys_light_up_while_they_are_down() -> None:
    recording = keys()
    scene = Scene(recording, Wanted((320, 180)))
    before = scene.draw(30)  # the key of 1.0 s is struck now
    after = scene.draw(59)
    board = slice(155, 180)
    assert np.abs(before[board].astype(int) - after[board]).max() > 80
    assert lit(scene.draw(0)[:140]) > 100


def test_a_key_that_nobody_lifts_is_down_to_the_end() -> None:
    notes = struck(replace(keys(2.0), notes=(Timed(SECOND, Note(60, 80)), Timed(SECOND, Pedal(100)))))
    assert (notes.numbers.tolist(), notes.begins.tolist(), notes.ends.tolist()) == (
        [60],
        [1.0],
        [pytest.approx(61 / 30)],
    )
    assert notes.pedal.tolist() == [[0.0, 0.0], [1.0, 1.0]]


def test_a_keyboard_stands_under_bodies() -> None:
    both = replace(recorded(60), notes=keys().notes)
    picture = Scene(both, Wanted((320, 180), labels=False)).draw(5)
    assert picture[-2].mean() > 120
    assert near(picture[:160], 0) > 100


@pytest.mark.parametrize("size", [(16, 16), (16, 400), (400, 16)])
def test_the_smallest_and_narrowest_pictures_are_drawn(size: tuple[int, int]) -> None:
    both = replace(recorded(3, 2), notes=keys().notes)
    for recording in (both, recorded(3, 2), keys()):
        assert Scene(recording, Wanted(size, "a title that is too long for it")).draw(2).shape == (size[1], size[0], 3)


@pytest.mark.parametrize("size", [(15, 90), (160, 7681), (0, 0), (-5, 90)])
def test_other_sizes_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ConfigError, match="16 to 7680 pixels"):
        Scene(recorded(2), Wanted(size))


def test_nothing_to_draw_is_said() -> None:
    for empty in (replace(keys(), notes=()), replace(recorded(1), performers=()), replace(keys(), frames=0)):
        with pytest.raises(DataError, match="neither bodies nor notes"):
            Scene(empty, PLAIN)
