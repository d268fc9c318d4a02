"""What the ticks of a whole show leave behind and make on the way: no array, no cycle, and nothing that grows."""

import gc
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import path_models
import picture_models
import pytest
import tiny
from counting import counted

from engine import bill, bundled
from engine.assemble import Assembled, assemble
from engine.contracts import Datagrams
from engine.families import frames
from engine.inference.vet import load
from engine.runtime.clock import VirtualClock
from engine.runtime.finish import Finish
from engine.schema.controls import Controls
from engine.schema.frame import F32, Frame, Label, Signal
from engine.schema.show import Act, Output, Screen, Settings, Show, Takes
from engine.transport.udp import UdpSender

TICKS = 1000

FEW = 100
"""Ticks that are enough to see that something would be noticed."""

WARM = 100
"""Ticks in which what is kept from tick to tick is made: an announcement and a report are among them."""

LONG = 3000
"""Ticks after which what is called below keeps no more for later: in the first two minutes it is some hundred blocks of
64 bytes, under calls of kernels that take tuples, whatever the size of the show, and nothing from then on."""

GROWTH = 250
"""Objects more that may be held: one that is kept in every fourth tick would be so many."""

CALM, HALVED = Controls(), Controls(blend=0.5, smooth=2.0)
"""All as it comes; and all filtered, halfway to the neutral pose."""

UNRECORDED = Takes()

DANCE, SIGNS = (bundled.MODELS / f"{name}.onnx" for name in ("dance", "synthetic_signs"))

GLOVES = bundled.GLOVES / "synthetic.csv"

Kinds = tuple[str, ...]

OWN, ALL = ("native",), ("native", "td", "vmc")


class Seen(NamedTuple):
    """What was seen of some ticks.

    Attributes:
        arrays: bytes of each array that was made.
        growth: objects that are held after as many ticks more, in which nobody counts arrays, and were not before.
        cycles: objects that only a garbage collection gave back.
        sent: datagrams.
    """

    arrays: list[int]
    growth: int
    cycles: int
    sent: int


class Watch(VirtualClock):
    """A clock that does something at some deadlines."""

    def __init__(self) -> None:
        super().__init__()
        self.deadlines, self.at = 0, dict[int, Callable[[], None]]()

    def sleep_until_ns(self, deadline: int) -> None:
        super().sleep_until_ns(deadline)
        self.deadlines += 1
        self.at.get(self.deadlines, _nothing)()


def _nothing() -> None:
    return


@pytest.fixture(autouse=True)
def _uncollected() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many datagrams have left, in place of a network."""
    total = [0]

    def send(_sender: UdpSender, datagrams: Datagrams) -> int:
        total[0] += len(datagrams)
        return len(datagrams)

    monkeypatch.setattr(UdpSender, "send", send)
    return total


def show(
    clock: Watch,
    kinds: Kinds,
    fps: int,
    performers: int,
    controls: Controls,
    takes: Takes = UNRECORDED,
    beside: tuple[Act, ...] = (),
    model: Path = DANCE,
) -> Assembled:
    """The bundled dancer, which steps at 30 frames per second, for these receivers; and who plays beside it."""
    act = Act(model=str(model), performers=performers, device="cpu", controls=controls)
    outputs = tuple(Output(kind=kind, host="127.0.0.1", port=9000 + 100 * at) for at, kind in enumerate(kinds))
    settings = Settings(seed=3, control=0, oscquery=0, fps=fps)
    pictures = any(bill.part_of(each.model) == "images" for each in beside)
    screens = (Screen(kind="shm", host=f"test-{os.getpid()}"),) if pictures else ()
    written = Show(settings=settings, acts=(act, *beside), outputs=outputs, screens=screens, takes=takes)
    return assemble(written, clock=clock, say=list[str]().append)


def played(
    sent: list[int],
    kinds: Kinds = OWN,
    fps: int = 30,
    performers: int = 1,
    controls: Controls = CALM,
    *,
    warm: int = WARM,
    ticks: int = TICKS,
    more: int = 0,
    takes: Takes = UNRECORDED,
    beside: tuple[Act, ...] = (),
    model: Path = DANCE,
) -> Seen:
    """Play a show, and look at what its ticks do once it is warm; what stays held is counted in `more` ticks.

    Before that is counted, a collection gives back the tuples that Python keeps for later, 2000 of a length.
    """
    clock, stop = Watch(), threading.Event()
    assembled = show(clock, kinds, fps, performers, controls, takes, beside, model)
    stage = assembled.stage
    counting, found = ExitStack(), dict[str, int]()
    arrays = list[int]()

    def begin() -> None:
        nonlocal arrays
        gc.collect()
        found.update(sent=sent[0])
        arrays = counting.enter_context(counted())

    def turn() -> None:
        counting.close()
        found.update(cycles=gc.collect(), left=sent[0] - found["sent"], held=sys.getallocatedblocks())

    def end() -> None:
        if not more:
            turn()
        gc.collect()
        found.update(growth=sys.getallocatedblocks() - found["held"])
        stop.set()

    turns = range(1, warm + ticks, 3) if takes.record else ()
    clock.at = {
        **dict.fromkeys(turns, assembled.recording.turn),
        warm: begin,
        warm + ticks: turn,
        warm + ticks + more: end,
    }
    stage.prime()
    stage.play(stop)
    stage.close()
    return Seen(arrays, found["growth"], found["cycles"], found["left"])


@pytest.mark.parametrize(
    ("kinds", "controls", "fps", "performers"),
    [(OWN, CALM, 30, 16), (OWN, CALM, 60, 1), (ALL, CALM, 30, 1), (ALL, CALM, 60, 16), (ALL, HALVED, 60, 2)],
)
def test_a_thousand_ticks_make_no_array_and_no_cycle(
    sent: list[int], kinds: Kinds, controls: Controls, fps: int, performers: int
) -> None:
    seen = played(sent, kinds, fps, performers, controls)
    assert seen.sent >= TICKS * performers * len(kinds)
    assert seen.arrays == []
    assert seen.cycles == 0


@pytest.mark.parametrize("performers", [1, 16])
def test_a_show_that_is_recorded_makes_none_either(sent: list[int], tmp_path: Path, performers: int) -> None:
    """Nor does what is written, which is done here between the frames."""
    takes = Takes(folder=str(tmp_path), record=True)
    seen = played(sent, OWN, 60, performers, takes=takes)
    assert seen.arrays == []
    assert seen.cycles == 0
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("kinds", "fps", "performers", "controls"), [(OWN, 30, 1, CALM), (OWN, 30, 16, CALM), (ALL, 60, 2, HALVED)]
)
def test_nothing_grows(sent: list[int], kinds: Kinds, fps: int, performers: int, controls: Controls) -> None:
    assert played(sent, kinds, fps, performers, controls, warm=LONG, more=TICKS).growth < GROWTH


@pytest.mark.parametrize(
    ("made", "source"), [(picture_models.latents_model, "bodies"), (picture_models.frames_model, None)]
)
def test_pictures_make_no_array_and_no_cycle_and_nothing_grows(
    sent: list[int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    made: Callable[[Path], Path],
    source: str | None,
) -> None:
    monkeypatch.setattr(frames, "ALONE", 1e6)  # a beginning is chosen with an array or two, as one of a dancer is
    act = Act(model=str(made(tmp_path / "pictures.onnx")), device="cpu", source=source)
    seen = played(sent, beside=(act,), warm=LONG, more=TICKS)
    assert seen.arrays == []
    assert seen.cycles == 0
    assert seen.growth < GROWTH


def telling(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have each frame tell of signs and paths, and every hundredth of a sign that was recognised."""
    whole, label = Finish.apply, Label("think", 0.5, 4)
    signals = (
        Signal("sign/probabilities", np.full(95, 1 / 95, np.float32)),
        *(Signal(f"p{number}/path", np.zeros(2, np.float32), number) for number in (1, 2)),
    )

    def apply(self: Finish, frame: Frame, shares: F32) -> Frame:
        labels = (label,) if frame.sequence % 100 == 0 else ()
        return whole(self, frame, shares)._replace(signals=signals, labels=labels)

    monkeypatch.setattr(Finish, "apply", apply)


