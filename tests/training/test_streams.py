"""Training streams: what follows what, how they are disturbed, and what they are told."""

import itertools

import msgspec
import numpy as np
import pytest

from export import graph, motion_space, streams
from export.data.splits import Split
from export.graph import MotionGraph
from export.recipe import StreamRecipe
from export.streams import Scales, Walk

B, L, DIMS = 64, 400, 12
QUIET = StreamRecipe(noise=0.0, way_noise=0.0, lead=0)


@pytest.fixture(scope="module")
def roads(parts: Split) -> MotionGraph:
    space = motion_space.fit(parts.train, DIMS)
    return graph.build(parts.train, space, ("modern", "salsa"), mirroring=True)


@pytest.fixture(scope="module")
def scales(roads: MotionGraph) -> Scales:
    return Scales(np.diff(roads.z, axis=0).std(0), roads.way.std(0))


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def changed(recipe: StreamRecipe, **fields: float | list[float]) -> StreamRecipe:
    return msgspec.structs.replace(recipe, **fields)


def ramp() -> MotionGraph:
    """Two clips of 300 frames in which everything grows by 1 a frame; they continue each other."""
    frames = np.arange(600)
    end = np.repeat((300, 600), 300)
    to = np.where(frames < 300, 310, 10)[:, None].repeat(graph.CANDIDATES, 1)
    z = np.stack([frames, 2.0 * frames], 1).astype(np.float64)
    way = np.stack([frames, frames, frames], 1) / 10.0
    none = np.zeros(600, np.int64)
    return MotionGraph(z, way, end, none, np.zeros(600, np.bool_), to, none, to)


def inside(x: streams.F32, dims: int) -> tuple[streams.F32, streams.F32, streams.F32]:
    """z, dz and way of inputs."""
    return x[..., :dims], x[..., dims : 2 * dims], x[..., 2 * dims : 2 * dims + 3]


def test_the_target_is_the_next_frame_and_not_the_one_after() -> None:
    quiet = changed(QUIET, jump=1e6)
    x, y = streams.windows(ramp(), quiet, Scales(np.ones(2), np.ones(3)), B, 100, rng())
    z, dz, way = inside(x, 2)
    away = y[..., 0] == 1  # all but the few that cross over to the other clip
    assert away.mean() > 0.8
    np.testing.assert_array_equal(y[away][:, :2], np.tile((1, 2), (away.sum(), 1)))
    np.testing.assert_allclose(y[away][:, 2:], way[away] + 0.1, rtol=1e-5)
    np.testing.assert_allclose(z[:-1] + y[:-1, :, :2], z[1:], atol=1e-3)
    np.testing.assert_allclose(dz[1:], y[:-1, :, :2], atol=1e-3)


def test_without_noise_the_target_is_the_recorded_change(roads: MotionGraph, scales: Scales) -> None:
    x, y = streams.windows(roads, QUIET, scales, B, L, rng(1))
    track = streams.walk(roads, QUIET, B, L + 2, rng(1))
    steady = (track.share[:-1] == 0) & (track.share[1:] == 0)  # this frame and the next
    here, there = track.a[1:-1][steady[1:]], track.a[2:][steady[1:]]
    z, dz, way = inside(x, DIMS)
    assert steady.mean() > 0.5
    np.testing.assert_allclose(y[steady[1:]][:, :DIMS], (roads.z[there] - roads.z[here]), atol=1e-6)
    np.testing.assert_allclose(y[steady[1:]][:, DIMS:], roads.way[there], atol=1e-6)
    np.testing.assert_allclose(z[steady[1:]], roads.z[here], atol=1e-6)
    np.testing.assert_allclose(way[steady[1:]], roads.way[here], atol=1e-6)
    both = steady[1:] & steady[:-1]
    np.testing.assert_allclose(dz[both], roads.z[track.a[1:-1][both]] - roads.z[track.a[:-2][both]], atol=1e-6)


def blended(roads: MotionGraph, track: Walk) -> tuple[streams.F64, streams.F64]:
    share = track.share[..., None]
    return tuple(part[track.a] * (1 - share) + part[track.b] * share for part in (roads.z, roads.way))  # type: ignore[return-value]


