"""The motion graph: where a frame may go on."""

import numpy as np
import pytest

from engine.schema.errors import DataError
from export import graph, motion_space
from export.data.splits import Split
from export.graph import APART, CANDIDATES, RUN, MotionGraph
from export.motion_space import MotionSpace

GENRES = ("modern", "salsa")


@pytest.fixture(scope="module")
def space(parts: Split) -> MotionSpace:
    return motion_space.fit(parts.train, 12)


@pytest.fixture(scope="module")
def plain(parts: Split, space: MotionSpace) -> MotionGraph:
    return graph.build(parts.train, space, GENRES, mirroring=False)


@pytest.fixture(scope="module")
def both(parts: Split, space: MotionSpace) -> MotionGraph:
    return graph.build(parts.train, space, GENRES, mirroring=True)


def test_it_holds_every_frame_but_the_first_of_each_clip(plain: MotionGraph, parts: Split, space: MotionSpace) -> None:
    assert len(plain) == sum(len(clip) - 1 for clip in parts.train)
    start = 0
    for clip in parts.train:
        frames = slice(start, start + len(clip) - 1)
        np.testing.assert_array_equal(plain.z[frames], space.poses(clip.positions)[1:])
        assert (plain.end[frames] == frames.stop).all()
        assert {GENRES[index] for index in plain.genre[frames]} == {clip.genre}
        start = frames.stop
    assert not plain.mirrored.any()


@pytest.mark.parametrize("name", ["to", "across"])
@pytest.mark.parametrize("side", ["plain", "both"])
def test_continuations_run_on_and_lie_elsewhere(name: str, side: str, request: pytest.FixtureRequest) -> None:
    built: MotionGraph = request.getfixturevalue(side)
    to, here = getattr(built, name), np.arange(len(built))[:, None]
    assert to.shape == (len(built), CANDIDATES)
    assert (built.end[to] - to > RUN).all()
    assert (np.abs(to - here) >= APART).all()
    assert (built.mirrored[to] == built.mirrored[:, None]).all()
    assert all(len(set(row)) == CANDIDATES for row in to)
    if name == "across":
        assert (built.genre[to] != built.genre[:, None]).all()


def test_continuations_are_the_nearest(plain: MotionGraph, parts: Split, space: MotionSpace) -> None:
    tracks = [space.track(clip.positions) for clip in parts.train]
    weights = np.array([graph.CHANGE_WEIGHT, graph.CHANGE_WEIGHT, graph.TURN_WEIGHT])
    features = np.concatenate([np.hstack([t.z, graph.CHANGE_WEIGHT * t.dz, weights * t.way]) for t in tracks])
    here = np.arange(len(plain))
    for frame in (0, 5, 150, 400, len(plain) - 1):
        usable = here[(plain.end - here > RUN) & (np.abs(here - frame) >= APART)]
        distance = np.linalg.norm(features - features[frame], axis=1)
        nearest = np.sort(distance[usable])[:CANDIDATES]
        np.testing.assert_allclose(distance[plain.to[frame]], nearest, rtol=1e-3)


def test_half_the_frames_may_jump_freely(plain: MotionGraph) -> None:
    assert plain.fair.min() >= 0
    assert plain.fair.max() <= CANDIDATES
    assert 0.4 < (plain.fair > 0).mean() < 0.6


def test_mirror_images_follow_and_move_as_their_originals(both: MotionGraph, plain: MotionGraph) -> None:
    count = len(plain)
    assert len(both) == 2 * count
    np.testing.assert_array_equal(both.mirrored, np.arange(2 * count) >= count)
    np.testing.assert_array_equal(both.z[:count], plain.z)
    np.testing.assert_allclose(both.way[count:], plain.way * (-1, 1, -1), atol=1e-6)
    np.testing.assert_array_equal(both.genre[count:], plain.genre)


def test_one_genre_has_no_other_to_go_to(parts: Split, space: MotionSpace) -> None:
    salsa = [clip for clip in parts.train if clip.genre == "salsa"]
    built = graph.build(salsa, space, ("salsa",), mirroring=False)
    np.testing.assert_array_equal(built.across, built.to)


def test_short_recordings_are_refused_in_one_line(parts: Split, space: MotionSpace) -> None:
    short = [clip.part(0, RUN + APART - 1) for clip in parts.train]
    with pytest.raises(DataError, match="no long stretch of modern") as caught:
        graph.build(short, space, GENRES, mirroring=False)
    assert str(RUN + APART) in caught.value.expected
    with pytest.raises(DataError, match="no long stretch of modern"):
        graph.build([*short[:1], *parts.train[1::2]], space, GENRES, mirroring=False)


def test_too_few_continuations_are_refused_in_one_line(parts: Split, space: MotionSpace) -> None:
    single = [parts.train[1].part(0, 110)]
    with pytest.raises(DataError, match="12 places to go on") as caught:
        graph.build(single, space, ("salsa",), mirroring=False)
    assert "\n" not in str(caught.value)
