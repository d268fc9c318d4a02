"""The note thread, with real sockets and the real time, but in no hurry."""

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from runtime.notes_rig import Words, pianist

from engine.controls.osc import Listener
from engine.runtime.bell import Bell
from engine.runtime.clock import MonotonicClock
from engine.runtime.failure import BrokeOffError
from engine.runtime.hands import Hands
from engine.runtime.keyboard import Keyboard
from engine.runtime.note_target import NoteTarget, no_backlog
from engine.schema.note import Note
from engine.transport.udp import UdpSender
from engine.wire import osc

PATIENCE = 5.0


class Played:
    """Hands at a keyboard, and a receiver."""

    def __init__(self) -> None:
        self.ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.ear.bind(("127.0.0.1", 0))
        self.ear.settimeout(PATIENCE)
        self.mouth = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sender = UdpSender("127.0.0.1", self.ear.getsockname()[1], backlog=no_backlog)
        self.listener, self.bell, self.clock = Listener(port=0), Bell(), MonotonicClock()
        self.keyboard = Keyboard(
            pianist(),
            [NoteTarget(Words(), self.sender)],
            clock=self.clock,
            seed=1,
            root="/engine",
            ear=self.listener,
            wake=self.bell.ring,
        )
        self.failed = threading.Event()
        self.hands = Hands(
            self.keyboard, self.bell, self.clock, handles=lambda: self.listener.handles, failed=self.failed.set
        )

    def note(self, *given: int) -> None:
        self.mouth.sendto(osc.encode("/engine/in/note", *given), ("127.0.0.1", self.listener.port))

    def hear(self, text: str) -> list[str]:
        """All that comes until this does."""
        found = [""]
        while found[-1] != text:
            found.append(self.ear.recv(4096).decode())
        return found[1:]

    def close(self) -> None:
        self.hands.close()
        self.keyboard.close()
        for each in (self.listener, self.sender, self.ear, self.mouth):
            each.close()


@pytest.fixture
def played() -> Iterator[Played]:
    made = Played()
    yield made
    made.close()


def test_what_is_sent_to_the_socket_and_what_a_driver_says_is_played(played: Played) -> None:
    played.hands.start()
    assert len(played.hear("('pedal', 0, 1)")) == 89
    played.note(60, 64, 1)
    assert played.hear("(60, 60, 1)") == ["(60, 60, 1)"]
    played.keyboard.hear(Note(72, 64, 1))
    assert played.hear("(72, 72, 1)") == ["(72, 72, 1)"]
    played.hands.check()


def test_closing_lifts_what_is_down_ends_the_thread_and_is_harmless_twice(played: Played) -> None:
    played.hands.start()
    played.note(60, 64, 1)
    played.hear("(60, 60, 1)")
    played.hands.close()
    assert played.hear("(60, 0, 1)") == ["(60, 0, 1)"]
    assert "notes" not in [thread.name for thread in threading.enumerate()]
    played.hands.close()
    played.hands.check()


def test_hands_that_never_played_can_be_closed(played: Played) -> None:
    played.hands.close()
    played.hands.check()


def test_a_failure_lifts_what_is_down_and_is_told_in_one_line(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    played.hands.start()
    played.note(60, 64, 1)
    played.hear("(60, 60, 1)")

    def fail(_now: int) -> None:
        raise OSError("the wire\nburns")

    monkeypatch.setattr(played.keyboard, "_obey", fail)
    played.bell.ring()
    played.hear("(60, 0, 1)")
    assert played.failed.wait(PATIENCE)
    with pytest.raises(BrokeOffError, match=r"^notes, test_hands.py line \d+: OSError: the wire burns$"):
        played.hands.check()


def test_an_idle_thread_sleeps(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    turns, turn = [0], played.keyboard.turn

    def counted() -> int | None:
        turns[0] += 1
        return turn()

    monkeypatch.setattr(played.keyboard, "turn", counted)
    played.hands.start()
    played.hear("('pedal', 0, 1)")
    time.sleep(0.3)
    assert turns[0] <= 5


def rung(bell: Bell) -> Callable[[], None]:
    def ring() -> None:
        for _ in range(1000):
            bell.ring()

    return ring


def test_a_bell_is_heard_whenever_it_was_rung_and_silent_after_it_was_answered() -> None:
    bell = Bell()
    bell.ring()
    bell.ring()
    bell._waits.settimeout(PATIENCE)
    bell.answer()
    bell._waits.setblocking(False)
    with pytest.raises(BlockingIOError):
        bell._waits.recv(1)
    threads = [threading.Thread(target=rung(bell)) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        bell.answer()
    bell.answer()
    bell.ring()
    bell._waits.settimeout(PATIENCE)
    assert bell._waits.recv(1) == b"\0"
    bell.close()
    bell.close()
    bell.ring()
    bell.answer()
