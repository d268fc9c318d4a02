"""What a tick leaves behind and makes on the way: nothing that is an array, and nothing that grows."""

import gc
import tracemalloc
from collections.abc import Iterator

import numpy as np
import pytest

from engine import bundled, plugins
from engine.act import Act
from engine.inference.onnx_model import OnnxModel
from engine.inference.vet import load
from engine.outputs.native import Native
from engine.priming import warm
from engine.runtime.cadence import Cadence

TICKS = 1000

WARM = 30
"""Ticks in which what is kept from tick to tick is made."""

GROWTH = 2048
"""Bytes that Python's own small objects may come to, such as the digits of a count; one float32 for each performer and
tick would be 4000."""

SMALLEST = 32
"""Bytes by which 64 performers' ticks may differ from one's: half of an array of one byte for each of them."""

OBJECTS = 4096
"""Bytes of Python's own objects that a tick may hold at once: frames, tuples, numbers."""

ARRAYS = (tracemalloc.DomainFilter(inclusive=True, domain=np.lib.tracemalloc_domain),)


class Bin:
    """A sender that sends nothing."""

    def __init__(self) -> None:
        self.sent = 0

    def send(self, datagrams: object) -> int:
        self.sent += len(datagrams)  # type: ignore[arg-type]
        return self.sent


class Show:
    """The bundled dancer from the tick to the datagram."""

    def __init__(self, performers: int) -> None:
        loaded = load(bundled.MODELS / "dance.onnx")
        numbers = tuple(range(1, performers + 1))
        family = plugins.family("dance")(loaded, performers)
        primes = warm(lambda batch: OnnxModel(loaded, batch), family, loaded.arrays["primes"].astype(np.float32))
        self.act = Act(
            OnnxModel(loaded, performers), family, seed=3, primes=primes, freeze_speed=0.0, performers=numbers
        )
        self.cadence = Cadence(self.act.skeleton, model_fps=30.0, fps=30.0)
        self.output, self.sender, self.frames = Native(loaded.spec, numbers), Bin(), 0

    def play(self, frames: int) -> None:
        for _ in range(frames):
            frame = self.cadence.frame(self.act.tick, self.frames, 0)
            self.sender.send(self.output.datagrams(frame))
            self.frames += 1


@pytest.fixture
def traced() -> Iterator[None]:
    gc.collect()
    gc.disable()
    tracemalloc.start()
    yield
    tracemalloc.stop()
    gc.enable()


def held() -> tuple[int, int]:
    """Bytes that are held, and those of arrays among them."""
    snapshot = tracemalloc.take_snapshot()
    arrays = snapshot.filter_traces(ARRAYS)
    return tracemalloc.get_traced_memory()[0], sum(trace.size for trace in arrays.traces)


def peaks(show: Show, ticks: int) -> list[int]:
    """By tick, the bytes that were held at once beyond those held before it."""
    found = []
    for _ in range(ticks):
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        show.play(1)
        found.append(tracemalloc.get_traced_memory()[1] - before)
    return found


@pytest.mark.usefixtures("traced")
@pytest.mark.parametrize("performers", [1, 16])
def test_a_thousand_ticks_hold_no_more_than_one(performers: int) -> None:
    show = Show(performers)
    show.play(WARM)
    show.act.start(1)  # what a performer who begins again needs is made once too
    show.play(WARM)
    before, arrays = held()
    show.play(TICKS)
    after, arrays_after = held()
    assert arrays_after == arrays
    assert after - before < GROWTH


@pytest.mark.usefixtures("traced")
def test_a_tick_makes_no_array() -> None:
    """None that holds 28 bytes or more for each performer: it would stand out from what one performer's tick takes."""
    one, many = Show(1), Show(64)
    for show in (one, many):
        show.play(WARM)
    alone, together = (max(peaks(show, 100)) for show in (one, many))
    assert together <= alone + SMALLEST
    assert alone < OBJECTS
