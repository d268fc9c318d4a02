"""Takes played again: the same frames at the same pace, or another; or computed again and compared."""

import threading
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import made_takes as made
import msgspec
import numpy as np
import pianos
import pytest
import test_recording as recording
import toy
from scripted import Lines, Said

from engine import replay
from engine.bundled import MODELS
from engine.cli import run
from engine.replay import Asked, assemble, compare
from engine.runtime.clock import VirtualClock
from engine.runtime.target import Target
from engine.schema.errors import ConfigError, DataError, EngineError
from engine.schema.frame import Frame, Quality
from engine.schema.show import Act, Cue, Output, Show
from engine.takes import events, frames
from engine.takes.excerpt import cut
from engine.takes.facts import gather
from engine.takes.joining import join
from engine.takes.reader import Take
from engine.takes.values import Played, Record, Taken
from engine.takes.writer import TakeWriter
from engine.transport.udp import UdpSender

HERE = (Output(kind="native", port=9),)

MOST = 220
"""Frames after which a replay that never ends is ended."""


class Shown(NamedTuple):
    frames: list[Frame]
    lines: list[str]


@pytest.fixture(autouse=True)
def _whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Virtual time goes faster than any disk: what is played is read before."""
    monkeypatch.setattr(replay, "AHEAD", 5.0)
    monkeypatch.setattr(UdpSender, "send", lambda _, datagrams: len(datagrams))


def play(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> Shown:
    shown: list[Frame] = []
    ready = assemble(asked, clock=VirtualClock(), say=list[str]().append)

    def note(_target: Target, frame: Frame) -> None:
        shown.append(frame._replace(pose=frame.pose.only(range(len(frame.performers)))))
        if len(shown) >= MOST:
            ready.stop.set()

    with monkeypatch.context() as patched:
        patched.setattr(Target, "load", note)
        ready.stage.prime()
        ready.stage.play(ready.stop)
        ready.stage.close()
    return Shown(shown[:-1], ready.verdict.lines())  # the last one is behind the end, and not sent


def written(folder: Path, records: Iterator[Record] | list[Record], **changes: object) -> Path:
    writer = TakeWriter.create(folder, msgspec.structs.replace(made.HEADER, **changes))
    made.write(writer, records)
    writer.close()
    return writer.path


def equal(found: Frame, expected: Frame) -> None:
    assert found.performers == expected.performers
    assert found.notes == expected.notes
    assert found.pose.body is not None
    assert expected.pose.body is not None
    for one, two in zip((*found.pose[:3], *found.pose.body), (*expected.pose[:3], *expected.pose.body), strict=True):
        assert one is not None
        assert two is not None
        assert one.tobytes() == two.tobytes()


def test_every_frame_is_as_it_was_recorded_and_numbered_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = play(Asked(made.make(tmp_path, 100, 50), HERE), monkeypatch)
    assert [frame[:2] for frame in found.frames] == [(n, round(n * 1000 / 60)) for n in range(100)]
    for frame, expected in zip(found.frames, range(50, 150), strict=True):
        equal(frame, made.taken(expected, keys=expected % 2 == 0).frame)
        assert frame.quality == made.taken(expected, keys=expected % 2 == 0).frame.quality
    assert found.lines == []


def test_a_part_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = play(Asked(made.make(tmp_path, 100), HERE, begin=0.5, end=1.0), monkeypatch)
    assert len(found.frames) == 30
    equal(found.frames[0], made.taken(30, keys=True).frame)
    equal(found.frames[-1], made.taken(59).frame)


def test_a_gap_holds_the_last_frame_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, [made.taken(number) for number in (0, 1, 2, 6, 7)])
    found = play(Asked(path, HERE), monkeypatch)
    assert [frame.sequence for frame in found.frames] == list(range(8))
    for number, shown in enumerate((0, 1, 2, 2, 2, 2, 6, 7)):
        equal(found.frames[number], made.taken(shown).frame)
    assert all(quality & Quality.HELD for frame in found.frames[3:6] for quality in frame.quality)
    assert not any(quality & Quality.PRIMED for frame in found.frames[3:6] for quality in frame.quality)
    assert found.frames[6].quality == made.taken(6).frame.quality
    assert found.lines == []


def test_it_begins_again_and_the_numbers_rise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = play(Asked(made.make(tmp_path, 70), HERE, loop=True), monkeypatch)
    assert [frame.sequence for frame in found.frames] == list(range(MOST - 1))
    for frame in found.frames:
        equal(frame, made.taken(frame.sequence % 70, keys=frame.sequence % 70 % 2 == 0).frame)


@pytest.mark.parametrize(("speed", "length"), [(0.5, 200), (4.0, 25)])
@pytest.mark.parametrize("loop", [False, True])
def test_at_another_speed_bodies_go_along_a_curve(
    tmp_path: Path,
    speed: float,
    length: int,
    loop: bool,  # noqa: FBT001 (a parameter of the test)
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    records: list[Record] = [made.taken(number, (1, 3) if number < 40 else (2, 3, 4)) for number in range(100)]
    found = play(Asked(written(tmp_path, records), HERE, speed=speed, loop=loop), monkeypatch)
    assert [frame.sequence for frame in found.frames] == list(range(len(found.frames)))
    assert abs(len(found.frames) - (MOST - 1 if loop else length)) <= 1
    for frame in found.frames:
        assert frame.pose.rotations is not None
        assert np.isfinite(frame.pose.positions).all()
        assert np.isfinite(frame.pose.rotations).all()
    assert found.frames[0].performers == (1, 3)
    if speed == 4:
        assert (found.frames[5].pose.positions == made.taken(20).frame.pose.positions).all()


def test_a_truncated_take_is_played_as_far_as_it_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made.make(tmp_path, 100)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = play(Asked(path, HERE), monkeypatch)
    assert 15 <= len(found.frames) < 100
    for number, frame in enumerate(found.frames):
        equal(frame, made.taken(number, keys=number % 2 == 0).frame)
    [line] = found.lines
    assert line.startswith(f"{path} ended early: ")


def test_a_broken_take_is_played_to_the_breach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made.make(tmp_path, 100)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(DataError, match=r"CRC|checksum|zstd|decompress"):
        play(Asked(path, HERE), monkeypatch)


def test_bad_wishes_are_one_line_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(made.make(tmp_path, 30))
    (tmp_path / "other.mcap").write_bytes(b"\x89MCAP0\r\n" + bytes(40))
    (tmp_path / "empty.mcap").write_bytes(b"")
    none = str(written(tmp_path, []))
    for arguments, said in (
        ([path, "--from", "1s"], "--from: 1 s; expected a time before the end of"),
        ([path, "--from", "2s", "--to", "1s"], "--to: 1 s; expected a time after --from 2s"),
        ([path, "--speed", "5"], "--speed: 5; expected a number from 0.25 to 4"),
        ([path, "--check"], "--check: alone; expected --regenerate beside it"),
        ([path, "--loop", "--regenerate"], "--loop: with --regenerate"),
        ([path, "--regenerate", "--check", "--speed", "2"], "--speed: with --check"),
        ([path, "--regenerate", "--check", "--from", "1s"], "--from: with --check"),
        ([path, "--regenerate", "--check", "--out", "native://127.0.0.1:9"], "--out: with --check"),
        ([none, "--regenerate"], "no frame; expected a take with some"),
        ([path, "--out", "native://127.0.0.1:9", "--show-outputs"], "--show-outputs: with --out"),
        ([path, "--from", "soon"], "--from: 'soon'; expected a time"),
        ([none], "no frame; expected a take with some"),
        ([str(tmp_path / "none.mcap")], "no such file"),
        ([str(tmp_path / "other.mcap")], "expected one of a take"),
        ([str(tmp_path / "empty.mcap")], "expected a take"),
        ([path, "--regenerate"], "expected what this engine writes"),
    ):
        assert run(["replay", *arguments]) == 2
        complaint = capsys.readouterr().err
        assert said in complaint
        assert complaint.count("\n") == 1


def test_a_take_with_keys_has_hands(tmp_path: Path) -> None:
    keys = (*made.HEADER.models, Played(part="keys", model="piano", sha256="", spec=made.SPEC))
    for models, expected in ((keys, True), (made.HEADER.models, False)):
        path = written(tmp_path, [made.taken(number) for number in range(3)], models=models)
        ready = assemble(Asked(path, HERE), clock=VirtualClock(), say=list[str]().append)
        ready.stage.close()
        assert (ready.hands is not None) == expected


LINES: Lines = {
    10: [("/engine/ctl/performers", (3,)), ("/engine/ctl/radius", (1.0,))],
    20: [("/engine/ctl/temperature", (1.6,)), ("/engine/p1/ctl/x", (2.0,))],
    30: [("/engine/cue/go", ("solo",))],
    45: [("/engine/ctl/prime", (1, 2)), ("/engine/ctl/speed", (1.7,))],
    60: [("/engine/panic", ())],
    80: [("/engine/reset", ())],
}
SOLO = Cue(name="solo", seed=5, transition=0.3)


def evening(folder: Path, monkeypatch: pytest.MonkeyPatch, late: int | None = None) -> Path:
    """A take of a stirred show; recorded from its first frame on, or from a later one."""
    lines = dict(LINES) if late is None else {**LINES, late: [("/engine/ctl/record", (1,))]}
    show = recording.written(folder, SOLO, record=late is None)
    [path] = recording.play(show, lines, monkeypatch).takes
    return path


@pytest.mark.parametrize("late", [None, 50])
def test_what_is_computed_again_is_equal_bit_for_bit(
    tmp_path: Path, late: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, said = evening(tmp_path, monkeypatch, late), list[str]()
    assert compare(path, said.append)
    before = [] if late is None else ["first the 2 s of the show before that are computed"]
    assert said == [*before, f"{120 if late is None else 70} frames, all equal bit for bit"]
    found = play(Asked(path, HERE, begin=0.5, regenerate=True), monkeypatch)
    expected = [taken.frame for taken in Take(path).frames()][15:]
    for frame, other in zip(found.frames, expected, strict=True):
        equal(frame, other)
    assert found.lines == said[-1:]


def parts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Sequence[Path]:
    """A take of a stirred show that is spread over some files."""
    with monkeypatch.context() as patched:
        patched.setattr("engine.recording.MB", 1_000)
        show = recording.written(folder, SOLO)
        show = msgspec.structs.replace(show, takes=msgspec.structs.replace(show.takes, rotate=25))
        return recording.play(show, LINES, patched).takes


def test_parts_and_what_is_made_of_them_are_equal_bit_for_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, *others = parts(tmp_path, monkeypatch)
    assert others
    joined, part = tmp_path / "joined.mcap", tmp_path / "part.mcap"
    assert join([first, second, *others], joined).frames == 120
    cut(joined, part, 1.5, 3.0)
    for path in (second, others[-1], joined, part):
        said: list[str] = []
        count, begin = gather(path).frames, Take(path).header.first
        assert compare(path, said.append)
        before = [f"first the {begin / 30:.0f} s of the show before that are computed"] if begin else []
        assert said == [*before, f"{count} frames, all equal bit for bit"]


def changed(path: Path, sequence: int, **header: object) -> Path:
    """The same take, in one frame of which a number is another one."""
    take = Take(path)
    writer = TakeWriter.create(path.parent, msgspec.structs.replace(take.header, **header))
    count = len(take.header.knobs)
    maker = frames.FrameWriter(take.header.skeleton, 8, count)
    for record in take.records("/frames", "/journal"):
        if isinstance(record, Taken):
            if record.frame.sequence == sequence:
                array = record.frame.pose.positions
                array[0, 1, 1] = np.nextafter(array[0, 1, 1], np.float32(9))
            data = frames.seal(maker.encode(record.frame, record.tick, record.controls))
            writer.add("/frames", 0, record.frame.sequence, data)
        else:
            topic, data = events.encode(record)
            writer.add(topic, 0, 0, data)
    writer.close()
    return writer.path


def test_the_first_frame_that_differs_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = changed(evening(tmp_path, monkeypatch), 77)
    assert run(["replay", str(path), "--regenerate", "--check"]) == 1
    line = capsys.readouterr().out.splitlines()[-1]  # the first one may say that kernels are compiled
    assert line.startswith("1 of 120 frames differ; the first is frame 77: positions of performer 1 differ by up to ")


def test_what_cannot_be_computed_again_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, said = evening(tmp_path, monkeypatch), list[str]()
    with pytest.raises(DataError, match="a show whose journal had grown too long"):
        compare(changed(path, -1, journal=False), said.append)
    assert compare(changed(path, -1, build="0" * 64, machine="another"), said.append)
    assert [line.partition(":")[0] for line in said[:2]] == [
        f"recorded by another build, of version {Take(path).header.engine}",
        "recorded on another machine (another)",
    ]
    model = tmp_path / "toy.onnx"
    toy.write(model, msgspec.structs.replace(toy.SPEC, credit="somebody else"))
    with pytest.raises(EngineError, match=r"toy.onnx: another file than was recorded, sha256"):
        compare(path, said.append)
    model.unlink()
    with pytest.raises(ConfigError, match="no such file"):
        compare(path, said.append)


def test_keys_alone_are_not_computed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    show = recording.written(tmp_path, model=str(pianos.tiny(tmp_path / "piano.onnx")))
    show = Show(
        settings=show.settings, acts=(Act(model=show.acts[0].model, device="cpu"),), outputs=HERE, takes=show.takes
    )
    [path] = recording.play(show, {}, monkeypatch, 1).takes
    with pytest.raises(DataError, match="a take without bodies"):
        compare(path, list[str]().append)
    found = play(Asked(path, HERE, speed=0.5), monkeypatch)
    assert len(found.frames) == 60
    assert {frame.performers for frame in found.frames} == {()}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_ten_minutes_with_two_hundred_controls_are_equal_bit_for_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = np.random.default_rng(6)
    lines: dict[int, list[Said]] = {}
    for number in range(200):
        asked: list[Said] = [
            ("/engine/ctl/temperature", (float(draw.uniform(0, 2)),)),
            ("/engine/ctl/performers", (int(draw.integers(1, 7)),)),
            (f"/engine/p{draw.integers(1, 5)}/ctl/x", (float(draw.uniform(-3, 3)),)),
            ("/engine/ctl/speed", (float(draw.uniform(0.5, 2)),)),
            ("/engine/ctl/smooth", (float(draw.choice([0, 3, 10])),)),
            ("/engine/ctl/blend", (float(draw.uniform(0, 1)),)),
            ("/engine/ctl/hold", (int(number % 9 == 0),)),
            ("/engine/p1/ctl/seed", (int(draw.integers(1, 99)),)),
            ("/engine/ctl/prime", (int(draw.integers(0, 9)),)),
            ("/engine/cue/go", ("solo",)),
        ]
        lines[20 + 90 * number] = [asked[draw.integers(len(asked))]]
    show = recording.written(tmp_path, SOLO, model=str(MODELS / "dance.onnx"))
    [path] = recording.play(show, lines, monkeypatch, 600).takes
    said: list[str] = []
    assert compare(path, said.append)
    assert said == ["18000 frames, all equal bit for bit"]


def test_threads_end(tmp_path: Path) -> None:
    before = threading.active_count()
    ready = assemble(Asked(made.make(tmp_path, 50), HERE, loop=True), clock=VirtualClock(), say=list[str]().append)
    assert threading.active_count() == before + 1
    ready.stage.close()
    assert threading.active_count() == before


def test_a_shown_frame_is_no_copy_of_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = play(Asked(made.make(tmp_path, 10), HERE), monkeypatch)
    assert all((one.pose.positions != two.pose.positions).any() for one, two in pairwise(found.frames))
