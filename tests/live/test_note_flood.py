"""Ten thousand notes a second over real sockets: nothing crashes, nothing hangs, and afterwards all is as before."""

import itertools
import socket
import threading
import time
from pathlib import Path

import pianos
import pytest
from runtime.notes_rig import Words

from engine.controls.osc import Listener
from engine.inference.vet import load
from engine.open_pianist import open_pianist
from engine.runtime.bell import Bell
from engine.runtime.clock import MonotonicClock
from engine.runtime.doubt import GRACE
from engine.runtime.hands import Hands
from engine.runtime.keyboard import Keyboard
from engine.runtime.note_target import NoteTarget, no_backlog
from engine.transport.udp import UdpSender
from engine.wire import osc

pytestmark = pytest.mark.live

NOTES_A_SECOND = 10_000
SECONDS = 3
ROOM = 1 << 22


class Drain(threading.Thread):
    """Keeps who is down, as a receiver would."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)
        self.ear.bind(("127.0.0.1", 0))
        self.ear.settimeout(0.2)
        self.down: set[str] = set()
        self.heard = 0
        self.over = False

    def run(self) -> None:
        while not self.over:
            try:
                text = self.ear.recv(256).decode()
            except TimeoutError:
                continue
            if "pedal" in text:
                continue
            self.heard += 1
            number, velocity, channel = text[1:-1].split(", ")
            (self.down.discard if velocity == "0" else self.down.add)(f"{number} {channel}")


def flood(port: int) -> int:
    """Press and lift keys, each in a datagram of its own, in bursts of a millisecond; how many."""
    pairs = [[osc.encode("/engine/in/note", number, velocity, 1) for velocity in (64, 0)] for number in range(21, 109)]
    keys, said = itertools.cycle(pairs), 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
        mouth.connect(("127.0.0.1", port))
        begin = time.perf_counter()
        while (passed := time.perf_counter() - begin) < SECONDS:
            for _ in range(int(passed * NOTES_A_SECOND) - said):
                for datagram in next(keys):
                    mouth.send(datagram)
                said += 1
            time.sleep(0.001)
    return said


@pytest.mark.parametrize("room", [ROOM, 2048], ids=["wide", "narrow"])
def test_a_flood_of_notes_leaves_nothing_hanging(tmp_path: Path, room: int) -> None:
    drain = Drain()
    drain.start()
    sender = UdpSender("127.0.0.1", drain.ear.getsockname()[1], backlog=no_backlog)
    listener, bell, clock = Listener(port=0, room=room), Bell(), MonotonicClock()
    keyboard = Keyboard(
        open_pianist(load(pianos.tiny(tmp_path / "tiny.onnx", hidden=128)), seed=1),
        [NoteTarget(Words(), sender)],
        clock=clock,
        seed=1,
        root="/engine",
        ear=listener,
        wake=bell.ring,
    )
    hands = Hands(keyboard, bell, clock, handles=lambda: listener.handles)
    hands.start()
    try:
        said = flood(listener.port)
        time.sleep(2 * GRACE * 1e-9 + 0.5)
        counters = keyboard.counters
        hands.check()
        assert said > NOTES_A_SECOND * SECONDS // 2
        assert counters.notes > said // 10, counters
        assert (listener.lost > 0) or room == ROOM, "the socket was to be too narrow"
        assert not any(keyboard.notes().velocities)
        assert not drain.down
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
            mouth.sendto(osc.encode("/engine/in/note", 60, 64, 1), ("127.0.0.1", listener.port))
            time.sleep(0.2)
        assert drain.down == {"60 1"}
    finally:
        hands.close()
        time.sleep(0.2)
        drain.over = True
        drain.join()
        keyboard.close()
        for each in (listener, sender, drain.ear):
            each.close()
    assert not drain.down
