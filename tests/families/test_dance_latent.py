"""Bodies that are bent along their components where they are shown, and nowhere else."""

from functools import cache

import msgspec
import numpy as np
import pytest
from families import examples
from motion import bodies

from engine.families import _dance
from engine.families.dance import Dance, create
from engine.schema.controls import Controls
from engine.schema.frame import F32, Pose

PERFORMERS = 2
FRAMES = 60
PLAIN = Controls()
BENT = Controls(latent=(0.3, -0.2, 0.1))


@cache
def example() -> examples.Example:
    return examples.dance()


def dancer(performers: int = PERFORMERS) -> Dance:
    family = create(example().loaded, performers)
    for row in range(performers):
        family.place(row, example().clip, 0)
    return family


def encoded(family: Dance) -> F32:
    x = np.zeros((family.performers, family.spec.features), np.float32)
    family.encode(x, [PLAIN] * family.performers)
    return x


def play(family: Dance, controls: Controls, frames: int = FRAMES) -> tuple[F32, Pose]:
    """What is fed back (T, P, F) and what is shown, (T, P, J, 3) and (T, P, 7)."""
    fed, bodies_, roots = [], [], []
    for sample in example().samples(frames, PERFORMERS, 0):
        pose = family.decode(sample, [controls] * PERFORMERS)
        fed.append(encoded(family))
        bodies_.append(pose.positions.copy())
        roots.append(pose.root.copy())
    return np.array(fed), Pose(np.array(bodies_), np.array(roots))


def test_offsets_bend_what_is_shown_and_leave_the_dance_alone() -> None:
    fed, shown = play(dancer(), PLAIN)
    fed_bent, shown_bent = play(dancer(), BENT)
    np.testing.assert_array_equal(fed_bent, fed)
    np.testing.assert_array_equal(shown_bent.root, shown.root)
    away = np.linalg.norm(shown_bent.positions - shown.positions, axis=-1)
    assert (away.max(-1) > 0.05).all()
    assert away.max() < 1.0


@pytest.mark.parametrize("latent", [(0.0,), (0.0,) * 16])
def test_no_offset_is_no_bending(latent: tuple[float, ...]) -> None:
    """As good as, where zeros are given; to the last bit, where nothing is: nothing is computed then."""
    _, shown = play(dancer(), PLAIN)
    _, zeros = play(dancer(), Controls(latent=latent))
    np.testing.assert_allclose(zeros.positions, shown.positions, atol=2e-6)
    family = dancer()
    family.encode(np.zeros((PERFORMERS, family.spec.features), np.float32), [PLAIN] * PERFORMERS)
    family._offsets[:] = np.nan
    _, unbent = play(family, PLAIN)
    np.testing.assert_array_equal(unbent.positions, shown.positions)


def test_a_small_offset_is_a_small_change() -> None:
    """So that a slider that leaves 0 does not make the body jump."""
    _, shown = play(dancer(), PLAIN)
    for offset in (1e-3, -1e-3):
        _, bent = play(dancer(), Controls(latent=(offset,)))
        assert np.abs(bent.positions - shown.positions).max() < 4e-3


def test_bent_bodies_keep_their_bones_and_their_height_over_the_floor() -> None:
    free = msgspec.structs.replace(BENT, footlock=0.0)
    _, shown = play(dancer(), msgspec.structs.replace(PLAIN, footlock=0.0))
    for latent in ((1.0,) * 16, (-1.0,) * 16, (0.0, 0.5), (0.0, 0.0, -0.5)):
        _, bent = play(dancer(), msgspec.structs.replace(free, latent=latent))
        assert bodies.worst_bone(bent.positions) < 1e-4
        np.testing.assert_allclose(bent.positions[..., 1].min(-1), shown.positions[..., 1].min(-1), atol=1e-5)


def test_offsets_are_those_of_the_first_components() -> None:
    """A bent body, projected, has moved along them: what bones and floor take away is less than half."""
    free = Controls(footlock=0.0, radius=100.0)
    mean, basis = (np.asarray(example().loaded.arrays[name], np.float32) for name in ("mean", "basis"))
    for component in range(3):
        latent = tuple(0.15 * (component == index) for index in range(3))
        family, plain = dancer(1), dancer(1)
        sample = example().samples(1, 1, 0)[0]
        shown = [
            one.decode(sample, [controls])
            for one, controls in ((family, msgspec.structs.replace(free, latent=latent)), (plain, free))
        ]
        local = [pose.positions[0] - pose.positions[0, 0] * (1, 0, 1) for pose in shown]
        turned = shown[1].root[0]
        yaw = -2 * np.arctan2(turned[4], turned[6])
        cos, sin = np.cos(yaw), np.sin(yaw)
        seen = [np.stack([b[:, 0] * cos + b[:, 2] * sin, b[:, 1], b[:, 2] * cos - b[:, 0] * sin], -1) for b in local]
        z = [(body.reshape(-1) - mean) @ basis for body in seen]
        moved = z[0] - z[1]
        assert np.abs(moved).argmax() == component
        assert 0.075 < moved[component] < 0.2


def test_more_offsets_than_components_are_left_out() -> None:
    small = create(examples.dance(4).loaded, 1)
    small.place(0, example().clip, 0)
    sample = np.zeros((1, 7), np.float32)
    found = small.decode(sample, [Controls(latent=(0.1,) * 16)]).positions.copy()
    twin = create(examples.dance(4).loaded, 1)
    twin.place(0, example().clip, 0)
    np.testing.assert_array_equal(twin.decode(sample, [Controls(latent=(0.1,) * 4)]).positions, found)


def test_each_performer_is_bent_by_its_own_offsets() -> None:
    mixed, plain = dancer(), dancer()
    for sample in example().samples(FRAMES, PERFORMERS, 0):
        found = mixed.decode(sample, [BENT, PLAIN]).positions.copy()
        expected = plain.decode(sample, [PLAIN, PLAIN]).positions
        np.testing.assert_array_equal(found[1], expected[1])
        assert not np.array_equal(found[0], expected[0])


def test_who_starts_again_stays_bent() -> None:
    """The blend is between bodies that are both bent, so nothing jumps."""
    family = dancer()
    _, before = play(family, BENT)
    family.place(0, example().clip, 15)
    sample = np.zeros((PERFORMERS, examples.DIMS + 3), np.float32)
    after = family.decode(sample, [BENT] * PERFORMERS).positions[0]
    assert np.linalg.norm(after - before.positions[-1, 0], axis=-1).max() < 0.15


def test_nothing_is_compiled_by_the_first_offset() -> None:
    family = dancer()
    compiled = len(_dance.dance.signatures)  # type: ignore[attr-defined]
    play(family, BENT, 2)
    assert len(_dance.dance.signatures) == compiled  # type: ignore[attr-defined]
