"""The native output, against python-osc and against stored bytes."""

import math
from pathlib import Path

import numpy as np
import pytest
from outputs.native_reference import ANNOUNCEMENT, FRAME, PIANO, announcement, frame_datagrams, piano, shown
from outputs.reference import EVENTS, NOTES, empty, frame, of, parse, plain, read, spec, stored

from engine.contracts import MAX_DATAGRAM, Status
from engine.outputs._body import Refused
from engine.outputs.native import Native, Options
from engine.schema.errors import ConfigError, WireError
from engine.schema.note import Note, Pedal

INT_MAX = 2**31 - 1


@pytest.mark.parametrize("joints", [1, 20, 55])
@pytest.mark.parametrize("rotations", [False, True])
def test_a_frame_is_byte_equal_to_python_osc(joints: int, rotations: bool) -> None:  # noqa: FBT001 - a parameter
    played = frame(1, joints, rotations=rotations)
    assert plain(Native(spec(joints), [1]).datagrams(played)) == frame_datagrams(played)


def test_a_frame_is_byte_equal_to_the_stored_one() -> None:
    assert plain(Native(spec(20), [1]).datagrams(shown())) == stored(FRAME)


def test_an_announcement_is_byte_equal_to_python_osc_and_to_the_stored_one() -> None:
    announced = plain(Native(spec(20), [1]).announce([1]))
    assert announced == announcement(spec(20)) == stored(ANNOUNCEMENT)


def test_keys_are_byte_equal_to_python_osc_and_to_the_stored_ones() -> None:
    native = Native(of(None), [])
    sent = [*plain(native.notes(EVENTS)), *plain(native.notes(EVENTS[:1])), *plain(native.datagrams(empty()))]
    assert sent == piano(EVENTS, NOTES) == stored(PIANO)


def test_python_osc_reads_keys_back() -> None:
    native = Native(spec(2), [1], "/stage/left")
    [struck] = native.notes([Note(60, 64, 3)])
    assert parse(struck) == {"/stage/left/piano/note": (60, 64, 3)}
    *_, keys = native.datagrams(frame(1, 2, rotations=False)._replace(notes=NOTES))
    assert parse(keys) == {"/stage/left/piano/notes": NOTES.velocities}
    [chord] = native.notes([Note(60, 0), Pedal(127, 2)])
    assert parse(chord) == {"/stage/left/piano/note": (60, 0, 1), "/stage/left/piano/pedal": (127, 2)}


@pytest.mark.parametrize("path", [FRAME, ANNOUNCEMENT])
def test_stored_datagrams_are_bundles_to_be_acted_on_immediately(path: Path) -> None:
    assert all(datagram.startswith(b"#bundle\0" + bytes(7) + b"\1") for datagram in stored(path))


def test_python_osc_reads_the_values_back() -> None:
    played = frame(2, 20, rotations=True)
    _, _, placed, turned = (parse(datagram) for datagram in Native(spec(20), [1, 2]).datagrams(played))
    assert list(placed) == ["/engine/p2/frame", "/engine/p2/pos", "/engine/p2/root"]
    assert list(turned) == ["/engine/p2/frame", "/engine/p2/rot"]
    assert placed["/engine/p2/frame"] == turned["/engine/p2/frame"] == (7, 233)
    assert placed["/engine/p2/pos"] == tuple(played.pose.positions[1].ravel())
    assert placed["/engine/p2/root"] == tuple(played.pose.root[1])
    assert played.pose.rotations is not None
    assert turned["/engine/p2/rot"] == tuple(played.pose.rotations[1].ravel())


def test_a_second_frame_leaves_nothing_of_the_first() -> None:
    native = Native(spec(20), [1])
    native.datagrams(frame(1, 20, rotations=True))
    later = frame(1, 20, rotations=False, sequence=8)
    later.pose.positions[:] = -1
    assert plain(native.datagrams(later)) == frame_datagrams(later)


def test_another_root_begins_every_address() -> None:
    native = Native(spec(3), [1], "/stage/left")
    datagrams = [*plain(native.datagrams(frame(1, 3, rotations=True))), *plain(native.announce([1]))]
    addresses = [address for datagram in datagrams for address in parse(datagram)]
    assert len(addresses) == 10
    assert all(address.startswith(("/stage/left/p1/", "/stage/left/performers")) for address in addresses)