def disturbed(roads: MotionGraph, recipe: StreamRecipe, scales: Scales) -> tuple[streams.F32, streams.F32, Walk]:
    """Inputs, targets and the walk behind them."""
    x, y = streams.windows(roads, recipe, scales, B, L, rng(2))
    return x, y, streams.walk(roads, recipe, B, L + 2, rng(2))


@pytest.mark.parametrize("contraction", [0.0, 0.3, 1.0])
def test_the_target_takes_back_a_share_of_the_disturbance(
    roads: MotionGraph, scales: Scales, contraction: float
) -> None:
    recipe = StreamRecipe(noise=2.0, contraction=contraction)
    x, y, track = disturbed(roads, recipe, scales)
    clean, way = blended(roads, track)
    error = inside(x, DIMS)[0] - clean[1:-1]
    assert np.abs(error).max() > 0.01
    np.testing.assert_allclose(y[..., :DIMS], clean[2:] - clean[1:-1] - contraction * error, atol=1e-5)
    np.testing.assert_allclose(y[..., DIMS:], way[2:], atol=1e-6)  # where to go is never disturbed, what is heard is
    assert np.abs(inside(x, DIMS)[2] - way[1:-1]).max() > 0.001


def test_what_a_stream_sees_is_consistent(roads: MotionGraph, scales: Scales) -> None:
    x, _, _ = disturbed(roads, StreamRecipe(noise=2.0), scales)
    z, dz, _ = inside(x, DIMS)
    np.testing.assert_allclose(dz[1:], np.diff(z, axis=0), atol=1e-5)


def test_the_disturbance_is_slow_and_differs_between_streams(roads: MotionGraph, scales: Scales) -> None:
    recipe = StreamRecipe(noise=1.5, memory=0.9)
    x, _, track = disturbed(roads, recipe, scales)
    error = (inside(x, DIMS)[0] - blended(roads, track)[0][1:-1]) / scales.change
    strength = error.std((0, 2))
    assert strength.min() < 0.2
    assert 0.8 < strength.max() < 1.8
    assert error[0].std() == pytest.approx(error[-1].std(), rel=0.5)  # it is there from the first frame on
    strong = error[:, strength > 0.5]
    assert (strong[1:] * strong[:-1]).mean() / np.square(strong).mean() == pytest.approx(0.9, abs=0.03)


def test_streams_run_on_and_never_behind_a_clips_end(roads: MotionGraph) -> None:
    hasty = StreamRecipe(jump=5, fade=30, long_fade=30, across=1.0)
    for recipe in (StreamRecipe(), StreamRecipe(jump=1e6), hasty):
        track = streams.walk(roads, recipe, B, 2 * L, rng(3))
        fading = track.share > 0
        assert (track.a >= 0).all()
        assert (np.maximum(track.a, track.b) < len(roads)).all()
        on, over = track.a[1:] == track.a[:-1] + 1, track.a[1:] == track.b[:-1] + 1
        assert (on | over).all()  # the next frame of the same road, or of the one that it faded into
        assert (fading[:-1] | on).all()
        assert (roads.end[track.a[1:]] == roads.end[track.a[:-1]])[on & ~over].all()
        within = fading[1:] & fading[:-1] & on
        assert (track.b[1:] == track.b[:-1] + 1)[within].all()
        assert (roads.end[track.b[1:]] == roads.end[track.b[:-1]])[within].all()


def test_fades_are_smooth_and_as_long_as_told(roads: MotionGraph) -> None:
    recipe = StreamRecipe(jump=20, fade=7, long_fade=19, across=0.5)
    track = streams.walk(roads, recipe, B, L, rng(4))
    fading = track.share > 0
    lengths = []
    for stream in range(B):
        borders = np.flatnonzero(np.diff(fading[:, stream].astype(int)))
        for start, stop in itertools.pairwise(borders):
            share = track.share[start + 1 : stop + 1, stream]
            if fading[start + 1, stream] and len(share) in {7, 19}:
                lengths.append(len(share))
                assert (np.diff(share) > 0).all()
                assert np.diff(share).max() < 1.6 / len(share)
                assert share[0] + share[-1] == pytest.approx(1)
                assert share[0] < 0.02
    assert {7, 19} <= set(lengths)


