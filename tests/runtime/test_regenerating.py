"""Shows in virtual time, played again from their journals: equal bit for bit."""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import pytest
import toy
from test_night import Lines, Script, written

from engine import assemble, steer
from engine.inference.vet import load
from engine.runtime.clock import VirtualClock
from engine.runtime.journal import Changed, Done, Made, Page, Reserved, Shown, Steered, Stood
from engine.runtime.likeness import difference
from engine.runtime.regenerating import Regenerated, pages
from engine.runtime.stage import Stage
from engine.runtime.stream import Stream
from engine.runtime.target import Target
from engine.schema.controls import Controls
from engine.schema.errors import DataError
from engine.schema.frame import Body, Frame
from engine.schema.model import Tensor
from engine.schema.show import Act, Cue, Output, Performer, Prime, Settings, Show
from engine.streams import Streams
from engine.takes.values import Entry
from engine.runtime.journal import Journal
from engine.motion.solve import Solver


class Night(NamedTuple):
    """What was sent, and the journal."""

    frames: list[Frame]
    journal: Sequence[Entry]

    @property
    def done(self) -> list[Done]:
        return [done for _, page in pages(self.journal) for done in page.done]


class Slow(VirtualClock):
    """A time in which some frames take longer: ns by the number of the look at the clock."""

    def __init__(self, every: int) -> None:
        super().__init__()
        self._every, self._looks = every, 0

    def now_ns(self) -> int:
        self._looks += 1
        if self._every and self._looks % self._every == 0:
            self._now += 90_000_000
        return super().now_ns()


def kept(frame: Frame) -> Frame:
    """With arrays of its own."""
    return frame._replace(pose=frame.pose.only(range(len(frame.performers))))


def play(
    show: Show,
    lines: Lines,
    monkeypatch: pytest.MonkeyPatch,
    seconds: float = 10,
    *,
    errands: int = 1,
    late: int = 0,
) -> Night:
    script, frames = Script(lines, errands), list[Frame]()
    with monkeypatch.context() as patched:
        patched.setattr(steer, "Listener", lambda *_, **__: script)
        patched.setattr(Target, "load", lambda _, frame: frames.append(kept(frame)))
        stage = assemble.assemble(show, clock=Slow(late), say=[].append, seconds=seconds).stage
        script.stage = stage
        stage.prime()
        stage.play(threading.Event())
        stage.close()
    assert stage._journal.complete
    return Night(frames, tuple(stage._journal.history))


def again(show: Show, night: Night) -> list[Frame]:
    """The frames of a show from its journal."""
    fps = show.settings.fps or 30
    streams = Streams(show, show.acts[0], fps, Journal())
    first = load(show.acts[0].model)
    assert first.spec.skeleton is not None
    regenerated = Regenerated(
        pages(night.journal),
        lambda made: streams.make(made.model),
        skeleton=first.spec.skeleton,
        fps=fps,
        solver=Solver(first.spec.skeleton, fps),
    )
    frames = [kept(regenerated.frame()) for _ in night.frames]
    regenerated.close()
    return frames


def check(show: Show, night: Night) -> None:
    for found, expected in zip(again(show, night), night.frames, strict=True):
        assert difference(found, expected) == ""


@pytest.fixture
def model(tmp_path: Path) -> str:
    return str(toy.write(tmp_path / "toy.onnx"))


CUES = (
    Cue(name="fade", controls={"temperature": 0.5, "blend": 0.3}, transition=0.4),
    Cue(name="solo", seed=7, prime=Prime(clip=1, frame=2), controls={"performers": 1, "smooth": 5.0}, transition=0.5),
    Cue(name="crowd", seed=8, controls={"performers": 12}, performer=(Performer(number=2, x=1.0),), transition=0.2),
    Cue(name="more", prime=Prime(clip=1), controls={"performers": 5, "radius": 1.0}, transition=0.3),
    Cue(name="end", controls={"run": 0}, transition=0.1),
)