def test_performers_keep_their_numbers_wherever_they_stand_in_the_frame() -> None:
    native = Native(spec(3), [1])
    played = frame(2, 3, rotations=False)._replace(performers=(3, 64))
    third, last = (parse(datagram) for datagram in native.datagrams(played))
    assert third["/engine/p3/pos"] == tuple(played.pose.positions[0].ravel())
    assert last["/engine/p64/pos"] == tuple(played.pose.positions[1].ravel())


def test_an_announcement_says_who_plays_now() -> None:
    native = Native(spec(3), [1, 2])
    heard = [parse(datagram) for datagram in native.announce([2, 5])]
    assert [values for each in heard for address, values in each.items() if address == "/engine/performers"] == [(2, 5)]
    named = {address for each in heard for address in each if address.endswith("/names")}
    assert named == {"/engine/p2/skeleton/names", "/engine/p5/skeleton/names"}
    assert [parse(datagram) for datagram in native.announce([])] == [{"/engine/performers": ()}]


def test_offsets_are_announced_wherever_positions_fit() -> None:
    joints = largest_body()
    heard = {
        address for datagram in Native(spec(joints, name="{}"), [64]).announce([64]) for address in parse(datagram)
    }
    assert "/engine/p64/skeleton/offsets" in heard


@pytest.mark.parametrize(
    ("space", "told", "place", "turned"),
    [
        ("unity", ("lh", "y-up", "xyzw", 1.0), (-1, 2, 3), (0.1, -0.2, -0.3, 0.9)),
        ("unreal", ("lh", "z-up", "xyzw", np.float32(0.01)), (100, 300, 200), (-0.1, -0.3, -0.2, 0.9)),
        ("blender", ("rh", "z-up", "xyzw", 1.0), (1, -3, 2), (0.1, -0.3, 0.2, 0.9)),
    ],
)
def test_all_that_is_sent_is_of_the_space_that_was_asked_for(
    space: str, told: tuple[object, ...], place: tuple[float, ...], turned: tuple[float, ...]
) -> None:
    native = Native(spec(1), [1], "/engine", Options(space=space))  # type: ignore[arg-type]
    played = frame(1, 1, rotations=True)
    assert played.pose.rotations is not None
    played.pose.positions[:] = played.pose.root[:, :3] = (1, 2, 3)
    played.pose.rotations[:] = played.pose.root[:, 3:] = (0.1, 0.2, 0.3, 0.9)
    heard = {address: values for datagram in native.datagrams(played) for address, values in parse(datagram).items()}
    quaternion = tuple(np.array(turned, np.float32))
    assert heard["/engine/p1/pos"] == place
    assert heard["/engine/p1/rot"] == quaternion
    assert heard["/engine/p1/root"] == (*place, *quaternion)
    [datagram] = native.announce([1])
    assert parse(datagram)["/engine/p1/space"] == told
    expected = {"unity": (0, 0.1, 0), "unreal": (0, 0, 10), "blender": (0, 0, 0.1)}[space]
    assert parse(datagram)["/engine/p1/skeleton/offsets"] == pytest.approx(expected)


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("part", ["positions", "root", "rotations"])
def test_a_broken_performer_is_left_out_and_counted(part: str, broken: float) -> None:
    native = Native(spec(20), [1, 2, 3])
    played = frame(3, 20, rotations=True)
    getattr(played.pose, part)[1, -1] = broken
    heard = [address for datagram in native.datagrams(played) for address in parse(datagram)]
    assert {address.split("/")[2] for address in heard} == {"p1", "p3"}
    assert native.refused == Refused(broken=1, rotations=0)


def test_a_performer_is_heard_again_after_a_broken_frame() -> None:
    native = Native(spec(20), [1])
    broken = frame(1, 20, rotations=False)
    broken.pose.positions[0, 3, 1] = np.nan
    assert list(native.datagrams(broken)) == []
    whole = frame(1, 20, rotations=False, sequence=8)
    assert plain(native.datagrams(whole)) == frame_datagrams(whole)


def test_numbers_begin_again_where_an_int_ends() -> None:
    native = Native(spec(2), [1])
    played = frame(1, 2, rotations=False)
    numbers = []
    for sequence in (INT_MAX, INT_MAX + 1):
        [datagram] = native.datagrams(played._replace(sequence=sequence, milliseconds=sequence + 5))
        numbers.append(parse(datagram)["/engine/p1/frame"])
    assert numbers == [(INT_MAX, 4), (0, 5)]


def test_arrays_of_another_shape_are_a_defect() -> None:
    native = Native(spec(20), [1, 2])
    with pytest.raises(ValueError, match=r"\(1, 20, 3\); expected \(2, 20, 3\)"):
        native.datagrams(frame(1, 20, rotations=False)._replace(performers=(1, 2)))


