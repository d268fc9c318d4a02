"""The vmc output, against python-osc, against stored bytes, and read by an independent VMC library."""

from pathlib import Path

import numpy as np
import pytest
from outputs import avatars
from outputs.reference import EVENTS as PLAYED
from outputs.reference import JOINTS, Bytes, empty, of, parse, plain, read, solved, spec, stored
from outputs.vmc_reference import BONES, FRAME, PIANO, bones, datagrams, piano
from vmcp.events import BoneTransformEvent, RelativeTimeEvent, RootTransformEvent, StateEvent
from vmcp.typing import Bone, CalibrationMode, CalibrationState, CoordinateVector, ModelState, Quaternion

from engine.contracts import MAX_DATAGRAM, Datagrams, Status
from engine.motion.core20 import CORE20
from engine.motion.rig import make_rig
from engine.outputs._avatar import PARENTS
from engine.outputs._body import Refused
from engine.outputs.vmc import Options, Vmc
from engine.schema.errors import ConfigError, DataError
from engine.schema.frame import F32, Body, Frame
from engine.schema.note import Note, Pedal

RIG = make_rig(CORE20)
EVENTS = (StateEvent, RelativeTimeEvent, RootTransformEvent, BoneTransformEvent)


def vmc(rest: Path | None = None) -> Vmc:
    return Vmc(of(CORE20), Options(rest=None if rest is None else str(rest)))


def posed(**turned: tuple[float, float, float, float]) -> Frame:
    """A T-pose at rest whose named bones of the rig are turned in the world, and with them those below."""
    assert RIG is not None
    turns = np.tile(np.array([0, 0, 0, 1], np.float32), (1, len(RIG.names), 1))
    for bone, (name, parent) in enumerate(zip(RIG.names, RIG.parents, strict=True)):
        turns[0, bone] = turned.get(name, turns[0, parent] if parent >= 0 else (0, 0, 0, 1))
    places = np.zeros((1, len(JOINTS), 3), np.float32)
    for joint in CORE20.order:
        above = CORE20.parents[joint]
        places[0, joint] = np.add(CORE20.offsets[joint], places[0, above] if above >= 0 else 0)
    frame = solved()
    return frame._replace(pose=frame.pose._replace(positions=places, body=Body(places, turns)))


def heard(sent: Datagrams) -> dict[str, tuple[F32, F32]]:
    """Place and rotation of each bone as an independent library reads them."""
    events = [event for datagram in sent for event in understood(datagram)]
    found = [event for event in events if isinstance(event, BoneTransformEvent)]
    return {
        event.joint.value: (
            np.array([event.position.x, event.position.y, event.position.z], np.float32),
            np.array([event.rotation.x, event.rotation.y, event.rotation.z, event.rotation.w], np.float32),
        )
        for event in found
    }


def understood(datagram: Bytes) -> list[object]:
    """What the library makes of a datagram."""
    kinds = {kind.ADDRESS_PATTERN: kind for kind in EVENTS}
    return [
        kinds[message.address].from_message_data("here", message.address, tuple(message.params))
        for message in read(datagram)
    ]


def test_a_frame_is_byte_equal_to_python_osc_and_to_the_stored_one() -> None:
    assert plain(vmc().datagrams(solved())) == datagrams(solved()) == stored(FRAME)


def test_an_independent_library_reads_the_same_values() -> None:
    sent = vmc().datagrams(solved())
    state, time, root, *_ = understood(sent[0])
    assert state == StateEvent(
        "here", "/VMC/Ext/OK", ModelState.LOADED, CalibrationState.CALIBRATED, CalibrationMode.NORMAL, None
    )
    assert isinstance(time, RelativeTimeEvent)
    assert time.delta == pytest.approx(0.233)
    assert isinstance(root, RootTransformEvent)
    assert (root.joint, root.position, root.rotation) == ("root", CoordinateVector.identity(), Quaternion.identity())
    expected = bones(solved())
    found = heard(sent)
    assert list(found) == list(expected)
    for name, (place, turn) in found.items():
        assert [*place, *turn] == list(np.array(expected[name], np.float32)), name


