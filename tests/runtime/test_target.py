"""What each receiver gets."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from runtime.rig import BODY, START, Recorder

from engine.contracts import Datagrams, Status
from engine.motion.one_euro import OneEuro
from engine.runtime.clock import VirtualClock
from engine.runtime.target import WAITING, Target
from engine.schema.frame import Body, Frame, Image, Label, Pose, Quality, Signal
from engine.schema.note import Event

STATUS = Status(30.0, 0, 0, 0.1, "stick", "playing")


class Notes:
    """An output that notes what it was given."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []

    def datagrams(self, frame: Frame) -> Datagrams:
        pose = frame.pose
        self.frames.append(frame._replace(pose=Pose(pose.positions.copy(), pose.root, pose.rotations, pose.body)))
        return [f"frame {frame.sequence}".encode(), *(f"sign {label.word}".encode() for label in frame.labels)]

    def notes(self, events: Sequence[Event]) -> Datagrams:
        return [repr(event).encode() for event in events]

    def announce(self, performers: Sequence[int]) -> Datagrams:
        return [f"announce {tuple(performers)}".encode()]

    def report(self, status: Status) -> Datagrams:
        return [status.status.encode()]


class Stalling(Recorder):
    """A link that takes as many datagrams of each send as it is told; at the end all of them."""

    def __init__(self, *takes: int) -> None:
        super().__init__(VirtualClock(START))
        self._takes = list(takes)

    def send(self, datagrams: Datagrams) -> int:
        count = min(self._takes.pop(0), len(datagrams)) if self._takes else len(datagrams)
        return super().send(datagrams[:count])


def frame(sequence: int, performers: Sequence[int] = (1, 2, 5), quality: Quality = Quality.GOOD) -> Frame:
    """Bodies at the height of the sequence number, everything in a row telling whose row it is."""
    count = len(performers)
    own = np.array(performers, np.float32)[:, None, None]
    positions = np.broadcast_to(own, (count, 2, 3)).copy()
    positions[..., 1] = sequence
    root = np.broadcast_to(own[:, 0], (count, 7)).copy()
    body = Body(positions.copy(), np.broadcast_to(own, (count, 3, 4)).copy())
    rotations = np.broadcast_to(own, (count, 2, 4)).copy()
    return Frame(sequence, 0, Pose(positions, root, rotations, body), (quality,) * count, tuple(performers))


def target(**settings: Any) -> tuple[Target, Notes, Recorder]:
    notes, sender = Notes(), Recorder(VirtualClock(START))
    return Target(notes, sender, **settings), notes, sender


def test_a_frame_that_is_for_everybody_comes_as_it_is() -> None:
    made, notes, sender = target()
    given = frame(3)
    made.load(given)
    assert sender.datagrams == []
    made.fire()
    assert notes.frames[0].pose.positions.tobytes() == given.pose.positions.tobytes()
    assert notes.frames[0].performers == (1, 2, 5)
    assert sender.datagrams == [b"frame 3"]


def test_only_the_wanted_performers_come_with_all_that_is_theirs() -> None:
    made, notes, _ = target(performers=(5, 2, 7))
    made.load(frame(3))
    found = notes.frames[0]
    assert found.performers == (2, 5)
    assert len(found.quality) == 2
    pose = found.pose
    assert pose.rotations is not None
    assert pose.body is not None
    for part in (pose.positions[..., 0], pose.root, pose.rotations, pose.body.joints[..., 0], pose.body.bones):
        assert np.unique(part[0]) == 2
        assert np.unique(part[1]) == 5


def test_positions_alone_can_be_chosen_from() -> None:
    made, notes, _ = target(performers=(2,))
    given = frame(0)
    made.load(given._replace(pose=given.pose._replace(rotations=None, body=None)))
    assert notes.frames[0].pose.positions.shape == (1, 2, 3)


def test_a_receiver_whose_performers_are_away_gets_frames_of_nobody() -> None:
    made, notes, _ = target(performers=(9,))
    made.load(frame(0))
    assert notes.frames[0].pose.positions.shape == (0, 2, 3)
    assert notes.frames[0].performers == ()


def test_every_third_frame_comes_and_news_come_all_the_same() -> None:
    made, notes, sender = target(every=3)
    for number in range(7):
        made.load(frame(number))
        if number == 4:
            made.announce((1, 2))
            made.report(STATUS)
        made.fire()
    assert [each.sequence for each in notes.frames] == [0, 3, 6]
    assert sender.datagrams == [b"frame 0", b"frame 3", b"announce (1, 2)", b"playing", b"frame 6"]
    assert len(sender.calls) == 4


def test_after_a_gap_the_first_frame_that_there_is_comes() -> None:
    made, notes, _ = target(every=4)
    for number in (0, 1, 2, 3, 6, 7, 9, 10, 12):
        made.load(frame(number))
    assert [each.sequence for each in notes.frames] == [0, 6, 9, 12]


def test_an_act_that_always_misses_its_turn_is_sent_nevertheless() -> None:
    made, notes, _ = target(every=2)
    for number in range(1, 20, 2):
        made.load(frame(number))
    assert len(notes.frames) == 10


def test_announcements_are_about_its_own_performers() -> None:
    made, _, sender = target(performers=(2, 3))
    made.load(frame(0))
    made.announce((1, 2, 5))
    made.fire()
    assert sender.calls[0][1] == [b"frame 0", b"announce (2,)"]