@pytest.mark.parametrize(("part", "shape"), [("root", (1, 6)), ("rotations", (1, 20, 3))])
def test_no_array_of_another_shape_reaches_the_kernel(part: str, shape: tuple[int, ...]) -> None:
    played = frame(1, 20, rotations=True)
    broken = played._replace(pose=played.pose._replace(**{part: np.zeros(shape, np.float32)}))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=rf"^{part} of shape \({', '.join(map(str, shape))}\); expected"):
        Native(spec(20), [1]).datagrams(broken)


def test_the_largest_body_is_split_between_its_messages() -> None:
    joints = largest_body()
    native = Native(spec(joints, name="{}"), [1])
    played = frame(1, joints, rotations=True)
    parsed = [parse(datagram) for datagram in native.datagrams(played)]
    assert [list(messages) for messages in parsed] == [
        ["/engine/p1/frame", "/engine/p1/pos"],
        ["/engine/p1/frame", "/engine/p1/root"],
    ]
    assert parsed[0]["/engine/p1/pos"] == tuple(played.pose.positions[0].ravel())
    assert native.refused == Refused(broken=0, rotations=1)


def largest_body() -> int:
    """Joints whose positions still fit: 16 bytes of bundle, a frame of 4 + 32, and 4 + 16 + tags and floats."""
    return max(n for n in range(200) if 16 + 36 + 20 + 4 * ((3 * n + 1) // 4 + 1) + 12 * n <= MAX_DATAGRAM)


def test_a_body_too_large_for_a_datagram_is_refused_in_one_line() -> None:
    joints = largest_body() + 1
    with pytest.raises(
        ConfigError, match=rf"^native output: {joints} joints in a datagram of \d+ bytes; expected.*1472$"
    ):
        Native(spec(joints), [1])


def test_names_too_long_for_a_datagram_are_refused() -> None:
    with pytest.raises(WireError, match=r"^/engine/p1/skeleton/names: a datagram of \d+ bytes; expected at most 1472$"):
        Native(spec(60, name="a name that is long enough {}"), [1])


@pytest.mark.parametrize("root", ["", "/", "engine", "/engine/", "/en gine", "/engine*", "//engine", "/bühne"])
def test_a_root_that_is_no_address_is_refused(root: str) -> None:
    with pytest.raises(ConfigError, match="native output: the root"):
        Native(spec(2), [1], root)


def test_a_model_without_a_skeleton_has_nobody_to_announce_and_no_rig() -> None:
    native = Native(of(None), [])
    assert [parse(datagram) for datagram in native.announce([])] == [{"/engine/performers": ()}]
    with pytest.raises(ConfigError, match="the model 'm' without a skeleton"):
        Native(of(None), [], "/engine", Options(rig=True))


def test_the_state_is_floats_and_strings() -> None:
    [datagram] = Native(spec(1), [1]).report(
        Status(29.5, 2, 1, 0.25, "dance", "playing", 3, "storm", "GPU", "one.mcap, 3 s, 0.1 MB")
    )
    assert parse(datagram) == {
        "/engine/state/fps": (29.5,),
        "/engine/state/late": (2.0,),
        "/engine/state/skipped": (1.0,),
        "/engine/state/p99_ms": (0.25,),
        "/engine/state/clients": (3.0,),
        "/engine/state/model": ("dance",),
        "/engine/state/status": ("playing",),
        "/engine/state/cue": ("storm",),
        "/engine/state/provider": ("GPU",),
        "/engine/state/recording": ("one.mcap, 3 s, 0.1 MB",),
    }
    assert all(isinstance(message.params[0], (float, str)) for message in read(datagram))


def test_a_state_that_cannot_be_sent_as_it_is_still_leaves() -> None:
    datagrams = Native(spec(1), [1], "/x").report(
        Status(30.0, 0, 0, math.nan, "\U0001f483" * 999, "a\0b\ud800", 0, "c" * 999)
    )
    heard = {address: value for datagram in datagrams for address, value in parse(datagram).items()}
    assert all(len(datagram) <= MAX_DATAGRAM for datagram in datagrams)
    assert "/x/state/p99_ms" not in heard
    assert heard["/x/state/model"] == ("\U0001f483" * 256,)
    assert heard["/x/state/status"] == ("a b?",)
    assert heard["/x/state/cue"] == ("c" * 256,)