def test_signals_and_labels_make_no_array_and_no_cycle(sent: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    telling(monkeypatch)
    kinds = ("native", "td")
    seen = played(sent, kinds, ticks=TICKS // 4)
    assert seen.sent >= TICKS // 4 * 2 * len(kinds)
    assert seen.arrays == []
    assert seen.cycles == 0


def test_paths_make_no_array_and_no_cycle(sent: list[int], tmp_path: Path) -> None:
    """Of bodies between two frames of their model, and of pictures likewise."""
    found = load(DANCE)
    last = len(found.spec.state) - 2
    on_map = path_models.arrays(found.spec.state[last].shape[-1], (32, 3), (last,))
    dance = tiny.save(onnx.load(DANCE), tmp_path / "dance.onnx", found.spec, {**found.arrays, **on_map})
    width = picture_models.latent_weights(8).layers[0].recurrent.shape[1]
    film = picture_models.latents_model(tmp_path / "film.onnx", **path_models.arrays(width))
    beside = (Act(name="film", model=str(film), device="cpu"),)
    seen = played(sent, OWN, 60, 2, beside=beside, model=dance)
    assert seen.sent >= TICKS * (2 + 4)  # two bodies; the paths of two acts and two performers
    assert seen.arrays == []
    assert seen.cycles == 0


def test_signs_that_are_read_make_no_array_and_no_cycle_and_nothing_grows(sent: list[int]) -> None:
    gloves = Act(name="hands", model=str(SIGNS), device="cpu", source=str(GLOVES), loop=True)
    seen = played(sent, beside=(gloves,), warm=LONG, ticks=TICKS // 4, more=TICKS)
    assert seen.arrays == []
    assert seen.cycles == 0
    assert seen.growth < GROWTH


def spoilt(monkeypatch: pytest.MonkeyPatch, spoil: Callable[[], object]) -> None:
    """Have each tick do something that it should not."""
    whole = Finish.apply

    def apply(self: Finish, frame: Frame, shares: F32) -> Frame:
        spoil()
        return whole(self, frame, shares)

    monkeypatch.setattr(Finish, "apply", apply)


@pytest.mark.parametrize("shape", [(0,), (), (2,), (64, 20, 3)])
def test_one_array_for_a_tick_would_be_noticed_whatever_its_size(
    sent: list[int], monkeypatch: pytest.MonkeyPatch, shape: tuple[int, ...]
) -> None:
    spoilt(monkeypatch, lambda: np.zeros(shape))
    assert played(sent, ticks=FEW).arrays == [max(1, 8 * int(np.prod(shape)))] * FEW


def test_what_a_tick_keeps_would_be_noticed(sent: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[object] = []
    spoilt(monkeypatch, lambda: kept.append(object()))
    assert played(sent, warm=LONG, more=TICKS).growth >= TICKS


def test_a_cycle_that_a_tick_makes_would_be_noticed(sent: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    def turn() -> None:
        ring: list[object] = []
        ring.append(ring)

    spoilt(monkeypatch, turn)
    assert played(sent, ticks=FEW).cycles == FEW
