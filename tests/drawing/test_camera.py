"""The camera: everybody is in the picture, and nothing jerks."""

import functools
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from recordings import gaps, recorded

from export.drawing.camera import CALM, ROOMY, SLOW, TIGHT, Path, Room, follow
from export.drawing.cast import Cast, cast
from export.recording import Recording

SIZES = [(1920, 1080), (1080, 1920), (64, 64)]


@functools.cache
def wandering(frames: int = 240, far: float = 20.0) -> Recording:
    """Two performers; the first goes 20 m to the side and back in eight seconds, with a sudden turn."""
    recording = recorded(frames, 2)
    way = far * (1 - np.abs(np.linspace(-1, 1, frames, dtype=np.float32)))
    first, second = recording.performers
    assert first.joints is not None
    aside = np.stack([way, np.zeros_like(way), -0.3 * way], -1)[:, None].astype(np.float32)
    moved = replace(first, positions=first.positions + aside, joints=first.joints + aside)
    return replace(recording, performers=(moved, second))


def actors(recording: Recording) -> Cast:
    found = cast(recording)
    assert found is not None
    return found


def path(recording: Recording, size: tuple[int, int], room: Room = ROOMY) -> Path:
    who = actors(recording)
    points = [actor.points for actor in who.actors]
    present = [actor.present for actor in who.actors]
    return follow(points, present, ahead=who.ahead, tall=who.shape.tall, fps=recording.fps, size=size, room=room)


def outside(recording: Recording, way: Path, size: tuple[int, int], room: Room) -> int:
    """Joints that are not where bodies may be, of all frames and of those who are there."""
    count = 0
    for frame in range(recording.frames):
        for actor in actors(recording).actors:
            if actor.present[frame]:
                places, depth = way.at(frame).project(actor.points[frame])
                x, y = (places - np.array(size) / 2).T / np.array(size)[:, None]
                count += int((depth <= 0).sum() + (np.abs(x) > room.sides).sum())
                count += int((y < -room.above).sum() + (y > room.below).sum())
    return count


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("room", [ROOMY, TIGHT])
def test_everybody_stays_in_the_picture_over_20_metres(size: tuple[int, int], room: Room) -> None:
    recording = wandering()
    assert outside(recording, path(recording, size, room), size, room) == 0


def test_the_test_sees_who_is_outside() -> None:
    size = (1920, 1080)
    way = path(recorded(240, 2), size)
    assert outside(wandering(), way, size, ROOMY) > 1000


def test_it_neither_jerks_nor_overshoots_when_somebody_comes_20_metres_away() -> None:
    recording = gaps(300)
    first, second = recording.performers
    assert second.joints is not None
    recording = replace(recording, performers=(first, replace(second, joints=second.joints + np.float32(20.0))))
    way = path(recording, (640, 360))
    for course, reach in ((way.focus[:, 0], CALM), (way.distance, SLOW)):
        acceleration = np.diff(course, 2) * recording.fps**2
        # Where a Hann window smooths it, a step of h is accelerated by pi / 2 h / reach^2 at most.
        assert np.abs(acceleration).max() < np.pi / 2 * np.abs(np.diff(course)).sum() / reach**2
    assert np.ptp(way.focus[:, 0]) > 5


def test_while_nobody_is_there_it_goes_from_the_last_place_to_the_next() -> None:
    recording = recorded(120)
    there: NDArray[np.bool_] = np.ones(120, np.bool_)
    there[40:80] = False
    alone = replace(recording, performers=(replace(recording.performers[0], present=there),))
    way = path(alone, (640, 360))
    assert np.isfinite(way.focus).all()
    assert np.abs(np.diff(way.focus, axis=0)).max() * recording.fps < 3


def test_nobody_at_all_is_seen_from_the_front() -> None:
    recording = recorded(10)
    nobody = replace(recording.performers[0], present=np.zeros(10, np.bool_))
    way = path(replace(recording, performers=(nobody,)), (640, 360))
    np.testing.assert_allclose(way.focus[:, (0, 2)], 0)
    assert way.axes[2, 2] < 0


def test_points_are_where_a_pinhole_has_them() -> None:
    view = path(recorded(2), (640, 360)).at(0)
    right, up, forward = view.axes
    places, depth = view.project(view.focus + np.stack([0 * up, right, up, 2 * forward]))
    np.testing.assert_allclose(depth, view.distance + np.array([0, 0, 0, 2]))
    tangent = view.focal / view.distance
    np.testing.assert_allclose(places - view.middle, [(0, 0), (tangent, 0), (0, -tangent), (0, 0)], atol=1e-9)
    np.testing.assert_allclose(view.axes @ view.axes.T, np.eye(3), atol=1e-12)


def test_it_stands_where_people_face() -> None:
    recording = recorded(5)
    turned = recording.performers[0].root.copy()
    turned[:, 3:] = 0, np.sin(np.pi / 4), 0, np.cos(np.pi / 4)  # facing +X
    way = path(replace(recording, performers=(replace(recording.performers[0], root=turned),)), (640, 360))
    assert way.axes[2, 0] < -0.9
