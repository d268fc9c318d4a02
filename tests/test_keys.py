"""A show with a piano, from the file to what leaves, in virtual time."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import pianos
import pytest
import toy
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage

from engine import keys, steer
from engine.assemble import Assembled, assemble
from engine.contracts import Datagrams
from engine.controls.letter import Letter, Source
from engine.faults import faults
from engine.pianist import Counters
from engine.runtime.clock import VirtualClock
from engine.schema.errors import ConfigError, DataError, ModelError
from engine.schema.show import Act, Cue, Output, Settings, Show
from engine.transport.udp import UdpSender
from engine.wire.decode import Message
from export.midi_patch import open_piece
from export.perform import Task, perform

HERE = Source("osc", "127.0.0.1", 5000, trusted=True)
NOCTURNE = str(Path(steer.__file__).parent / "scores" / "nocturne.mid")

Said = list[tuple[str, tuple[Any, ...]]]


class Script:
    """A listener that hears what a test says."""

    port, lost, behind = 9101, 0, False
    addresses: Sequence[tuple[str, int]] = ()
    sockets: Sequence[str] = ()
    handles: Sequence[int] = ()

    def __init__(self) -> None:
        self.letters = deque[Letter]()

    def drain(self) -> Sequence[Letter]:
        return [self.letters.popleft() for _ in range(len(self.letters))]

    def send(self, _datagram: bytes, _host: str, _port: int) -> bool:
        return True

    def close(self) -> None:
        pass


class Evening:
    """A show that a test plays frame by frame; `heard` is every message that left."""

    def __init__(self, show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
        self.script, self.clock, self.said, self._sent = Script(), VirtualClock(), list[str](), list[bytes]()

        def send(_sender: UdpSender, datagrams: Datagrams) -> int:
            self._sent.extend(map(bytes, datagrams))
            return len(datagrams)

        monkeypatch.setattr(UdpSender, "send", send)
        monkeypatch.setattr(steer, "Listener", lambda *_, **__: self.script)
        self.made: Assembled = assemble(show, clock=self.clock, say=self.said.append)
        assert self.made.keyboard is not None
        self.keyboard = self.made.keyboard
        self.made.stage.prime()
        self._fire()
        self.keyboard.enter()

    def say(self, address: str, *arguments: Any) -> None:
        self.script.letters.append(Letter((Message(f"/engine/{address}", arguments),), HERE))

    def frames(self, count: int) -> None:
        """Both threads by turns: the keys whenever something is due, and a frame."""
        for _ in range(count):
            until = self.clock.now_ns() + 1_000_000_000 // 30
            while (due := self.keyboard.turn()) is not None and due < until:
                self.clock.sleep_until_ns(due)
            self.clock.sleep_until_ns(until)
            self.made.stage.run_errands()
            self.made.stage._compute()
            self._fire()

    def _fire(self) -> None:
        self.made.stage._broadcast.fire()
        self.made.stage.sequence += 1

    def heard(self) -> Said:
        found = [_message(content) for datagram in self._sent for content in _contents(datagram)]
        self._sent.clear()
        return found

    def notes(self) -> list[tuple[Any, ...]]:
        return [arguments for address, arguments in self.heard() if address == "/engine/piano/note"]


def _contents(datagram: bytes) -> list[Any]:
    return list(OscBundle(datagram)) if OscBundle.dgram_is_bundle(datagram) else [OscMessage(datagram)]


def _message(content: Any) -> tuple[str, tuple[Any, ...]]:
    return content.address, tuple(content.params)


Play = Callable[[Show], Evening]


@pytest.fixture
def piano(tmp_path: Path) -> str:
    return str(pianos.tiny(tmp_path / "piano.onnx"))


@pytest.fixture
def dance(tmp_path: Path) -> str:
    return str(toy.write(tmp_path / "toy.onnx"))


class Tried:
    """A pianist who fails, or strikes three keys as hard as no number."""

    counters = Counters(100, 3)

    def __init__(self, *, fails: bool) -> None:
        self.fails, self.closed = fails, 0

    def press(self, _at: int, _number: int, _own: int) -> int:
        return 1 // (not self.fails)

    def release(self, _at: int, _number: int) -> None:
        pass

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize("expected", [ZeroDivisionError, ModelError])
def test_a_pianist_who_fails_at_the_trial_is_closed(
    expected: type[Exception], piano: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = Tried(fails=expected is ZeroDivisionError)
    monkeypatch.setattr(keys, "open_pianist", lambda *_, **__: tried)
    with pytest.raises(expected):
        keys._tried(piano, 1, Act(device="cpu"))
    assert tried.closed == 1


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:
    with ExitStack() as opened:

        def begun(show: Show) -> Evening:
            evening = Evening(show, monkeypatch)
            opened.callback(evening.made.stage.close)
            return evening

        yield begun


def written(*acts: Act, cues: Sequence[Cue] = ()) -> Show:
    outputs = (Output(kind="native", port=9),)
    return Show(settings=Settings(seed=7, fps=30, oscquery=0), acts=acts, outputs=outputs, cues=tuple(cues))


def test_a_piano_alone(piano: str, play: Play) -> None:
    evening = play(written(Act(model=piano)))
    assert evening.made.acts[0].loaded.spec.name == "tiny piano"
    assert sorted({note[0] for note in evening.notes()}) == list(range(21, 109))  # nothing hangs from an earlier life
    evening.say("in/note", 60, 64, 3)
    evening.frames(1)
    heard = evening.heard()
    ((_, (number, velocity, channel)),) = [each for each in heard if each[0] == "/engine/piano/note"]
    assert (number, channel) == (60, 3)
    assert 1 <= velocity <= 127
    (state,) = [arguments for address, arguments in heard if address == "/engine/piano/notes"]
    assert state[60 - 21] == velocity
    assert sum(state) == velocity
    evening.say("in/note", 60, 0, 3)
    evening.frames(1)
    assert (60, 0, 3) in evening.notes()


def test_a_note_leaves_before_its_frame(piano: str, play: Play) -> None:
    evening = play(written(Act(model=piano)))
    evening.heard()
    evening.say("in/note", 60, 64)
    evening.keyboard.turn()
    assert [note[0] for note in evening.notes()] == [60]


def test_knobs_reach_the_pianist(piano: str, play: Play) -> None:
    evening = play(written(Act(model=piano)))
    for address in ("ctl/softest", "piano/ctl/softest"):
        evening.say(address, 100.0)
        evening.frames(3)
        evening.heard()
        evening.say("in/note", 60, 64)
        evening.frames(1)
        struck = [note[1] for note in evening.notes() if note[1]]
        assert len(struck) == 1
        assert struck[0] >= 100
        evening.say(address, 1.0)
        evening.frames(3)


def test_other_letters_are_the_show_s(piano: str, play: Play) -> None:
    evening = play(written(Act(model=piano), cues=[Cue(name="soft", controls={"loudness": 30.0})]))
    evening.say("cue/go", "soft")
    evening.say("nonsense", 1)
    evening.frames(2)
    assert evening.made.stage.summary().requests[:2] == (1, 1)


def test_panic_lifts_all_keys_within_a_frame(piano: str, play: Play) -> None:
    evening = play(written(Act(model=piano)))
    evening.say("in/note", 60, 64)
    evening.frames(1)
    evening.heard()
    evening.say("panic")
    evening.frames(2)
    assert (60, 0, 1) in evening.notes()
    evening.say("in/note", 62, 64)
    evening.frames(1)
    assert evening.notes() == []
    evening.say("reset")
    evening.frames(1)
    evening.heard()
    evening.say("in/note", 62, 64)
    evening.frames(1)
    assert [note[0] for note in evening.notes()] == [62]


def test_another_pianist_takes_over(piano: str, tmp_path: Path, play: Play) -> None:
    other = str(pianos.tiny(tmp_path / "other.onnx", seed=5))
    evening = play(written(Act(model=piano)))
    evening.say("in/note", 60, 64)
    evening.frames(1)
    evening.heard()
    evening.say("model/load", other)
    evening.frames(3)
    assert (60, 0, 1) in evening.notes()
    assert evening.keyboard.retired() == []  # closed by an errand
    before = evening.keyboard.pianist
    evening.say("model/load", str(tmp_path / "none.onnx"))
    evening.frames(3)
    assert evening.keyboard.pianist is before
    assert evening.made.stage.summary().refused.models == 1
    assert any("is refused" in line for line in evening.said)


def test_the_same_cue_is_the_same_recital(piano: str, play: Play) -> None:
    """From its first note, whatever was played before."""

    def played(before: int) -> list[tuple[Any, ...]]:
        act = Act(model=piano, score=NOCTURNE, loop=True)
        evening = play(written(act, cues=[Cue(name="solo", seed=3)]))
        evening.frames(before)
        evening.say("cue/go", "solo")
        evening.frames(2)
        evening.heard()
        evening.frames(200)
        return [note for note in evening.notes() if note[1]]

    assert played(10) == played(77) != []


def test_a_show_strikes_as_a_file_is_performed(piano: str, tmp_path: Path, play: Play) -> None:
    """To the bit, whatever the frames are and whenever the thread gets to it."""
    evening = play(written(Act(model=piano, score=NOCTURNE)))
    evening.heard()
    evening.frames(30 * 76)
    struck = [note[1] for note in evening.notes() if note[1]]
    out = tmp_path / "performed.mid"
    perform(Task(Path(NOCTURNE), out, Path(piano), {"temperature": 1.0}, seed=7))
    assert [note.velocity for note in open_piece(out).strikes] == struck
    assert len(struck) == 305


def test_dance_and_piano_in_one_show(dance: str, piano: str, play: Play) -> None:
    show = written(Act(model=dance, performers=2), Act(name="piano", model=piano, score=NOCTURNE))
    evening = play(show)
    evening.heard()
    evening.frames(60)
    heard = evening.heard()
    count = {address: sum(other == address for other, _ in heard) for address, _ in heard}
    assert count["/engine/p1/pos"] == count["/engine/p2/pos"] == count["/engine/piano/notes"] == 60
    assert any(address == "/engine/piano/note" and arguments[1] for address, arguments in heard)
    evening.say("model/load", piano)  # for the pianist; the dancers dance on
    before = evening.keyboard.pianist
    evening.frames(4)
    assert evening.keyboard.pianist is not before
    assert evening.made.stage.summary().refused.models == 0
    assert evening.made.stage.summary().changes == 0
    evening.say("model/load", "nowhere.onnx")
    evening.frames(4)
    assert evening.made.stage.summary().refused.models == 1
    assert any(line.startswith("nowhere.onnx is refused") for line in evening.said)


def test_a_cue_for_both(dance: str, piano: str, play: Play) -> None:
    cue = Cue(name="a", controls={"temperature": 0.5, "piano/temperature": 1.5, "loudness": 90.0}, transition=0.0)
    evening = play(written(Act(model=dance), Act(name="piano", model=piano), cues=[cue]))
    evening.say("cue/go", "a")
    evening.frames(60)
    assert evening.keyboard.pianist.controls.temperature == 1.5
    assert evening.keyboard.pianist.controls.loudness == 90


def test_the_end_is_quiet(piano: str, play: Play) -> None:
    evening = play(written(Act(model=piano)))
    evening.say("in/note", 60, 64)
    evening.frames(1)
    evening.heard()
    evening.keyboard.leave()
    assert (60, 0, 1) in evening.notes()
    evening.made.stage.close()


def test_what_cannot_be_played_is_a_fault(piano: str, dance: str, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mid"
    broken.write_bytes(b"MThd\x00")
    show = written(Act(model=piano, score=str(broken)))
    with pytest.raises(DataError):
        assemble(show, clock=VirtualClock(), say=list[str]().append)
    (fault,) = faults(show)
    assert str(broken) in fault.place
    assert faults(written(Act(model=piano, score=NOCTURNE))) == []
    assert faults(written(Act(model=dance), Act(name="piano", model=piano))) == []
    loud = msgspec.structs.replace(Act(model=piano), performers=3)
    with pytest.raises(ConfigError, match="there is one pianist"):
        assemble(written(loud), clock=VirtualClock(), say=list[str]().append)


def test_a_show_is_played_and_ended_in_threads(piano: str, play: Play) -> None:
    evening = play(written(Act(model=piano)))
    assert evening.made.hands is not None
    evening.made.hands.start()
    evening.made.hands.close()
    evening.made.hands.check()
    evening.made.stage.close()
    assert not any(thread.name == "notes" for thread in threading.enumerate())
