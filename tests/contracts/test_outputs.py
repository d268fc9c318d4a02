"""What every output keeps to, run over everything found in `engine/outputs`."""

import math

import numpy as np
import pytest
from pythonosc.osc_bundle import OscBundle

from engine import plugins
from engine.contracts import MAX_DATAGRAM, Output
from engine.schema.frame import Frame, Pose, Quality
from engine.schema.model import Head, ModelSpec
from engine.schema.skeleton import Skeleton

Messages = list[tuple[str, list[object]]]

pytestmark = [
    pytest.mark.parametrize("name", plugins.outputs()),
    pytest.mark.parametrize("performers", [1, 8]),
    pytest.mark.parametrize("joints", [20, 55]),
    pytest.mark.parametrize("rotations", [False, True], ids=["positions", "rotations"]),
]


def make(name: str, performers: int, joints: int) -> Output:
    skeleton = Skeleton(
        names=tuple(f"j{joint}" for joint in range(joints)),
        parents=tuple(range(-1, joints - 1)),
        offsets=((0.0, 0.1, 0.0),) * joints,
        facing=(),
    )
    head = Head(kind="mdn", components=1, dims=1)
    spec = ModelSpec(
        name="m", family="f", fps=30, features=1, head=head, state=(), licence="-", credit="-", skeleton=skeleton
    )
    return plugins.output(name)(spec, performers, "/engine")


def frame(sequence: int, performers: int, joints: int, *, rotations: bool) -> Frame:
    rng = np.random.default_rng(sequence)
    positions = rng.standard_normal((performers, joints, 3), np.float32)
    turned = rng.standard_normal((performers, joints, 4), np.float32) if rotations else None
    pose = Pose(positions, rng.standard_normal((performers, 7), np.float32), turned)
    return Frame(sequence, sequence * 33, pose, (Quality.GOOD,) * performers)


def sent(output: Output, shown: Frame) -> list[bytes]:
    return [bytes(datagram) for datagram in output.datagrams(shown)]


def read(datagram: bytes) -> Messages:
    return [(message.address, list(message.params)) for message in OscBundle(datagram)]


def numbers(datagrams: list[bytes]) -> list[float]:
    heard = [value for datagram in datagrams for _, values in read(datagram) for value in values]
    return [value for value in heard if isinstance(value, (int, float))]


def test_no_datagram_is_longer_than_a_packet(name: str, performers: int, joints: int, rotations: bool) -> None:  # noqa: FBT001
    output = make(name, performers, joints)
    datagrams = sent(output, frame(1, performers, joints, rotations=rotations))
    assert len(datagrams) >= performers
    assert all(len(datagram) <= MAX_DATAGRAM for datagram in [*datagrams, *output.announce()])


def test_every_datagram_begins_with_its_frame(name: str, performers: int, joints: int, rotations: bool) -> None:  # noqa: FBT001
    output = make(name, performers, joints)
    for sequence in (5, 6, 9):
        for datagram in sent(output, frame(sequence, performers, joints, rotations=rotations)):
            address, values = read(datagram)[0]
            assert address.endswith("/frame")
            assert values == [sequence, sequence * 33]


def test_every_joint_of_every_performer_is_sent(name: str, performers: int, joints: int, rotations: bool) -> None:  # noqa: FBT001
    shown = frame(3, performers, joints, rotations=rotations)
    heard = set(numbers(sent(make(name, performers, joints), shown)))
    parts = [part for part in shown.pose if part is not None]
    assert {float(value) for part in parts for value in part.ravel()} <= heard


def test_the_same_frame_gives_the_same_bytes(name: str, performers: int, joints: int, rotations: bool) -> None:  # noqa: FBT001
    output, shown = make(name, performers, joints), frame(4, performers, joints, rotations=rotations)
    first = sent(output, shown)
    sent(output, frame(5, performers, joints, rotations=not rotations))
    assert sent(output, shown) == first == sent(make(name, performers, joints), shown)


def test_nothing_that_is_not_finite_leaves(name: str, performers: int, joints: int, rotations: bool) -> None:  # noqa: FBT001
    output, shown = make(name, performers, joints), frame(6, performers, joints, rotations=rotations)
    shown.pose.positions[-1, 0, 0] = np.nan
    shown.pose.root[0, 6] = np.inf
    assert all(math.isfinite(value) for value in numbers(sent(output, shown)))
    assert len(sent(output, frame(7, performers, joints, rotations=rotations))) >= performers


def test_a_frame_is_only_read(name: str, performers: int, joints: int, rotations: bool) -> None:  # noqa: FBT001
    shown = frame(8, performers, joints, rotations=rotations)
    for part in shown.pose:
        if part is not None:
            part.flags.writeable = False
    assert sent(make(name, performers, joints), shown)


def test_an_announcement_can_be_read_at_any_time(name: str, performers: int, joints: int, rotations: bool) -> None:  # noqa: FBT001
    output = make(name, performers, joints)
    before = [bytes(datagram) for datagram in output.announce()]
    sent(output, frame(1, performers, joints, rotations=rotations))
    assert [bytes(datagram) for datagram in output.announce()] == before
    assert all(read(datagram) for datagram in before)
