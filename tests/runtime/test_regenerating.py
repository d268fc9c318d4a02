"""Shows in virtual time, played again from their journals: equal bit for bit."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import pytest
import toy
from scripted import Lines, Said, Script, at_random, kept
from test_night import written

from engine import assemble, steer
from engine.bundled import MODELS
from engine.inference.vet import load
from engine.motion.solve import Solver
from engine.runtime.bodiless import NOBODY
from engine.runtime.clock import VirtualClock
from engine.runtime.journal import Changed, Done, Journal, Reserved, Shown, Steered, Stood
from engine.runtime.likeness import difference
from engine.runtime.regenerating import Regenerated, pages
from engine.runtime.target import Target
from engine.schema.errors import DataError
from engine.schema.frame import Frame
from engine.schema.model import Tensor
from engine.schema.show import Cue, Performer, Prime, Show
from engine.streams import Streams
from engine.takes.values import Entry


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
        stage = assemble.assemble(show, clock=Slow(late), say=list[str]().append, seconds=seconds).stage
        script.errands = stage.run_errands
        stage.prime()
        stage.play(threading.Event())
        stage.close()
    assert stage._journal.complete
    return Night(frames, tuple(stage._journal.history))


def again(show: Show, night: Night) -> list[Frame]:
    """The frames of a show from its journal."""
    fps = show.settings.fps or 30
    streams = Streams(show, show.acts[0], fps, None)
    first = load(show.acts[0].model)
    assert first.spec.skeleton is not None
    regenerated = Regenerated(
        lambda: night.journal,
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


@pytest.mark.parametrize(("fps", "errands", "late"), [(30, 1, 0), (50, 4, 61)])
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
    show = written(str(MODELS / "dance.onnx"), *CUES[:1], fps=60)
    lines: Lines = {20: [("/engine/ctl/temperature", (1.3,))], 30: [("/engine/cue/go", ("fade",))]}
    night = play(show, lines, monkeypatch, 1.2)
    assert night.frames[0].pose.rotations is not None
    check(show, night)


@pytest.mark.parametrize("evening", range(2))
def test_whatever_is_called_in_whatever_order_it_is_equal(
    model: str, evening: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Said] = [
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
    lines = at_random(asked, evening, 280)
    show = written(model, *CUES, fps=60)
    night = play(show, lines, monkeypatch, 5, errands=1 + 5 * evening, late=97)
    check(show, night)


def test_a_frame_in_which_nothing_is_done_is_no_page() -> None:
    journal, shares = Journal(), np.ones(256, np.float32)
    for sequence in range(100):
        assert journal.frame(sequence, hold=False, smooth=0.0, shares=shares) == sequence
    ((tick, page),) = pages(journal.history)
    assert (tick, page.done) == (0, (Shown(0, False, 0.0, ((256, 1.0),)),))
    journal.frame(102, hold=False, smooth=0.0, shares=shares.copy())
    journal.frame(103, hold=False, smooth=0.0, shares=shares.copy())
    assert [tick for tick, _ in pages(journal.history)] == [0, 100]


def test_a_knob_of_the_act_that_moves_is_written_once_for_everybody() -> None:
    journal, shares = Journal(), np.ones(256, np.float32)
    for number in range(1, 9):
        journal.write(Steered(stream=0, numbers=(number,), controls={"temperature": 0.1 + 0.2}))
    journal.write(Steered(stream=0, numbers=(1,), controls={"sigma": 0.5}))
    journal.frame(0, hold=False, smooth=0.0, shares=shares)
    ((_, page),) = pages(journal.history)
    assert page.done[:2] == (
        Steered(stream=0, numbers=(1, 2, 3, 4, 5, 6, 7, 8), controls={"temperature": 0.30000000000000004}),
        Steered(stream=0, numbers=(1,), controls={"sigma": 0.5}),
    )


def test_a_journal_that_grows_too_long_is_dropped_and_goes_on_telling() -> None:
    journal, shares, heard = Journal(most=2000), np.ones(256, np.float32), list[Entry]()
    journal.listener = heard.append
    for sequence in range(100):
        journal.write(Reserved(stream=0, number=sequence))
        journal.frame(sequence, hold=False, smooth=0.0, shares=shares)
    assert (journal.complete, len(journal.history), len(heard)) == (False, 0, 100)
    assert [page.number for _, page in pages(heard)] == list(range(100))


def test_numbers_survive_to_the_last_bit() -> None:
    journal, shares = Journal(), np.linspace(0, 1, 256, dtype=np.float32)
    root = tuple(np.float32(1 / number).item() for number in range(3, 10))
    journal.write(Stood(stream=0, number=1, root=root))
    journal.frame(7, hold=True, smooth=1 / 3, shares=shares)
    ((_, page),) = pages(journal.history)
    stood, shown = page.done
    assert isinstance(stood, Stood)
    assert isinstance(shown, Shown)
    assert stood.root == root
    assert (np.array([share for _, share in shown.shares], np.float32) == shares).all()
    assert (shown.sequence, shown.hold, shown.smooth) == (7, True, 1 / 3)


@pytest.mark.parametrize(
    ("done", "found"),
    [
        ('["join",0,0,1,1,[0,0,0],{"temperature":9.0},null]', "temperature 9"),
        ('["join",0,0,1,1,[0,0,0],{"speed":[1.0]},null]', "speed"),
        ('["change",3,0,1.0,"smooth"]', "stream 3, which nobody made"),
        ('["leave",0,0,1]', "performer 1 does not play"),
        ('["leave",0,900000000000,1]', "frames that nobody saw"),
        ('["show",0,false,0.0,[[100000000000,1.0]]]', "shares"),
        ('["stand",0,0,1,[0.0]]', "a place of 1 numbers"),
        ('["stand",0,0,1,[1e300,0,0,0,0,0,1]]', "overflow"),
        ('["show",0,false,0.0,[[256,-1e300]]]', "overflow"),
        ('["show",0,false,-1.0,[[256,1.0]]]', "smooth -1"),
        ('["show",-5,false,0.0,[[256,1.0]]]', "frame -5 again"),
        ('["jump",0]', "Invalid value 'jump'"),
    ],
)
def test_what_cannot_be_done_is_refused(model: str, done: str, found: str) -> None:
    made = f'["made",0,0,"{model}",""]'
    night = Night([Frame(0, 0, NOBODY, (), ())], (Entry(0, f"[0,[{made},{done}]]".encode()),))
    with pytest.raises(DataError, match=found):
        again(written(model), night)


def test_a_missing_page_is_told(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    night = play(written(model), {5: [("/engine/ctl/temperature", (1.5,))]}, monkeypatch, 1)
    with pytest.raises(DataError, match="page 1 where page 0 follows; expected every page"):
        again(written(model), night._replace(journal=night.journal[1:]))


def test_another_frame_is_seen(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    night = play(written(model), {}, monkeypatch, 0.2)
    frame = night.frames[-1]
    assert difference(frame, kept(frame)) == ""
    for change in (frame.pose.positions, frame.pose.root):
        other = kept(frame)
        array = next(each for each in other.pose[:2] if each is not None and each.shape == change.shape)
        array[1, 0] = np.nextafter(array[1, 0], np.float32(9))
        assert "of performer 2 differ by up to" in difference(frame, other)
    assert difference(frame, frame._replace(sequence=1)).startswith("sequence ")
