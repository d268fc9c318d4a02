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


@pytest.mark.live
def test_a_served_model_streams_as_promised(tmp_path: Path) -> None:
    path = tmp_path / "r1.onnx"
    reference.write(reference.R1, path)
    assert check_stream.main([str(path), "--seconds", "2", "--without-oscdump"]) == 0
