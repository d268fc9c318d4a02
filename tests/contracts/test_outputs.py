"""What every output of bodies keeps to, run over everything found in `engine/outputs`."""

import math
import re
from collections.abc import Sequence

import pytest
from outputs.reference import of, plain, ramp, read, spec, turns

from engine import plugins
from engine.contracts import MAX_DATAGRAM, Output, Status
from engine.motion.core20 import CORE20
from engine.motion.rig import make_rig
from engine.schema.frame import F32, Body, Frame, Pose, Quality
from engine.schema.kinds import MAX_PERFORMERS

STATUS = Status(29.5, 2, 1, 0.25, "dance", "playing")

pytestmark = [
    pytest.mark.parametrize("name", [name for name in plugins.outputs() if name != "midi"]),
    pytest.mark.parametrize("numbers", [(1,), (1, 2, 3, 4, 5, 6, 7, 8), (2, 64)], ids=["one", "eight", "two"]),
    pytest.mark.parametrize("rotations", [False, True], ids=["positions", "rotations"]),
]

RIG = make_rig(CORE20)
JOINTS = len(CORE20.names)


def make(name: str, numbers: Sequence[int]) -> Output:
    return plugins.output(name)(of(CORE20), numbers, "/engine", plugins.options()[name]())


def frame(sequence: int, numbers: tuple[int, ...], *, rotations: bool) -> Frame:
    assert RIG is not None
    count = len(numbers)
    places: F32 = ramp(count, JOINTS, 3) + sequence
    turned = turns(count, JOINTS, seed=sequence) if rotations else None
    body = Body(places, turns(count, len(RIG.names), seed=sequence))
    pose = Pose(places, ramp(count, 7), turned, body)
    return Frame(sequence, sequence * 33, pose, (Quality.GOOD,) * count, numbers)


def values(datagrams: Sequence[bytes]) -> list[float]:
    heard = [value for datagram in datagrams for message in read(datagram) for value in message.params]
    return [value for value in heard if isinstance(value, (int, float))]


def addresses(datagrams: Sequence[bytes]) -> list[str]:
    return [message.address for datagram in datagrams for message in read(datagram)]


def performers(datagrams: Sequence[bytes]) -> set[int]:
    """Numbers of the performers that addresses name; the AI-Toolbox counts from 0."""
    text = " ".join(addresses(datagrams))
    return {int(found) for found in re.findall(r"/p(\d+)/", text)} | {
        int(found) + 1 for found in re.findall(r"/mocap/(\d+)/", text)
    }


def test_no_datagram_is_longer_than_a_packet(name: str, numbers: tuple[int, ...], rotations: bool) -> None:  # noqa: FBT001
    output = make(name, numbers)
    datagrams = plain(output.datagrams(frame(1, numbers, rotations=rotations)))
    others = [*plain(output.announce(numbers)), *plain(output.report(STATUS))]
    assert datagrams
    assert all(0 < len(datagram) <= MAX_DATAGRAM for datagram in [*datagrams, *others])


def test_only_plain_types_are_sent(name: str, numbers: tuple[int, ...], rotations: bool) -> None:  # noqa: FBT001
    output = make(name, numbers)
    sent = [*plain(output.datagrams(frame(1, numbers, rotations=rotations))), *plain(output.announce(numbers))]
    sent += plain(output.report(STATUS))
    kinds = {type(value) for datagram in sent for message in read(datagram) for value in message.params}
    assert kinds <= {int, float, str}


def test_every_performer_is_heard_under_its_own_number(name: str, numbers: tuple[int, ...], rotations: bool) -> None:  # noqa: FBT001
    heard = performers(plain(make(name, numbers).datagrams(frame(3, numbers, rotations=rotations))))
    assert heard == (set() if name == "vmc" else set(numbers))


def test_every_place_of_every_performer_is_sent(name: str, numbers: tuple[int, ...], rotations: bool) -> None:  # noqa: FBT001
    shown = frame(3, numbers, rotations=rotations)
    heard = {abs(value) for value in values(plain(make(name, numbers).datagrams(shown)))}
    if name == "vmc":
        assert len(heard) > JOINTS, "its places are those of bones"
    else:
        assert {abs(float(value)) for value in shown.pose.positions.ravel()} <= heard