def test_no_stream_jumps(roads: MotionGraph, scales: Scales) -> None:
    x, y = streams.windows(roads, changed(QUIET, jump=20, across=0.5), scales, B, L, rng(5))
    recorded = np.concatenate([np.diff(roads.z[start:stop], axis=0) for start, stop in clips(roads)])
    limit = 1.5 * np.linalg.norm(recorded, axis=1).max()
    assert np.linalg.norm(y[..., :DIMS], axis=-1).max() < limit
    assert np.linalg.norm(np.diff(inside(x, DIMS)[0], axis=0), axis=-1).max() < limit


def clips(roads: MotionGraph) -> list[tuple[int, int]]:
    stops = np.unique(roads.end)
    return list(zip([0, *stops[:-1].tolist()], stops.tolist(), strict=True))


def test_free_jumps_come_as_often_as_told_and_only_where_they_are_fair(roads: MotionGraph) -> None:
    track = streams.walk(roads, StreamRecipe(jump=30.0), 200, L, rng(6))
    begins = (track.share[1:] > 0) & (track.share[:-1] == 0)
    at = track.a[1:][begins]
    free = roads.end[at] - 1 - at > 25
    assert (roads.fair[at[free]] > 0).all()
    might = (roads.fair[track.a] > 0) & (track.share == 0) & (roads.end[track.a] - 1 - track.a > 25)
    assert free.sum() / might.sum() == pytest.approx(1 / 30, rel=0.15)


def test_mirrored_streams_stay_on_their_side(roads: MotionGraph, scales: Scales) -> None:
    track = streams.walk(roads, StreamRecipe(jump=10), B, L, rng(7))
    assert (roads.mirrored[track.a] == roads.mirrored[track.a[0]]).all()
    assert (roads.mirrored[track.b] == roads.mirrored[track.a[0]]).all()
    assert 0.3 < roads.mirrored[track.a[0]].mean() < 0.7
    x, _ = streams.windows(roads, StreamRecipe(jump=10), scales, B, L, rng(7))
    np.testing.assert_array_equal(x[..., -1], np.tile(roads.mirrored[track.a[0]], (L, 1)))


@pytest.mark.parametrize("shares", [[], [0.25, 0.75], [3.0, 1.0]])
def test_genres_get_their_shares(roads: MotionGraph, shares: list[float]) -> None:
    recipe = StreamRecipe(genre_shares=shares)
    wanted = (shares or [1.0, 1.0])[0] / sum(shares or [1.0, 1.0])
    starts = streams.walk(roads, recipe, 4000, 1, rng(8)).a
    assert (roads.genre[starts] == 0).mean() == pytest.approx(wanted, abs=0.03)


def test_a_change_of_genre_is_told_at_once_or_a_little_before(roads: MotionGraph, scales: Scales) -> None:
    for lead in (0, 20):
        recipe = StreamRecipe(untold=0.0, across=1.0, jump=20, lead=lead)
        x, _ = streams.windows(roads, recipe, scales, B, L, rng(9))
        track = streams.walk(roads, recipe, B, L + 2, rng(9))
        told, danced = x[..., -3:-1].argmax(-1), roads.genre[track.b[2:]]
        assert (x[..., -3:-1].sum(-1) == 1).all()
        if lead == 0:
            np.testing.assert_array_equal(told, danced)
            continue
        assert 0.05 < (told != danced).mean() < 0.5
        for frame, stream in np.argwhere(told != danced):
            assert (danced[frame : frame + lead + 1, stream] == told[frame, stream]).any() or frame + lead >= L


def test_some_streams_are_not_told(roads: MotionGraph, scales: Scales) -> None:
    for untold in (0.0, 0.4, 1.0):
        x, _ = streams.windows(roads, StreamRecipe(untold=untold), scales, 1000, 10, rng(10))
        assert (x[..., -3:-1].sum(-1) == 0).mean() == pytest.approx(untold, abs=0.05)


def test_the_same_numbers_give_the_same_streams(roads: MotionGraph, scales: Scales) -> None:
    one, again, other = (streams.windows(roads, StreamRecipe(), scales, 4, 50, rng(seed)) for seed in (0, 0, 1))
    for first, second, third in zip(one, again, other, strict=True):
        assert first.dtype == np.float32
        np.testing.assert_array_equal(first, second)
        assert not np.array_equal(first, third)
