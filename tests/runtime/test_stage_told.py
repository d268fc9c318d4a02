"""What receivers are told beside frames: who plays, and how it goes."""

import itertools
import re
import struct
import threading

import pytest
from runtime.heard import FRAME, MS, NAMES, STATE, sequences, word
from runtime.rig import START, Recorder, play, receiver, rig

from engine.runtime.broadcast import ANNOUNCE_NS, REPORT_NS
from engine.runtime.clock import VirtualClock
from engine.runtime.ticker import Ticker


def test_announcements_come_with_the_first_frame_and_every_two_seconds_behind_a_frame() -> None:
    played = play(seconds=7, targets=2)
    first, second = (sender.times(NAMES) for sender in played.senders)
    assert first[0] == second[0] == START
    assert [after - before for before, after in itertools.pairwise(first)] == [ANNOUNCE_NS] * 3
    assert not set(first[1:]) & set(second[1:])
    for _, datagrams in played.senders[0].calls:
        assert all(FRAME not in datagram for datagram in datagrams[1:])
    assert all(FRAME in datagrams[0] for _, datagrams in played.senders[0].calls[:-1])


def test_the_state_is_told_once_a_second_and_never_with_an_announcement() -> None:
    played = play(seconds=5)
    sender = played.senders[0]
    states = sender.times(STATE)
    assert len(states) == 6
    assert all(after - before == REPORT_NS for before, after in itertools.pairwise(states[:-1]))
    assert not set(states) & set(sender.times(NAMES))
    told = [word(datagram) for datagram in sender.datagrams if STATE in datagram]
    assert told == [b"playing"] * 5 + [b"stopped"]


def test_the_state_tells_the_rate_and_what_was_missed() -> None:
    played = play(seconds=3, costs={40: 500 * MS})
    told = [datagram for datagram in played.senders[0].datagrams if STATE in datagram]
    fps = [_number(datagram, b"fps") for datagram in told]
    assert fps[0] == pytest.approx(30, abs=0.1)
    assert fps[1] < 20
    assert [_number(datagram, b"skipped") for datagram in told] == [0, 14, 14, 14]


def _number(datagram: bytes, name: bytes) -> float:
    found = re.search(rb"/state/" + name + rb"\0+,f\0\0(....)", datagram, re.DOTALL)
    assert found
    return float(struct.unpack(">f", found[1])[0])


def test_who_plays_is_announced_as_soon_as_it_changes() -> None:
    made = rig(seconds=2, performers=(1, 2), looks={20: lambda: made.company.ask(0)})
    made.stage.prime()
    made.enter(5)

    class Errands(threading.Event):
        def is_set(self) -> bool:
            made.stage.run_errands()
            return False

    made.stage.play(Errands())
    times = made.senders[0].times(b"/engine/performers\0")
    ticker = Ticker(30, START)
    assert times == [ticker.deadline(0), ticker.deadline(1), ticker.deadline(21)]
    assert sequences(made, performer=5) == list(range(1, 21))


def test_an_announcement_can_be_asked_for_from_any_thread() -> None:
    made = rig()
    made.stage.prime()
    asking = threading.Thread(target=made.broadcast.announce)
    asking.start()
    asking.join()
    made.stage.play(threading.Event())
    assert len(made.senders[0].times(NAMES)) == 2


def test_a_receiver_that_comes_is_told_everything_with_its_first_frame_and_one_that_goes_hears_no_more() -> None:
    guest = Recorder(VirtualClock(START))
    new = receiver(guest)
    made = rig(looks={10: lambda: made.broadcast.add(new), 20: lambda: made.broadcast.drop(new)})
    made.stage.prime()
    made.stage.play(threading.Event())
    firsts = guest.calls[0][1]
    assert FRAME in firsts[0]
    assert any(NAMES in datagram for datagram in firsts)
    assert len(guest.calls) == 10
    assert len(made.senders[0].times(NAMES)) == 1
    assert made.stage.summary().sends.sent == len(guest.datagrams) + len(made.senders[0].datagrams)
    made.broadcast.drop(new)


def test_the_state_is_told_on_the_side_with_who_subscribed_and_the_cue() -> None:
    made = rig(clients=lambda: 7)
    made.hand.cue = "storm"
    made.stage.prime()
    made.stage.play(threading.Event())
    assert [(state.status, state.clients, state.cue, state.model) for state in made.states] == [
        ("playing", 7, "storm", "stick"),
        ("stopped", 7, "storm", "stick"),
    ]
