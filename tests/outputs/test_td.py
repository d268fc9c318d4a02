"""The td output, against python-osc, against stored bytes and against what a CHOP can hold."""

import re
from pathlib import Path

import numpy as np
import pytest
from outputs.reference import EVENTS, NOTES, empty, frame, of, parse, plain, spec, stored
from outputs.td_reference import FRAME, LIST, NAMES, PIANO, TURNED, datagrams, piano, shown

from engine.contracts import Status
from engine.motion.channels import channels
from engine.motion.core20 import CORE20
from engine.outputs._body import Refused
from engine.outputs._turns import angles
from engine.outputs.td import Options, TouchDesigner
from engine.schema.errors import ConfigError
from engine.schema.frame import Frame
from engine.schema.note import Note, Pedal

HALF = float(np.sqrt(0.5))


def heard(output: TouchDesigner, played: Frame) -> dict[str, tuple[object, ...]]:
    parsed = [parse(datagram) for datagram in output.datagrams(played)]
    return {address: values for each in parsed for address, values in each.items()}


@pytest.mark.parametrize(
    ("path", "options"),
    [(FRAME, Options()), (TURNED, Options(rotations=True)), (LIST, Options(rotations=True, layout="list"))],
    ids=["channels", "rotations", "list"],
)
def test_a_frame_is_byte_equal_to_python_osc_and_to_the_stored_one(path: Path, options: Options) -> None:
    sent = plain(TouchDesigner(of(CORE20), [1], options).datagrams(shown()))
    assert sent == datagrams(shown(), rotations=options.rotations, layout=options.layout) == stored(path)


def test_keys_are_byte_equal_to_python_osc_and_to_the_stored_ones() -> None:
    output = TouchDesigner(of(None), [], Options())
    sent = [*plain(output.notes(EVENTS)), *plain(output.notes(EVENTS[:1])), *plain(output.datagrams(empty()))]
    assert sent == piano(EVENTS, NOTES) == stored(PIANO)


def test_python_osc_reads_a_channel_for_each_key_and_the_pedal() -> None:
    output = TouchDesigner(of(None), [], Options())
    values = heard(output, empty())
    assert list(values) == [*(f"/n{number}" for number in range(21, 109)), "/pedal"]
    shares = [*NOTES.velocities, NOTES.pedal]
    assert list(values.values()) == [(np.float32(each / 127),) for each in shares]
    [struck] = output.notes([Note(60, 127, 5)])
    assert parse(struck) == {"/n60": (1.0,)}
    [lifted] = output.notes([Note(60, 0), Pedal(64)])
    assert parse(lifted) == {"/n60": (0.0,), "/pedal": (np.float32(64 / 127),)}


def test_python_osc_reads_one_float_at_each_address() -> None:
    played = frame(2, 20, rotations=True)
    values = heard(TouchDesigner(of(CORE20), [1, 2], Options()), played)
    assert len(values) == 2 * (2 + 60)
    assert all(len(each) == 1 and isinstance(each[0], float) for each in values.values())
    assert values["/p2/id"] == (2.0,)
    assert values["/p2/frame"] == (7.0,)
    assert [values[f"/p2/hand_l:t{axis}"][0] for axis in "xyz"] == list(played.pose.positions[1, 7])


def test_the_same_channels_come_in_every_frame_in_the_same_order() -> None:
    output = TouchDesigner(of(CORE20), [1], Options(rotations=True))
    turned, still = frame(1, 20, rotations=True), frame(1, 20, rotations=False, sequence=8)
    first, second = heard(output, turned), heard(output, still)
    assert list(first) == list(second)
    assert first["/p1/hip:rx"] != (0.0,)
    assert {values for address, values in second.items() if ":r" in address} == {(0.0,)}


def test_a_channel_holds_only_letters_that_touchdesigner_takes() -> None:
    odd = channels(["LFWT", "l_Shoulder", "Spine 1", "spine.1", "Größe", "a:b/c", "", "chest", "spine"])
    assert odd == ["lfwt", "shoulder_l", "spine_1", "spine_1_2", "gr__e", "a_b_c", "_", "spine", "spine_2"]
    sent = heard(TouchDesigner(spec(3, name="Ä {} ?"), [1], Options()), frame(1, 3, rotations=False))
    assert all(re.fullmatch(r"[A-Za-z0-9_:/-]+", address) for address in sent)
    assert len(sent) == 2 + 9