def test_each_bone_has_exactly_the_types_that_receivers_ask_for() -> None:
    sent = plain(vmc().datagrams(solved()))
    assert len(sent) == 2
    assert all(len(datagram) <= MAX_DATAGRAM for datagram in sent)
    assert b"".join(sent).count(b"/VMC/Ext/Bone/Pos\0\0\0,sfffffff\0\0\0") == len(BONES)
    assert [message.address for message in read(sent[0])][:3] == ["/VMC/Ext/OK", "/VMC/Ext/T", "/VMC/Ext/Root/Pos"]
    assert {bone.value for bone in Bone} >= set(BONES)


def test_a_t_pose_is_no_rotation_and_the_bones_lead_to_our_joints() -> None:
    found = heard(vmc().datagrams(posed()))
    for name, (place, turn) in found.items():
        np.testing.assert_allclose(turn, (0, 0, 0, 1), atol=1e-7, err_msg=name)
        assert np.linalg.norm(place) > 0.02, f"{name} folds up"
    for name, joint in {"LeftHand": "l_wrist", "Head": "head", "RightFoot": "r_ankle"}.items():
        x, y, z = posed().pose.positions[0, JOINTS.index(joint)]
        np.testing.assert_allclose(stand(found)[name][0], (-x, y, z), atol=1e-6)


def test_a_raised_left_arm_is_a_raised_left_arm_in_unity() -> None:
    half = float(np.sqrt(0.5))
    found = heard(vmc().datagrams(posed(l_shoulder=(0, 0, half, half))))
    np.testing.assert_allclose(found["LeftUpperArm"][1], (0, 0, -half, half), atol=1e-6)
    shoulder, hand = stand(found)["LeftUpperArm"][0], stand(found)["LeftHand"][0]
    np.testing.assert_allclose(hand - shoulder, (0, 0.2818 + 0.2419, 0), atol=1e-6)
    assert shoulder[0] < 0, "left is -X in Unity"


def test_the_middle_of_the_hips_stays_where_it_is_however_the_pelvis_turns() -> None:
    found = stand(heard(vmc().datagrams(solved())))
    body = solved().pose.body
    assert body is not None
    middle = body.joints[0, [JOINTS.index("l_hip"), JOINTS.index("r_hip")]].mean(0)
    ours = (found["LeftUpperLeg"][0] + found["RightUpperLeg"][0]) / 2
    np.testing.assert_allclose(ours, middle * (-1, 1, 1), atol=1e-5)


def stand(found: dict[str, tuple[F32, F32]]) -> dict[str, tuple[F32, F32]]:
    """Place and rotation in the world of bones that hang on each other as a receiver hangs them."""
    stood: dict[str, tuple[F32, F32]] = {}
    for name, (place, turn) in found.items():
        parent = PARENTS[name]
        while parent is not None and parent not in found:
            parent = PARENTS[parent]
        above, turned = stood[parent] if parent else (np.zeros(3), np.array([0, 0, 0, 1], np.float32))
        axis, w = turned[:3], turned[3]
        once = 2 * np.cross(axis, place)
        product = [*(w * turn[:3] + turn[3] * axis + np.cross(axis, turn[:3])), w * turn[3] - axis @ turn[:3]]
        stood[name] = (above + place + w * once + np.cross(axis, once), np.array(product, np.float32))
    return stood


@pytest.mark.parametrize("make", [avatars.vrm0, avatars.vrm1, avatars.small])
def test_an_avatar_gives_its_own_lengths_and_stands_on_the_floor(make: object, tmp_path: Path) -> None:
    assert callable(make)
    found = heard(vmc(make(tmp_path / "a.json")).datagrams(posed()))
    assert "LeftShoulder" not in found, "the avatar has none"
    assert "RightHand" not in found, "the avatar has none"
    np.testing.assert_allclose(found["LeftLowerArm"][0], (-0.3, 0, 0), atol=1e-6)
    # The upper chest is not solved: the neck keeps its place as seen from it.
    np.testing.assert_allclose(found["Neck"][0], (0, 0.1, 0), atol=1e-6)
    np.testing.assert_allclose(found["LeftFoot"][0], (0, -0.4, 0), atol=1e-6)
    # Our hips stand at x = z = 0, the avatar's upper legs at 0.95 m, and its hips 0.05 m above them.
    np.testing.assert_allclose(found["Hips"][0], (0, 1.0, 0), atol=1e-6)


