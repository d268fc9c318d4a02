"""The judge of a stream: what it reads, and what it finds wrong."""

from pathlib import Path

import check_stream
import pytest

from engine.bench import reference
from engine.wire import osc

LINES = (
    "eeab56eb.089331a0 /engine/p1/frame ii 7 233",
    "eeab56eb.089331a0 /engine/p1/pos fff 7.000000 8.000000 9.000000",
    'eeab56eb.0899ae92 /engine/state/model s "/engine/p1/frame ii 5 6"',
    "eeab56eb.089331a0 /engine/p1/frame ii 7 233",
    "eeab56eb.08a331a0 /engine/p2/frame ii 7 233",
    "eeab56ec.089331a0 /engine/p1/frame ii 8 266",
)


def test_the_first_performer_s_frames_are_read_from_oscdump() -> None:
    assert check_stream.sequences(LINES) == [7, 8]


@pytest.mark.parametrize("numbers", [range(30), range(1, 29), [*range(10), *range(11, 33)]])
def test_a_count_within_two_frames_is_right(numbers: range | list[int]) -> None:
    assert check_stream.faults(numbers, 30) == []


def test_too_few_and_too_many_frames_are_wrong() -> None:
    assert check_stream.faults(range(27), 30) == ["27 frames; expected 30 +- 2"]
    assert check_stream.faults(range(33), 30) == ["33 frames; expected 30 +- 2"]


def test_a_number_that_does_not_rise_is_wrong() -> None:
    assert check_stream.faults([0, 1, 1, 3, 2], 5) == ["frame 1 after 1", "frame 2 after 3"]


def test_a_datagram_over_a_packet_is_wrong() -> None:
    assert check_stream.too_long([bytes(1472), bytes(1473)]) == ["a datagram of 1473 bytes; expected at most 1472"]


def test_a_frame_in_several_datagrams_counts_once() -> None:
    parts = [osc.bundle([osc.encode("/engine/p1/frame", number, 0)]) for number in (4, 4, 5)]
    assert check_stream.numbered([*parts, osc.bundle([osc.encode("/engine/state/fps", 1.0)])]) == [4, 5]


def test_signs_and_paths_that_can_be_are_right() -> None:
    sent = [
        osc.bundle([osc.encode("/engine/sign/probabilities", 0.25, 0.75), osc.encode("/engine/p2/path", -1.0, 1.0)]),
        osc.encode("/engine/sign/label", "think", 1.0),
        osc.encode("/engine/signs/path", 0.0, 0.5, 1.0),
        osc.encode("/engine/latent", 7.0),
    ]
    assert check_stream.untrue(sent) == []


@pytest.mark.parametrize(
    ("address", "values", "wrong"),
    [
        ("sign/probabilities", (0.25, 0.5), "no probabilities, their sum is 0.75"),
        ("sign/probabilities", (-0.25, 1.25), "no probabilities, their sum is 1"),
        ("sign/probabilities", (0.25, 0.5, 0.25), "3 numbers; there were 2 before"),
        ("sign/label", ("think", 1.5), "['think', 1.5]; expected a word and its certainty"),
        ("sign/label", (0.5,), "[0.5]; expected a word and its certainty"),
        ("dance/path", (0.5,), "[0.5]; expected 2 or 3 numbers from -1 to 1"),
        ("dance/path", (0.5, 1.25), "[0.5, 1.25]; expected 2 or 3 numbers from -1 to 1"),
    ],
)
def test_signs_and_paths_that_cannot_be_are_wrong(address: str, values: tuple[str | float, ...], wrong: str) -> None:
    good = osc.encode("/engine/sign/probabilities", 0.25, 0.75)
    sent = [good, *[osc.encode(f"/engine/{address}", *values)] * 2]
    assert check_stream.untrue(sent) == [f"/engine/{address}: {wrong}"]


@pytest.mark.live
def test_a_served_model_streams_as_promised(tmp_path: Path) -> None:
    path = tmp_path / "r1.onnx"
    reference.write(reference.R1, path)
    assert check_stream.main([str(path), "--seconds", "2", "--without-oscdump"]) == 0