def test_joints_are_called_as_the_kinects() -> None:
    assert tuple(channels(CORE20.names)) == NAMES


@pytest.mark.parametrize(
    ("quaternion", "degrees"),
    [
        ((HALF, 0, 0, HALF), (90, 0, 0)),
        ((0, 0, HALF, HALF), (0, 0, 90)),
        ((0, HALF, 0, HALF), (0, 90, 0)),
        ((0, -HALF, 0, HALF), (0, -90, 0)),
        # A quarter turn about X, then one about Z: z q x = (1 + k)(1 + i) / 2 = (1 + i + j + k) / 2.
        ((0.5, 0.5, 0.5, 0.5), (90, 0, 90)),
        ((0, 0, 1, 0), (0, 0, 180)),
        ((0, 0, 0, 1), (0, 0, 0)),
        ((0, 0, 0, -1), (0, 0, 0)),
    ],
)
def test_angles_of_turns_worked_out_by_hand(quaternion: tuple[float, ...], degrees: tuple[float, ...]) -> None:
    found = np.zeros((1, 3), np.float32)
    angles(np.array([quaternion], np.float32), found)
    np.testing.assert_allclose(np.mod(found[0] + 1, 360), np.mod(np.add(degrees, 1), 360), atol=0.05)


@pytest.mark.parametrize("about_y", [-90.0, -89.99, 30.0, 89.99, 90.0])
def test_angles_give_the_rotation_back_about_x_first_then_y_then_z(about_y: float) -> None:
    given = np.radians([20.0, about_y, -130.0])
    rotation = matrix(given)
    trace = np.sqrt(max(0.0, 1 + np.trace(rotation))) / 2
    skew = rotation - rotation.T
    quaternion = np.array([skew[2, 1], skew[0, 2], skew[1, 0], 4 * trace**2]) / (4 * trace)
    found = np.zeros((1, 3), np.float32)
    angles(quaternion[None].astype(np.float32), found)
    np.testing.assert_allclose(matrix(np.radians(found[0])), rotation, atol=2e-3)


def matrix(radians: np.ndarray) -> np.ndarray:
    """Rz Ry Rx."""
    (cx, cy, cz), (sx, sy, sz) = np.cos(radians), np.sin(radians)
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return np.asarray(about_z @ about_y @ about_x)


def test_a_frame_number_stays_a_whole_number() -> None:
    output = TouchDesigner(spec(1), [1], Options())
    numbers = [
        heard(output, frame(1, 1, rotations=False, sequence=number))["/p1/frame"] for number in (2**24 - 1, 2**24)
    ]
    assert numbers == [(2.0**24 - 1,), (0.0,)]


def test_a_broken_performer_is_left_out_and_counted() -> None:
    output, played = TouchDesigner(spec(4), [1, 2], Options()), frame(2, 4, rotations=True)
    played.pose.positions[0, 2, 1] = np.nan
    assert {address.split("/")[1] for address in heard(output, played)} == {"p2"}
    assert output.refused == Refused(broken=1, rotations=0)


def test_a_list_that_is_too_long_for_a_datagram_is_refused_with_the_way_out() -> None:
    with pytest.raises(ConfigError, match=r"^td output: 120 joints in a datagram of \d+ bytes; .*\(layout=channels\)$"):
        TouchDesigner(spec(120), [1], Options(layout="list"))
    assert heard(TouchDesigner(spec(120), [1], Options()), frame(1, 120, rotations=False))


def test_the_state_is_numbers_only_and_nothing_is_announced() -> None:
    output = TouchDesigner(spec(1), [1], Options())
    [datagram] = output.report(Status(29.5, 2, 1, 0.25, "dance", "playing", 3, "storm"))
    assert parse(datagram) == {
        "/state/fps": (29.5,),
        "/state/late": (2.0,),
        "/state/skipped": (1.0,),
        "/state/p99_ms": (0.25,),
        "/state/clients": (3.0,),
    }
    assert list(output.announce([1])) == []