def test_a_step_of_a_larger_avatar_is_larger(tmp_path: Path) -> None:
    stepped = posed()
    stepped.pose.positions[0] += (0.1, 0, 1)
    there = heard(vmc(avatars.small(tmp_path / "a.json")).datagrams(stepped))["Hips"][0]
    scale = 0.95 / (0.8816 + 0.0224)
    np.testing.assert_allclose(there, (-0.1 * scale, 1.0, scale), atol=1e-6)


def test_a_bone_that_the_avatar_lacks_hands_its_rotation_on(tmp_path: Path) -> None:
    half = float(np.sqrt(0.5))
    found = heard(vmc(avatars.small(tmp_path / "a.json")).datagrams(posed(l_shoulder_base=(0, 0, half, half))))
    np.testing.assert_allclose(found["LeftUpperArm"][1], (0, 0, -half, half), atol=1e-6)


def test_rotations_do_not_depend_on_how_bones_are_turned_at_rest() -> None:
    # W_parent q W_self^-1, with any W and with q as the local rotation that shows our turns on such an avatar.
    draw = np.random.default_rng(1)
    parent, bone, rest_parent, rest = (each / np.linalg.norm(each) for each in draw.normal(size=(4, 4)))
    local = times(inverse(times(parent, rest_parent)), times(bone, rest))
    expected = times(inverse(parent), bone)
    np.testing.assert_allclose(times(times(rest_parent, local), inverse(rest)), expected, atol=1e-12)
    found = heard(vmc().datagrams(posed(l_shoulder=tuple(parent), l_elbow=tuple(bone))))["LeftLowerArm"][1]
    np.testing.assert_allclose(found, expected * (1, -1, -1, 1), atol=1e-6)


def times(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    axis = first[3] * second[:3] + second[3] * first[:3] + np.cross(first[:3], second[:3])
    return np.array([*axis, first[3] * second[3] - first[:3] @ second[:3]])


def inverse(quaternion: np.ndarray) -> np.ndarray:
    return np.asarray(quaternion * (-1, -1, -1, 1))


def test_the_first_performer_is_shown_whatever_its_number() -> None:
    both = solved(2)._replace(performers=(4, 9))
    assert plain(vmc().datagrams(both)) == datagrams(both)


def test_a_broken_or_unsolved_first_performer_is_not_shown_and_nobody_in_its_place() -> None:
    output, broken = vmc(), solved(2)
    assert broken.pose.body is not None
    broken.pose.body.bones[0, 3, 1] = np.nan
    assert list(output.datagrams(broken)) == []
    assert output.refused == Refused(broken=1, rotations=0)
    assert list(output.datagrams(solved()._replace(pose=solved().pose._replace(body=None)))) == []
    assert plain(output.datagrams(solved())) == datagrams(solved())


def test_a_model_whose_body_is_no_humanoid_is_refused() -> None:
    for model in (spec(5), spec(1)):
        with pytest.raises(ConfigError, match=r"^vmc output: the model 'm' whose body is no humanoid"):
            Vmc(model, Options())


def test_a_model_of_keys_alone_shows_nobody() -> None:
    output = Vmc(of(None), Options())
    assert list(output.datagrams(empty())) == []
    assert output.refused == Refused(0, 0)


def test_keys_are_byte_equal_to_python_osc_and_to_the_stored_ones() -> None:
    sent = [*plain(vmc().notes(PLAYED)), *plain(vmc().notes(PLAYED[:1]))]
    assert sent == piano(PLAYED) == stored(PIANO)


def test_keys_have_the_types_and_ranges_of_a_keyboard_at_the_senders() -> None:
    [struck, nobodys, lifted, pedal] = (
        parse(*vmc().notes([event])) for event in (Note(60, 127, 16), Note(61, 1, 0), Note(60, 0, 1), Pedal(127, 1))
    )
    assert struck == {"/VMC/Ext/Midi/Note": (1, 15, 60, 1.0)}
    assert nobodys == {"/VMC/Ext/Midi/Note": (1, 0, 61, np.float32(1 / 127))}
    assert lifted == {"/VMC/Ext/Midi/Note": (0, 0, 60, 0.0)}
    assert pedal == {"/VMC/Ext/Midi/CC/Val": (64, 1.0)}


def test_an_avatar_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.vrm: it cannot be read"):
        vmc(tmp_path / "none.vrm")


def test_nothing_else_is_said() -> None:
    assert list(vmc().announce([1])) == list(vmc().report(Status(30, 0, 0, 0, "m", "playing"))) == []