def test_performers_may_come_and_go(name: str, numbers: tuple[int, ...], rotations: bool) -> None:  # noqa: FBT001
    output, fresh = make(name, numbers), make(name, (33,))
    output.datagrams(frame(1, numbers, rotations=rotations))
    shown = frame(2, (33,), rotations=rotations)
    assert plain(output.datagrams(shown)) == plain(fresh.datagrams(shown))
    assert plain(output.announce((33,))) == plain(fresh.announce((33,)))
    back = frame(3, numbers, rotations=rotations)
    assert plain(output.datagrams(back)) == plain(make(name, numbers).datagrams(back))
    assert plain(output.announce(numbers)) == plain(make(name, numbers).announce(numbers))


def test_a_frame_without_performers_says_nothing(name: str, numbers: tuple[int, ...], rotations: bool) -> None:  # noqa: FBT001
    assert plain(make(name, numbers).datagrams(frame(1, (), rotations=rotations))) == []
    assert plain(make(name, ()).datagrams(frame(1, numbers, rotations=rotations)))


def test_the_same_frame_gives_the_same_bytes(name: str, numbers: tuple[int, ...], rotations: bool) -> None:  # noqa: FBT001
    output, shown = make(name, numbers), frame(4, numbers, rotations=rotations)
    first = plain(output.datagrams(shown))
    output.datagrams(frame(5, numbers, rotations=not rotations))
    assert plain(output.datagrams(shown)) == first == plain(make(name, numbers).datagrams(shown))


def test_the_same_addresses_come_in_the_same_order(name: str, numbers: tuple[int, ...], rotations: bool) -> None:  # noqa: FBT001
    output = make(name, numbers)
    first, second = (plain(output.datagrams(frame(number, numbers, rotations=rotations))) for number in (1, 2))
    assert addresses(first) == addresses(second)
    assert first != second


@pytest.mark.parametrize("part", ["positions", "root", "rotations", "joints", "bones"])
def test_nothing_that_is_not_finite_leaves(
    name: str,
    numbers: tuple[int, ...],
    rotations: bool,  # noqa: FBT001
    part: str,
) -> None:
    output, shown = make(name, numbers), frame(6, numbers, rotations=rotations)
    whole = plain(output.datagrams(shown))
    array = getattr(shown.pose, part, None) if hasattr(shown.pose, part) else getattr(shown.pose.body, part)
    if array is None:
        return
    for broken in (math.nan, math.inf, 3e38):
        kept = array[-1, -1].copy()
        array[-1, -1] = broken
        sent = plain(output.datagrams(shown))
        array[-1, -1] = kept
        assert all(math.isfinite(value) for value in values(sent))
        assert sent == whole or numbers[-1] not in performers(sent)
    assert plain(output.datagrams(shown)) == whole


def test_a_frame_is_only_read(name: str, numbers: tuple[int, ...], rotations: bool) -> None:  # noqa: FBT001
    shown = frame(8, numbers, rotations=rotations)
    for part in (*shown.pose[:3], *(shown.pose.body or ())):
        if part is not None:
            part.flags.writeable = False
    assert plain(make(name, numbers).datagrams(shown))


def test_an_announcement_can_be_read_at_any_time(name: str, numbers: tuple[int, ...], rotations: bool) -> None:  # noqa: FBT001
    output = make(name, numbers)
    before = plain(output.announce(numbers))
    output.datagrams(frame(1, numbers, rotations=rotations))
    output.report(STATUS)
    assert plain(output.announce(numbers)) == before


def test_all_performers_that_there_can_be_are_sent(name: str, numbers: tuple[int, ...], rotations: bool) -> None:  # noqa: FBT001
    everybody = tuple(range(1, MAX_PERFORMERS + 1))
    output = make(name, numbers)
    heard = performers(plain(output.datagrams(frame(1, everybody, rotations=rotations))))
    assert heard == (set() if name == "vmc" else set(everybody))
    assert all(len(datagram) <= MAX_DATAGRAM for datagram in plain(output.announce(everybody)))


def test_markers_are_sent_too(name: str, numbers: tuple[int, ...], rotations: bool) -> None:  # noqa: FBT001, ARG001
    if name == "vmc":
        return  # it shows solved bodies only
    output = plugins.output(name)(spec(55), numbers, "/engine", plugins.options()[name]())
    places = ramp(len(numbers), 55, 3)
    pose = Pose(places, ramp(len(numbers), 7))
    sent = plain(output.datagrams(Frame(1, 33, pose, (Quality.GOOD,) * len(numbers), numbers)))
    assert {abs(float(value)) for value in places.ravel()} <= {abs(value) for value in values(sent)}
    assert all(len(datagram) <= MAX_DATAGRAM for datagram in sent)
