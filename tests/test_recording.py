"""A whole show in virtual time that records itself: what it sent, what was asked of it, what it says it is."""

import hashlib
import threading
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pianos
import pytest
import toy
from scripted import Lines, Script, kept

from engine import assemble, identity, steer
from engine.runtime.clock import VirtualClock
from engine.runtime.target import Target
from engine.schema.errors import ConfigError
from engine.schema.frame import Frame
from engine.schema.show import Act, Cue, Output, Settings, Show, Takes
from engine.takes.reader import Take
from engine.takes.values import Asked, Taken

FPS = 30


class Evening(NamedTuple):
    frames: list[Frame]
    takes: list[Path]
    lines: list[str]


def written(folder: Path, *cues: Cue, record: bool = True, model: str = "") -> Show:
    return Show(
        settings=Settings(fps=FPS, oscquery=0, go_gap=0.0),
        acts=(Act(model=model or str(toy.write(folder / "toy.onnx")), device="cpu", performers=2),),
        outputs=(Output(kind="native", port=9),),
        cues=cues,
        takes=Takes(folder=str(folder / "takes"), record=record),
    )


def play(show: Show, lines: Lines, monkeypatch: pytest.MonkeyPatch, seconds: float = 4) -> Evening:
    script, frames = Script(lines), list[Frame]()
    with monkeypatch.context() as patched:
        patched.setattr(steer, "Listener", lambda *_, **__: script)
        patched.setattr(Target, "load", lambda _, frame: frames.append(kept(frame)))
        made = assemble.assemble(show, clock=VirtualClock(), say=list[str]().append, seconds=seconds)
        script.errands = partial(_errands, made)
        made.stage.prime()
        made.stage.play(threading.Event())
        made.stage.close()
    return Evening(frames, sorted(Path(show.takes.folder).glob("*")), made.stage.summary().lines())


def _errands(made: assemble.Assembled) -> None:
    """What threads of their own do in a show."""
    made.stage.run_errands()
    if made.recording is not None:
        made.recording.turn()


def frames_of(path: Path) -> list[Taken]:
    take = Take(path)
    found = list(take.frames())
    assert (take.complete, take.damage) == (True, "")
    return found


def test_a_show_is_recorded_from_its_first_frame_to_its_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: Lines = {10: [("/engine/ctl/performers", (3,))], 30: [("/engine/p1/ctl/blend", (0.5,))]}
    evening = play(written(tmp_path), lines, monkeypatch)
    [path] = evening.takes
    taken = frames_of(path)
    assert [each.tick for each in taken] == list(range(4 * FPS))
    for each, sent in zip(taken, evening.frames, strict=True):
        assert each.frame[:2] == sent[:2]
        assert (each.frame.performers, each.frame.quality) == (sent.performers, sent.quality)
        assert (each.frame.pose.positions == sent.pose.positions).all()
        assert (each.frame.pose.root == sent.pose.root).all()
    assert {each.frame.performers for each in taken} == {(1, 2), (1, 2, 3)}
    assert evening.lines[-1].startswith("recorded: 120 frames in 1 file, ")
    assert evening.lines[-1].endswith(" 0 dropped")


def test_a_take_says_what_was_played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    show = written(tmp_path)
    evening = play(show, {}, monkeypatch, 1)
    header = Take(evening.takes[0]).header
    model = Path(show.acts[0].model)
    assert [(each.part, each.model, each.spec.name) for each in header.models] == [
        ("bodies", str(model), toy.SPEC.name)
    ]
    assert header.models[0].sha256 == hashlib.sha256(model.read_bytes()).hexdigest()
    assert (header.show, header.seed, header.fps, header.skeleton) == (show, 1, FPS, toy.SPEC.skeleton)
    assert (header.build, header.machine) == (identity.build(), identity.machine())
    assert (header.first, header.number, header.journal) == (0, 1, True)


def test_requests_are_in_it_as_they_were_taken_and_by_whom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cue = Cue(name="calm", controls={"temperature": 0.5}, transition=0)
    lines: Lines = {
        5: [("/engine/ctl/sigma", (9.0,)), ("/engine/ctl/nothing", (1.0,)), ("/engine/ctl/sigma", ())],
        20: [("/engine/cue/go", ("calm",)), ("/engine/cue/go", ("none",))],
    }
    evening = play(written(tmp_path, cue), lines, monkeypatch, 1)
    asked = [each for each in Take(evening.takes[0]).records("/controls") if isinstance(each, Asked)]
    assert [(each.sequence, each.address, each.arguments) for each in asked] == [
        (5, "/engine/ctl/sigma", (2.0,)),
        (20, "/engine/cue/go", ("calm",)),
    ]
    assert {(each.source, each.host, each.port) for each in asked} == {("osc", "127.0.0.1", 5000)}
    names, taken = Take(evening.takes[0]).header.knobs, frames_of(evening.takes[0])
    column = names.index("sigma")
    assert [taken[at].controls[0, column] for at in (4, 5)] == [1.0, 2.0]


@pytest.mark.parametrize("again", ["/engine/reset", "/engine/cue/go"])
def test_a_control_starts_and_stops_it_and_a_new_beginning_does_neither(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, again: str
) -> None:
    arguments = () if again.endswith("reset") else ("anew",)
    lines: Lines = {
        20: [(again, arguments)],
        40: [("/engine/ctl/record", (1,))],
        60: [(again, arguments)],
        80: [("/engine/ctl/record", (0,))],
    }
    evening = play(written(tmp_path, Cue(name="anew", seed=3, transition=0), record=False), lines, monkeypatch)
    [path] = evening.takes
    assert [each.frame.sequence for each in frames_of(path)] == list(range(40, 80))


@pytest.mark.parametrize("seed", [None, 5])
def test_a_cue_that_names_it_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int | None) -> None:
    on = Cue(name="on", seed=seed, transition=0, controls={"record": 1})
    off = Cue(name="off", seed=seed, transition=0, controls={"record": 0})
    lines: Lines = {30: [("/engine/cue/go", ("on",))], 60: [("/engine/cue/go", ("off",))]}
    evening = play(written(tmp_path, on, off, record=False), lines, monkeypatch)
    [path] = evening.takes
    numbers = [each.frame.sequence for each in frames_of(path)]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert 30 <= numbers[0] <= 33
    assert 59 <= numbers[-1] <= 62


def test_the_keys_of_a_piano_are_recorded_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    show = written(tmp_path, model=str(pianos.tiny(tmp_path / "piano.onnx")))
    act = Act(model=show.acts[0].model, device="cpu", score=None)
    show = Show(settings=show.settings, acts=(act,), outputs=show.outputs, takes=show.takes)
    evening = play(show, {}, monkeypatch, 1)
    taken = frames_of(evening.takes[0])
    assert len(taken) == FPS
    assert {each.frame.performers for each in taken} == {()}
    assert all(each.frame.notes is not None for each in taken)
    assert Take(evening.takes[0]).header.skeleton is None


def test_a_folder_that_cannot_be_one_is_refused_before_the_show(tmp_path: Path) -> None:
    show = written(tmp_path)
    (tmp_path / "takes").write_text("")
    with pytest.raises(ConfigError, match=r"takes.folder: .*; expected a folder that can be written"):
        assemble.assemble(show, clock=VirtualClock(), say=list[str]().append)


def test_a_show_that_is_not_recorded_makes_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evening = play(written(tmp_path, record=False), {}, monkeypatch, 1)
    assert not (tmp_path / "takes").exists()
    assert not any("recorded" in line for line in evening.lines)
