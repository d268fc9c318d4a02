"""Takes of signs: read, told, cut, joined, saved and played again like any other."""

import json
from collections.abc import Callable
from pathlib import Path

import made_takes as made
import msgspec
import numpy as np
import pytest
from outputs import reference as osc
from outputs.reference import plain

from engine import cli, replay
from engine.contracts import Datagrams
from engine.outputs.native import Native
from engine.regenerate import Again
from engine.replay import Asked
from engine.runtime.clock import VirtualClock
from engine.schema.frame import Frame
from engine.schema.show import Output
from engine.takes.excerpt import cut
from engine.takes.facts import gather
from engine.takes.joining import join
from engine.takes.reader import Take
from engine.takes.salvage import recover
from engine.takes.values import Header, Taken
from engine.takes.writer import TakeWriter
from engine.transport.udp import UdpSender

HERE = (Output(kind="native", port=9),)


def told(frame: Frame) -> object:
    """What a frame tells of signs, as it can be compared."""
    return frame.labels, [(name, values.tobytes(), performer) for name, values, performer in frame.signals]


def read(path: Path) -> list[object]:
    return [(taken.frame.sequence, told(taken.frame)) for taken in Take(path).frames()]


def wanted(first: int, count: int) -> list[object]:
    return [(number, told(made.signed(number).frame)) for number in range(first, first + count)]


def test_signals_and_labels_come_back_bit_for_bit(tmp_path: Path) -> None:
    path = made.signing(tmp_path, 30)
    assert read(path) == wanted(0, 30)
    facts = gather(path)
    assert facts.signals == {"sign/probabilities": 95, "signs/path": 2}
    assert (facts.signs, facts.damage) == ({"think": 6, "größer": 3}, "")


def test_a_take_tells_of_its_signs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = made.signing(tmp_path, 30)
    assert cli.run(["takes", "info", str(path)]) == 0
    lines = " ".join(capsys.readouterr().out.split())
    assert "signals sign/probabilities of 95 numbers, signs/path of 2 numbers" in lines
    assert "signs 9: think 6 times, größer 3 times" in lines
    assert cli.run(["takes", "info", "--json", str(path)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["signals"]["signs/path"], found["signs"]) == (2, {"think": 6, "größer": 3})
    assert cli.run(["takes", "verify", str(path)]) == 0
    assert cli.run(["takes", "list", str(tmp_path)]) == 0


def test_a_take_without_signs_says_nothing_of_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["takes", "info", str(made.make(tmp_path, 5))]) == 0
    assert "sign" not in capsys.readouterr().out.replace("signature", "")


def test_parts_keep_their_signs(tmp_path: Path) -> None:
    path = made.signing(tmp_path, 30)
    cut(path, tmp_path / "a.mcap", 0.0, 0.2)
    cut(path, tmp_path / "b.mcap", 0.2)
    assert read(tmp_path / "a.mcap") == wanted(0, 12)
    join([tmp_path / "a.mcap", tmp_path / "b.mcap"], tmp_path / "both.mcap")
    assert read(tmp_path / "both.mcap") == wanted(0, 30)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_what_is_whole_of_a_broken_take_is_saved(tmp_path: Path, share: float) -> None:
    path = made.signing(tmp_path, 120)
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    saved = recover(path)
    assert saved.path is not None
    found = read(saved.path)
    assert 10 < len(found) <= 120
    assert found == wanted(0, len(found))


def play(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What leaves of a replay, without names and the state."""
    sent: list[bytes] = []

    def send(_sender: UdpSender, datagrams: Datagrams) -> int:
        sent.extend(plain(datagrams))
        return len(datagrams)

    with monkeypatch.context() as patched:
        patched.setattr(replay, "AHEAD", 5.0)
        patched.setattr(UdpSender, "send", send)
        ready = replay.assemble(asked, clock=VirtualClock(), say=list[str]().append)
        ready.stage.prime()
        ready.stage.play(ready.stop)
        ready.stage.close()
    return [datagram for datagram in sent if b"/engine/state/" not in datagram and b"performers" not in datagram]


def test_a_replay_sends_what_was_sent_bit_for_bit_and_each_label_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    native = Native(made.SIGNING.models[0].spec, [])
    live = [datagram for number in range(40) for datagram in plain(native.datagrams(made.signed(number).frame))]
    assert play(Asked(made.signing(tmp_path, 40), HERE), monkeypatch) == live
    assert sum(b"/engine/sign/label" in datagram for datagram in live) == 8


def beside(number: int) -> Taken:
    """A frame of bodies and signs."""
    taken, signed = made.taken(number), made.signed(number).frame
    return taken._replace(frame=taken.frame._replace(signals=signed.signals, labels=signed.labels))


def written(folder: Path, records: list[Taken], header: Header) -> Path:
    writer = TakeWriter.create(folder, header)
    made.write(writer, records, header.skeleton)
    writer.close()
    return writer.path


@pytest.mark.parametrize("speed", [0.5, 0.7, 1.9, 4.0])
@pytest.mark.parametrize(("header", "make"), [(made.SIGNING, made.signed), (made.HEADER, beside)], ids=["alone", "two"])
def test_at_any_speed_each_label_is_told_once_and_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, speed: float, header: Header, make: Callable[[int], Taken]
) -> None:
    path = written(tmp_path, [make(number) for number in range(40)], header)
    sent = play(Asked(path, HERE, speed=speed), monkeypatch)
    found = [
        message.params[0] for each in sent for message in osc.read(each) if message.address == "/engine/sign/label"
    ]
    assert found == ["think", "think", "größer"] * 4
    assert sum(b"/engine/sign/probabilities" in datagram for datagram in sent) >= 40 / speed - 3


def test_signs_come_from_the_recording_where_bodies_are_computed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [beside(number)._replace(tick=number) for number in range(12)]

    class Stand:
        """Computes the bodies, and knows nothing of signs."""

        tick = 0

        def frame(self) -> Frame:
            self.tick += 1
            return records[self.tick - 1].frame._replace(signals=(), labels=())

        def close(self) -> None: ...

    header = msgspec.structs.replace(made.HEADER, models=(*made.HEADER.models, *made.SIGNING.models))
    monkeypatch.setattr("engine.regenerate.Regenerated", lambda *_, **__: Stand())
    monkeypatch.setattr("engine.regenerate.seen", lambda _: [])
    again = Again(written(tmp_path, records, header))
    assert "signs are not read again: they come from the recording, as paths do" in again.remarks
    found = [record.frame for record in again.records() if isinstance(record, Taken)]
    assert [told(frame) for frame in found] == [told(one.frame) for one in records]
    assert again.likeness.different == 0


def test_a_file_of_an_engine_that_knew_no_signals_still_opens(tmp_path: Path) -> None:
    path = made.make(tmp_path, 10)
    frames = [taken.frame for taken in Take(path).frames()]
    assert len(frames) == 10
    assert all((frame.signals, frame.labels) == ((), ()) for frame in frames)
    assert np.isfinite(frames[0].pose.positions).all()
