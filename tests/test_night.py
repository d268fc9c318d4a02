"""A whole show in virtual time, steered: the same cue with the same seed gives the same frames, every night."""

import threading
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import pytest
import toy
from numpy.typing import NDArray
from scripted import Lines, Said, Script, at_random, kept

from engine import assemble, steer
from engine.runtime.clock import VirtualClock
from engine.runtime.target import Target
from engine.schema.frame import Frame
from engine.schema.model import Tensor
from engine.schema.show import Act, Cue, Output, Performer, Prime, Settings, Show
from engine.wire.decode import Value

FPS = 30


class Night(NamedTuple):
    """A performance: (F, P, J, 3) positions by performer, frames without everybody left out; and what was said."""

    frames: list[Frame]
    said: list[str]

    def positions(self, start: int, stop: int) -> NDArray[np.float32]:
        return np.array([frame.pose.positions for frame in self.frames[start:stop]])


@pytest.fixture
def model(tmp_path: Path) -> str:
    return str(toy.write(tmp_path / "toy.onnx"))


def play(
    show: Show,
    lines: Lines,
    monkeypatch: pytest.MonkeyPatch,
    seconds: float = 10,
    *,
    errands: int = 1,
) -> Night:
    script, night = Script(lines, errands), Night([], [])
    with monkeypatch.context() as patched:
        patched.setattr(steer, "Listener", lambda *_, **__: script)
        patched.setattr(Target, "load", lambda _, frame: night.frames.append(kept(frame)))
        stage = assemble.assemble(show, clock=VirtualClock(), say=night.said.append, seconds=seconds).stage
        script.errands = stage.run_errands
        stage.prime()
        stage.play(threading.Event())
        stage.close()
    assert [frame.sequence for frame in night.frames] == list(range(round(seconds * (show.settings.fps or FPS))))
    return night


def written(model: str, *cues: Cue, fps: float = FPS, performers: int = 2) -> Show:
    return Show(
        settings=Settings(fps=fps, oscquery=0, go_gap=0.0),
        acts=(Act(model=model, device="cpu", performers=performers),),
        outputs=(Output(kind="native", port=9),),
        cues=cues,
    )


GO = ("/engine/cue/go", ("solo",))


