"""The filter on everything, turned while the show plays."""

import numpy as np
from runtime.rig import BODY, START, Puppet

from engine.runtime.clock import VirtualClock
from engine.runtime.smoothing import Smoothing
from engine.schema.frame import F32, Frame


def tremble(frames: int) -> list[Frame]:
    """A body that jumps a centimetre to and fro."""
    act, made = Puppet(VirtualClock(START)), []
    for count in range(frames):
        frame = act.tick()
        frame.pose.positions[:] = act.frames[0].pose.positions + 0.01 * (count % 2)
        made.append(frame)
    return made


def dance(frames: int) -> list[Frame]:
    act = Puppet(VirtualClock(START))
    return [act.tick() for _ in range(frames)]


def head(frames: list[Frame], cutoffs: list[float]) -> F32:
    """(T, 3) the way of the head where the filter is turned frame by frame."""
    smoothing = Smoothing(BODY, 30)
    turned = zip(frames, cutoffs, strict=True)
    return np.array([smoothing.apply(frame, cutoff).pose.positions[0, 1].copy() for frame, cutoff in turned])


def largest(way: F32) -> float:
    return float(np.linalg.norm(np.diff(way, axis=0), axis=1).max())


def test_off_is_the_frame_itself() -> None:
    (frame,) = dance(1)
    assert Smoothing(BODY, 30).apply(frame, 0.0) is frame


def test_a_trembling_body_is_steadied() -> None:
    frames = tremble(60)
    assert largest(head(frames, [1.0] * 60)[10:]) < 0.4 * largest(head(frames, [0.0] * 60))


def test_turned_on_it_begins_where_the_body_is() -> None:
    frames = dance(60)
    way, plain = head(frames, [0.0] * 30 + [0.5] * 30), head(frames, [0.0] * 60)
    assert np.allclose(way[:31], plain[:31], atol=1e-6)
    assert largest(way) < 1.1 * largest(plain)
    assert not np.allclose(way[40], plain[40], atol=0.005)


def test_turned_off_it_lets_go_within_a_second_and_without_a_jump() -> None:
    frames = dance(120)
    way, plain = head(frames, [0.5] * 60 + [0.0] * 60), head(frames, [0.0] * 120)
    lag = float(np.linalg.norm(way[59] - plain[59]))
    assert lag > 0.02
    assert largest(way[59:]) < largest(plain) + lag / 4
    assert np.array_equal(way[90:], plain[90:])


def test_what_was_filtered_before_is_forgotten_when_it_is_turned_on_again() -> None:
    frames = dance(200)
    way = head(frames, [0.5] * 10 + [0.0] * 100 + [0.5] * 90)
    assert np.allclose(way[110], frames[110].pose.positions[0, 1], atol=1e-6)


def test_a_new_cutoff_is_not_seen_as_a_jump() -> None:
    frames = dance(120)
    way, plain = head(frames, [0.3] * 60 + [50.0] * 60), head(frames, [0.0] * 120)
    lag = float(np.linalg.norm(way[59] - plain[59]))
    assert largest(way[59:]) < largest(plain) + lag / 4
