"""The benchmark of notes: what it counts."""

import socket

import bench_notes

from engine.wire import osc


def test_keys_that_go_down_are_counted_and_others_are_not() -> None:
    messages = [osc.encode("/engine/piano/note", 60, velocity, 1) for velocity in (64, 0, 1)]
    assert bench_notes.struck(osc.bundle([*messages, osc.encode("/engine/piano/pedal", 64, 1)])) == 2


def test_figures_are_percentiles_and_the_worst() -> None:
    found = bench_notes.figures([float(number) for number in range(101)], 3)
    assert found == bench_notes.Figures(50.0, 99.0, 100.0, 101, 3)


def test_a_chord_that_is_not_struck_whole_is_lost() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth,
    ):
        ear.bind(("127.0.0.1", 0))
        ear.settimeout(0.05)
        mouth.connect(ear.getsockname())
        assert bench_notes.strike(ear, mouth, (60, 64)) is not None
        ear.recv(4096)  # that they come up
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere:
            elsewhere.bind(("127.0.0.1", 0))
            mouth.connect(elsewhere.getsockname())
            assert bench_notes.strike(ear, mouth, (60,)) is None