@pytest.mark.parametrize(("fps", "smooth"), [(30, 0.0), (50, 0.0), (60, 20.0)])
@pytest.mark.parametrize("prime", [None, Prime(clip=1, frame=2)])
def test_a_cue_with_a_seed_is_the_same_every_night(
    model: str, fps: float, smooth: float, prime: Prime | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    solo = Cue(
        name="solo",
        seed=7,
        prime=prime,
        transition=0.5,
        controls={"temperature": 0.8, "performers": 3, "smooth": smooth},
        performer=(Performer(number=2, x=1.0, controls={"sigma": 0.5}),),
    )
    show = written(model, solo, fps=fps)
    stirred: Lines = {
        20: [("/engine/ctl/temperature", (1.9,)), ("/engine/p1/ctl/x", (5.0,)), ("/engine/ctl/speed", (2.0,))],
        50: [("/engine/ctl/seed", (99,)), ("/engine/ctl/hold", (1,))],
        90: [GO],
    }
    first, second = play(show, {40: [GO]}, monkeypatch), play(show, stirred, monkeypatch)
    fade, length = round(0.5 * fps) + 2, 120
    one, two = first.positions(40 + fade, 40 + length), second.positions(90 + fade, 90 + length)
    assert one.shape[1] == 3
    assert (one == two).all()
    assert np.abs(np.diff(one, axis=0)).max() > 1e-4  # it is no statue


def test_another_seed_is_another_dance(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    nights = [
        play(written(model, Cue(name="solo", seed=seed, transition=0.1)), {40: [GO]}, monkeypatch, 5) for seed in (7, 8)
    ]
    one, two = (night.positions(60, 140) for night in nights)
    assert not (one == two).all()


def test_until_the_cue_the_show_is_as_without_it(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    show = written(model, Cue(name="solo", seed=7))
    called, left = play(show, {40: [GO]}, monkeypatch, 4), play(show, {}, monkeypatch, 4)
    assert (called.positions(0, 40) == left.positions(0, 40)).all()
    assert not (called.positions(50, 100) == left.positions(50, 100)).all()


def test_a_reset_is_the_beginning_again(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    show = written(model)
    lines: Lines = {
        30: [("/engine/ctl/temperature", (1.8,))],
        60: [("/engine/panic", ())],
        100: [("/engine/reset", ())],
    }
    night = play(show, lines, monkeypatch)
    again = night.positions(101 + 20, 201)
    untouched = play(show, {}, monkeypatch)
    assert (again == untouched.positions(20, 100)).all()


def test_panic_is_neutral_within_half_a_second_and_waits(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    night = play(written(model), {30: [("/engine/panic", ())]}, monkeypatch, 4)
    waiting = night.positions(30 + 15, 110)
    assert (waiting == waiting[0]).all()
    moving = night.positions(0, 30)
    assert np.abs(np.diff(moving, axis=0)).max() > 1e-4


def test_another_model_takes_over_and_a_bad_one_does_not(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bad.onnx").write_bytes(b"no model")
    other = str(toy.write(tmp_path / "other.onnx"))
    lines: dict[int, list[tuple[str, tuple[Value, ...]]]] = {
        number: [("/engine/model/load", (str(tmp_path / "bad.onnx") if number % 20 else other,))]
        for number in range(10, 250, 10)
    }
    lines[5] = [("/engine/model/crossfade", (0.1,))]
    night = play(written(model), lines, monkeypatch)
    assert night.said[0].startswith("computed by ")
    assert len(night.said[1:]) == sum(1 for number in range(10, 250, 10) if number % 20)
    assert all("is refused" in line and "keeps playing" in line for line in night.said[1:])
    positions = night.positions(0, 300)
    assert np.isfinite(positions).all()
    assert np.abs(np.diff(positions, axis=0)).max() < 0.5


@pytest.mark.parametrize("evening", range(4))
def test_whatever_is_called_in_whatever_order_the_show_goes_on(
    model: str, tmp_path: Path, evening: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cues with and without seeds, moments and models, loads, panics and comings and goings, a few frames apart."""
    wider = msgspec.structs.replace(toy.SPEC, state=(Tensor(input="m", output="m_next", shape=(-1, 5)),))
    wide = str(toy.write(tmp_path / "wide.onnx", wider))
    cues = (
        Cue(name="fade", controls={"temperature": 0.5, "blend": 0.3}, transition=0.4),
        Cue(name="solo", seed=7, controls={"performers": 1, "smooth": 5.0}, transition=0.5),
        Cue(name="crowd", seed=8, prime=Prime(clip=1, frame=2), controls={"performers": 12}, transition=0.2),
        Cue(name="wide", model=wide, prime=Prime(clip=0, frame=2), transition=0.7),
        Cue(name="anew", model=wide, seed=9, transition=0.0, controls={"speed": 2.0}),
        Cue(name="more", prime=Prime(clip=1), controls={"performers": 40}, transition=0.3),
        Cue(name="end", controls={"run": 0}, transition=0.1),
    )
    asked: list[Said] = [
        *[("/engine/cue/go", (cue.name,)) for cue in cues],
        *[("/engine/ctl/performers", (count,)) for count in (0, 1, 3, 20)],
        *[(f"/engine/ctl/{name}", (value,)) for name in ("hold", "run") for value in (0, 1)],
        *[("/engine/model/load", (path,)) for path in (model, wide, "nothing.onnx")],
        ("/engine/panic", ()),
        ("/engine/reset", ()),
        ("/engine/ctl/prime", (1, 2)),
        ("/engine/p2/ctl/prime", (0,)),
        ("/engine/p2/ctl/seed", (5,)),
        ("/engine/p1/ctl/x", (3.0,)),
        ("/engine/ctl/speed", (3.0,)),
        ("/engine/model/crossfade", (0.3,)),
    ]
    lines = at_random(asked, evening, 560)
    lines[570] = [("/engine/cue/go", ("crowd",))]
    night = play(written(model, *cues, fps=60), lines, monkeypatch, seconds=11, errands=1 + 5 * evening)
    assert all(np.isfinite(frame.pose.positions).all() for frame in night.frames)
    assert night.frames[-1].performers == tuple(range(1, 13))
    last = night.positions(640, 660)
    assert np.abs(np.diff(last, axis=0)).max() > 1e-4
    assert all("nothing.onnx is refused" in line for line in night.said[1:])