@pytest.mark.parametrize(("fps", "errands", "late"), [(30, 1, 0), (60, 4, 61), (50, 9, 0)])
def test_a_stirred_show_is_equal_bit_for_bit(
    model: str, tmp_path: Path, fps: float, errands: int, late: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Knobs, slews, comings and goings, primes, holds, panic, loads, seeded cues, reset, skipped deadlines."""
    wider = msgspec.structs.replace(toy.SPEC, state=(Tensor(input="m", output="m_next", shape=(-1, 5)),))
    wide = str(toy.write(tmp_path / "wide.onnx", wider))
    lines: Lines = {
        10: [("/engine/ctl/temperature", (1.9,)), ("/engine/p1/ctl/x", (3.0,)), ("/engine/ctl/radius", (2.0,))],
        20: [("/engine/ctl/performers", (4,))],
        30: [("/engine/ctl/speed", (2.3,)), ("/engine/p2/ctl/seed", (5,)), ("/engine/ctl/smooth", (6.0,))],
        40: [("/engine/ctl/hold", (1,))],
        44: [("/engine/ctl/performers", (3,))],
        48: [("/engine/cue/go", ("fade",))],
        50: [("/engine/ctl/hold", (0,))],
        55: [("/engine/ctl/prime", (1, 2)), ("/engine/p2/ctl/prime", (0,))],
        60: [("/engine/cue/go", ("solo",))],
        70: [("/engine/model/crossfade", (0.3,)), ("/engine/model/load", (wide,))],
        90: [("/engine/cue/go", ("crowd",))],
        95: [("/engine/model/load", ("nothing.onnx",))],
        100: [("/engine/cue/go", ("more",))],
        120: [("/engine/panic", ())],
        150: [("/engine/reset", ()), ("/engine/ctl/heading", (90.0,))],
        165: [("/engine/ctl/performers", (0,))],
        170: [("/engine/ctl/performers", (2,)), ("/engine/model/load", (model,))],
        190: [("/engine/cue/go", ("end",))],
        200: [("/engine/ctl/run", (1,))],
    }
    show = written(model, *CUES, fps=fps)
    night = play(show, lines, monkeypatch, 250 / fps, errands=errands, late=late)
    numbers = [frame.sequence for frame in night.frames]
    assert (len(numbers) < 250) == bool(late)
    assert numbers == sorted(set(numbers))
    assert sum(isinstance(done, Changed) for done in night.done) >= 4
    check(show, night)


def test_with_rotations_it_is_equal_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.bundled import MODELS

    show = written(str(MODELS / "dance.onnx"), *CUES[:1], fps=60)
    lines: Lines = {20: [("/engine/ctl/temperature", (1.3,))], 30: [("/engine/cue/go", ("fade",))]}
    night = play(show, lines, monkeypatch, 1.2)
    assert night.frames[0].pose.rotations is not None
    check(show, night)


@pytest.mark.parametrize("evening", range(2))
def test_whatever_is_called_in_whatever_order_it_is_equal(
    model: str, evening: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [
        *[("/engine/cue/go", (cue.name,)) for cue in CUES],
        *[("/engine/ctl/performers", (count,)) for count in (0, 1, 3, 20)],
        *[(f"/engine/ctl/{name}", (value,)) for name in ("hold", "run") for value in (0, 1)],
        ("/engine/model/load", (model,)),
        ("/engine/panic", ()),
        ("/engine/reset", ()),
        ("/engine/ctl/prime", (1, 2)),
        ("/engine/p2/ctl/seed", (5,)),
        ("/engine/p1/ctl/x", (3.0,)),
        ("/engine/ctl/speed", (3.0,)),
        ("/engine/model/crossfade", (0.3,)),
    ]
    draw = np.random.default_rng(evening)
    lines: dict[int, list[tuple[str, tuple[object, ...]]]] = {}
    look = 5
    while look < 280:
        lines[look] = [asked[chosen] for chosen in draw.integers(len(asked), size=draw.integers(1, 3))]
        look += int(draw.integers(1, 15))
    show = written(model, *CUES, fps=60)
    night = play(show, lines, monkeypatch, 5, errands=1 + 5 * evening, late=97)  # type: ignore[arg-type]
    check(show, night)
