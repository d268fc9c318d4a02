"""The aitoolbox output, against python-osc and against stored bytes."""

import numpy as np
import pytest
from outputs.aitoolbox_reference import FRAME, datagrams, shown
from outputs.reference import frame, of, parse, plain, spec, stored

from engine.contracts import Status
from engine.motion.core20 import CORE20
from engine.outputs._body import Refused
from engine.outputs.aitoolbox import AiToolbox, Options
from engine.schema.errors import ConfigError

HALF = float(np.float32(np.sqrt(0.5)))


def test_a_frame_is_byte_equal_to_python_osc_and_to_the_stored_one() -> None:
    sent = plain(AiToolbox(of(CORE20), [1], Options()).datagrams(shown()))
    assert sent == datagrams(shown()) == stored(FRAME)


def test_each_datagram_is_one_plain_message() -> None:
    sent = plain(AiToolbox(of(CORE20), [1, 2], Options()).datagrams(frame(2, 20, rotations=True)))
    assert [list(parse(datagram)) for datagram in sent] == [
        [f"/mocap/{number}/joint/{name}"] for number in (0, 1) for name in ("pos_world", "rot_world", "rot_local")
    ]
    assert all(datagram.startswith(b"/mocap/") for datagram in sent)


def test_rotations_add_up_along_the_parents() -> None:
    played = frame(1, 3, rotations=True)
    assert played.pose.rotations is not None
    played.pose.rotations[0] = [(0, HALF, 0, HALF), (0, 0, 0, 1), (0, HALF, 0, HALF)]
    values = [parse(datagram) for datagram in AiToolbox(spec(3), [1], Options(frame="raw")).datagrams(played)]
    world = np.array(values[1]["/mocap/0/joint/rot_world"], float).reshape(3, 4)
    # Two quarter turns about Y are half a turn.
    np.testing.assert_allclose(world, [(HALF, 0, HALF, 0), (HALF, 0, HALF, 0), (0, 0, 1, 0)], atol=1e-7)
    local = np.array(values[2]["/mocap/0/joint/rot_local"], float).reshape(3, 4)
    np.testing.assert_allclose(local, [(HALF, 0, HALF, 0), (1, 0, 0, 0), (HALF, 0, HALF, 0)])


def test_raw_keeps_our_axes_and_zup_does_not() -> None:
    played = frame(1, 1, rotations=False)
    played.pose.positions[:] = (1, 2, 3)
    for kind, place in {"raw": (1, 2, 3), "zup-m": (1, -3, 2)}.items():
        [datagram] = AiToolbox(spec(1), [1], Options(frame=kind)).datagrams(played)  # type: ignore[arg-type]
        assert parse(datagram) == {"/mocap/0/joint/pos_world": place}


def test_a_broken_performer_is_left_out_and_counted() -> None:
    output, played = AiToolbox(spec(4), [1, 2], Options()), frame(2, 4, rotations=True)
    assert played.pose.rotations is not None
    played.pose.rotations[1, 2, 1] = np.inf
    assert {next(iter(parse(datagram)))[:8] for datagram in output.datagrams(played)} == {"/mocap/0"}
    assert output.refused == Refused(broken=1, rotations=0)


def test_rotations_that_do_not_fit_a_datagram_are_left_out_and_counted() -> None:
    output = AiToolbox(spec(80), [1], Options())
    [datagram] = output.datagrams(frame(1, 80, rotations=True))
    assert list(parse(datagram)) == ["/mocap/0/joint/pos_world"]
    assert output.refused == Refused(broken=0, rotations=1)


def test_a_body_too_large_for_a_datagram_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^aitoolbox output: 120 joints in a datagram of \d+ bytes; expected.*1472$"):
        AiToolbox(spec(120), [1], Options())


def test_nothing_else_is_said() -> None:
    output = AiToolbox(spec(1), [1], Options())
    assert list(output.announce([1])) == list(output.report(Status(30, 0, 0, 0, "m", "playing"))) == []