def test_the_last_word_comes_alone() -> None:
    made, _, sender = target()
    made.load(frame(0))
    made.part(STATUS._replace(status="stopped"))
    assert sender.datagrams == [b"stopped"]


@pytest.mark.parametrize("every", [1, 2])
def test_a_filter_sees_every_start_and_leaves_other_receivers_alone(every: int) -> None:
    smooth = OneEuro(BODY, fps=30 / every, cutoff=0.5, beta=0)
    smoothed, notes, _ = target(every=every, smooth=smooth)
    plain, others, _ = target(every=every)
    for number in range(12):
        quality = Quality.PRIMED if number == 7 else Quality.GOOD
        given = frame(number, (1,), quality)
        given = given._replace(pose=given.pose._replace(rotations=None, body=None))
        smoothed.load(given)
        plain.load(given)
    heights = {each.sequence: float(each.pose.positions[0, 0, 1]) for each in notes.frames}
    assert heights[0] == 0
    assert heights[6] < 4
    assert heights[8 - every % 2] == 8 - every % 2
    assert heights[10] < 10
    assert [float(each.pose.positions[0, 0, 1]) for each in others.frames] == list(range(0, 12, every))


def signed(sequence: int, *words: str, performers: Sequence[int] = (1, 2, 5)) -> Frame:
    """A frame in which these signs were recognised."""
    labels = tuple(Label(word, 0.5, number) for number, word in enumerate(words))
    return frame(sequence, performers)._replace(labels=labels)


def told(link: Recorder, *frames: Frame, **settings: Any) -> list[str]:
    """The words that left over a link while these frames were played."""
    made = Target(Notes(), link, **settings)
    for each in frames:
        made.load(each)
        made.fire()
    return [datagram.decode().removeprefix("sign ") for datagram in link.datagrams if datagram.startswith(b"sign")]


def test_a_label_leaves_once_and_with_its_own_frame() -> None:
    link = Stalling()
    assert told(link, signed(0), signed(1, "a"), signed(2), signed(3, "b", "c"), signed(4)) == ["a", "b", "c"]
    assert link.calls[1][1] == [b"frame 1", b"sign a"]


def test_a_label_waits_for_a_stalled_link_and_leaves_once() -> None:
    link = Stalling(1, 0, 0, 0)
    assert told(link, signed(0), signed(1, "a"), signed(2), signed(3, "b"), signed(4), signed(5)) == ["a", "b"]
    assert link.calls[4][1] == [b"frame 4", b"sign a", b"sign b"]


def test_a_label_waits_on_while_a_link_lets_one_datagram_go_ahead() -> None:
    assert told(Stalling(0, 1), *(signed(number, *"a"[number:]) for number in range(5))) == ["a"]


def test_a_receiver_that_refuses_one_datagram_for_ever_is_told_at_most_three_times() -> None:
    class Picky(Recorder):
        def send(self, datagrams: Datagrams) -> int:
            return super().send(datagrams[1:])

    link = Picky(VirtualClock(START))
    assert told(link, *(signed(number, *"a"[number:]) for number in range(9))) == ["a"] * 3
    assert told(Picky(VirtualClock(START)), *(signed(number, str(number)) for number in range(3)))[-1] == "2"


def test_the_last_labels_wait_for_a_link_that_is_down_for_long() -> None:
    link = Stalling(*[0] * 40)
    assert told(link, *(signed(number, str(number)) for number in range(40)), signed(40)) == [
        str(number) for number in range(40 - WAITING, 40)
    ]


def test_a_label_of_a_frame_that_is_left_out_comes_with_the_next_one_of_this_receiver() -> None:
    link = Stalling()
    made = Target(Notes(), link, every=3)
    for number, words in enumerate(["", "a", "", "", "b", "c", "", ""]):
        made.load(signed(number, *words))
        if number == 4:
            made.report(STATUS)
        made.fire()
    assert link.datagrams == [b"frame 0", b"frame 3", b"sign a", b"playing", b"frame 6", b"sign b", b"sign c"]


def test_labels_and_what_belongs_to_the_act_come_whoever_is_wanted() -> None:
    made, notes, _ = target(performers=(2, 9))
    values = np.zeros(2, np.float32)
    signals = tuple(Signal(f"{number}", values, number) for number in (0, 1, 2, 5))
    given = signed(3, "a")._replace(signals=signals, image=Image(np.zeros((2, 2), np.uint8)))
    made.load(given._replace(path=np.arange(6, dtype=np.float32).reshape(3, 2)))
    found = notes.frames[0]
    assert [signal.performer for signal in found.signals] == [0, 2]
    assert found.path is not None
    assert found.path.tolist() == [[2.0, 3.0]]
    assert (found.labels, found.image is given.image) == (given.labels, True)


def test_a_filter_leaves_signals_and_labels_as_they_are() -> None:
    smoothed, notes, _ = target(smooth=OneEuro(BODY, fps=30, cutoff=1.0, beta=0.0))
    given = signed(3, "a")._replace(signals=(Signal("x", np.ones(2, np.float32)),))
    pose = given.pose
    smoothed.load(given._replace(pose=Pose(pose.positions, pose.root)))
    assert notes.frames[0].labels == given.labels
    assert notes.frames[0].signals[0].values.tolist() == [1.0, 1.0]


def test_the_last_word_is_not_taken_for_a_label() -> None:
    link = Stalling(0)
    made = Target(Notes(), link)
    made.load(signed(0, "a"))
    made.fire()
    made.load(signed(1))
    made.part(STATUS)
    assert link.datagrams == [b"playing"]
