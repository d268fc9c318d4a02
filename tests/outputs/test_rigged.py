"""The native output with the joints of a rig."""

from typing import Any

import numpy as np
import pytest
from outputs.reference import frame, of, parse

from engine.motion.bones import Bones
from engine.motion.core20 import CORE20
from engine.motion.kinematics import product, rotate
from engine.motion.solve import Solver
from engine.outputs.native import Native, Options
from engine.schema.errors import ConfigError
from engine.schema.frame import Frame, Pose, Quality
from engine.schema.skeleton import Skeleton


def solved(count: int) -> Frame:
    """Bodies that bend everywhere, hips and shoulders against their neighbours too."""
    rng = np.random.default_rng(5)
    rest = np.array(CORE20.offsets)
    for joint in CORE20.order[1:]:
        rest[joint] += rest[CORE20.parents[joint]]
    positions = (rest + rng.normal(0, 0.05, (count, *rest.shape))).astype(np.float32)
    Bones(CORE20).fit(positions)
    rotations, body = Solver(CORE20, 30).solve(positions, range(1, count + 1))
    root = np.tile(np.array([0, 0, 0, 0, 0, 0, 1], np.float32), (count, 1))
    pose = Pose(positions, root, rotations, body)
    return Frame(7, 233, pose, (Quality.GOOD,) * count, tuple(range(1, count + 1)))


def heard(native: Native, played: Frame, number: int) -> dict[str, Any]:
    said = [*native.announce(played.performers), *native.datagrams(played)]
    words = {address: values for datagram in said for address, values in parse(datagram).items()}
    return {address.removeprefix(f"/engine/p{number}/"): values for address, values in words.items()}


@pytest.mark.parametrize("space", ["engine", "unreal"])
def test_what_is_sent_gives_the_positions_back(space: Any) -> None:
    played = solved(2)
    words = heard(Native(of(CORE20), [1, 2], options=Options(rig=True, space=space)), played, 2)
    names, parents = words["skeleton/names"], words["skeleton/parents"]
    offsets, turns = np.reshape(words["skeleton/offsets"], (-1, 3)), np.reshape(words["rot"], (-1, 4))
    positions = np.reshape(words["pos"], (-1, 3)).copy()
    world = turns.copy()
    for bone, parent in enumerate(parents):
        if parent >= 0:
            world[bone] = product(world[parent], turns[bone])
            found = positions[parent] + rotate(world[parent], offsets[bone])
            np.testing.assert_allclose(found, positions[bone], atol=1e-3 if space == "unreal" else 1e-5)
    if space == "engine":
        own = [names.index(name) for name in CORE20.names]
        np.testing.assert_allclose(positions[own], played.pose.positions[1], atol=1e-6)
    assert "chest_base" in names


def test_without_solved_bodies_nobody_is_sent() -> None:
    native = Native(of(CORE20), [1], options=Options(rig=True))
    assert not native.datagrams(frame(1, 20, rotations=True))


def test_points_that_cannot_be_solved_are_refused() -> None:
    cloud = Skeleton(names=("a", "b"), parents=(-1, 0), offsets=((0, 0, 0), (0, 1, 0)), facing=(), rigid=False)
    with pytest.raises(ConfigError, match="native output: rig: points whose rotations cannot be solved"):
        Native(of(cloud), [1], options=Options(rig=True))
