import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import sign_models
from sign_models import FPS, WORDS

from engine.controls.gloves import Sent
from engine.controls.news import News, Outlet
from engine.inference.vet import load
from engine.open_signs import open_signs
from engine.runtime.bodiless import NOBODY
from engine.runtime.gloves import Gloves
from engine.runtime.reading import Reading, steps
from engine.schema.controls import Controls
from engine.schema.frame import F32, Frame, Label, Signal
from engine.schema.show import Glove
from engine.sign_act import SignAct

FRAMES = 50
"""Frames per second."""

PLAIN = Glove()

Sends = Callable[["Rig"], object]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sign_models.signs_model(tmp_path_factory.mktemp("signs") / "tiny.onnx")


def opened(model: Path) -> SignAct:
    return open_signs(load(model), device="cpu")


class Rig:
    """Reads what is sent, frame by frame."""

    def __init__(self, act: SignAct, glove: Glove = PLAIN) -> None:
        self.refused: list[float] = []
        self.gloves = Gloves(glove.rate or FPS, most=64, refused=self.refused.append)
        self.outlet, self.words = Outlet(), list[str]()
        self.reading = Reading(
            act,
            self.gloves,
            name="hands",
            glove=glove,
            root="/engine",
            fps=FRAMES,
            outlet=self.outlet,
            called=self.words.append,
        )
        self.number = 0
        self.frames: list[Frame] = []

    def send(self, samples: F32 | Sequence[Sequence[float]], rate: float = FPS) -> None:
        """Samples at a rate, in time."""
        first, sent = self.number, 0
        while sent < len(samples):
            due = min(int((self.number - first + 1) * rate / FRAMES), len(samples))
            for sample in samples[sent:due]:
                self.gloves.hear(Sent(tuple(map(float, sample))))
            sent = due
            self.frame()

    def frame(self, *, hold: bool = False) -> Frame:
        frame = Frame(self.number, round(1000 * self.number / FRAMES), NOBODY, (), ())
        self.frames.append(self.reading.frame(frame, hold=hold))
        self.number += 1
        return self.frames[-1]

    def wait(self, seconds: float, *, hold: bool = False) -> None:
        for _ in range(round(seconds * FRAMES)):
            self.frame(hold=hold)

    @property
    def labels(self) -> list[Label]:
        return [label for frame in self.frames for label in frame.labels]

    @property
    def told(self) -> list[str]:
        return [label.word for label in self.labels]


@pytest.fixture
def rig(model: Path) -> Rig:
    return Rig(opened(model))


def test_signs_are_told_once_each_with_a_frame_the_outlet_and_who_calls_cues(rig: Rig) -> None:
    rig.send(sign_models.stream(WORDS))
    assert rig.told == rig.words == [*WORDS]
    assert [label.number for label in rig.labels] == [0, 1, 2, 3, 4]
    news, _ = rig.outlet.take()
    assert news == [News("/engine/sign/label", (label.word, label.certainty), event=True) for label in rig.labels]
    assert all(label.certainty > 0.9 for label in rig.labels)


def test_each_frame_says_how_likely_each_sign_is_as_the_act_has_it(model: Path, rig: Rig) -> None:
    act, samples = opened(model), sign_models.stream(WORDS[:2])
    for number in range(0, len(samples), 2):
        rig.send(samples[number : number + 2])
        for sample in samples[number : number + 2]:
            act.sample(sample, Controls())
        (signal,) = rig.frames[-1].signals
        assert signal.name == "sign/probabilities"
        assert (signal.values == act.probabilities).all()
    act.close()


def test_signals_and_labels_stand_behind_those_that_a_frame_has(rig: Rig) -> None:
    mine, theirs = Label("other", 1.0, 0), Signal("dance/path", np.zeros(2, np.float32))
    frame = Frame(0, 0, NOBODY, (), (), signals=(theirs,), labels=(mine,))
    made = rig.reading.frame(frame, hold=False)
    assert [signal.name for signal in made.signals] == ["dance/path", "sign/probabilities"]
    assert made.labels == (mine,)


def test_hands_that_send_no_more_have_ended_their_sign(rig: Rig) -> None:
    rig.send(np.concatenate([sign_models.resting(40), sign_models.sign("boat")]))
    assert rig.told == []
    rig.wait(0.5)
    assert rig.told == ["boat"]


def test_who_says_that_a_sign_is_over_need_not_wait(rig: Rig) -> None:
    rig.send(np.concatenate([sign_models.resting(40), sign_models.sign("boat")]))
    rig.gloves.rest()
    rig.frame()
    assert rig.told == ["boat"]
    rig.gloves.rest()
    rig.wait(1)
    assert rig.told == ["boat"]


def test_channels_that_are_sent_in_another_order_and_unit_are_read_all_the_same(model: Path) -> None:
    order = (13, 12, 11, 2, 1, 0)
    rig = Rig(opened(model), Glove(channels=order, scale=(0.001,), offset=(0.5,)))
    rig.send((sign_models.stream(WORDS)[:, order] - 0.5) * 1000)
    assert rig.told == [*WORDS]


@pytest.mark.parametrize("rate", [50, 60, 75, 200])
def test_gloves_of_another_rate_are_read_all_the_same(model: Path, rate: float) -> None:
    rig = Rig(opened(model), Glove(rate=rate))
    samples = sign_models.stream(WORDS)
    times = np.arange(0, len(samples) / FPS, 1 / rate)
    resampled = np.stack([np.interp(times, np.arange(len(samples)) / FPS, column) for column in samples.T], axis=1)
    rig.send(resampled, rate)
    assert rig.told == [*WORDS]
    assert rig.refused == []
    assert abs(rig.reading.counters.act.samples - len(samples)) <= 3


def _late(rig: Rig) -> None:
    for number in (7, 7, 3):
        rig.gloves.hear(Sent(tuple(sign_models.MEAN.tolist()), number))


@pytest.mark.parametrize(
    "harm",
    [
        lambda rig: rig.gloves.refuse(),
        lambda rig: rig.gloves.rest(),
        _late,
        lambda rig: rig.gloves.hear(Sent((math.nan,) * len(sign_models.MEAN))),
        lambda rig: [rig.gloves.hear(Sent(tuple(sign_models.MEAN.tolist()))) for _ in range(1000)],
        lambda rig: (rig.gloves.hear(Sent((1e38,) * len(sign_models.MEAN))), rig.gloves.rest()),
    ],
    ids=["bad", "rest", "late", "nan", "flood", "huge"],
)
def test_after_whatever_came_the_next_sign_is_told_as_without(model: Path, harm: Sends) -> None:
    found = []
    for harmed in (False, True):
        rig = Rig(opened(model))
        rig.send(sign_models.resting(40))
        if harmed:
            harm(rig)
            rig.wait(0.5)
        told = len(rig.labels)
        rig.wait(1)
        rig.send(sign_models.stream(["drum"]))
        found.append(rig.labels[told:])
    assert found[0] == found[1]
    assert [label.word for label in found[1]] == ["drum"]


def test_a_number_that_is_missing_in_a_sign_is_held(rig: Rig) -> None:
    samples = sign_models.stream(["cloud"])
    samples[::7, 5] = math.nan
    rig.send(samples)
    assert rig.told == ["cloud"]
    assert rig.reading.counters.held == len(samples[::7])


def test_a_hold_reads_nothing_and_time_stands_still(rig: Rig) -> None:
    samples = np.concatenate([sign_models.resting(40), sign_models.sign("boat")])
    rig.send(samples[:70])
    rig.wait(2, hold=True)
    rig.send(np.concatenate([samples[70:], sign_models.resting(40)]))
    assert rig.told == ["boat"]
    assert rig.reading.counters.heard.passed == 0


def test_a_sign_in_which_hands_go_on_while_the_show_is_held_is_not_told(rig: Rig) -> None:
    rig.send(np.concatenate([sign_models.resting(40), sign_models.sign("boat")[:55]]))
    before = rig.frames[-1].signals[0].values.copy()
    rig.gloves.hear(Sent((9.0,) * len(sign_models.MEAN)))
    rig.wait(2, hold=True)
    assert (rig.frames[-1].signals[0].values == before).all()
    rig.send(sign_models.resting(40))
    rig.wait(1)
    assert rig.told == []
    assert rig.reading.counters.heard.passed == 1
    rig.send(sign_models.stream(["drum"]))
    assert rig.told == ["drum"]


def test_a_show_that_stops_in_a_sign_forgets_it_and_leaves_its_signals_as_they_were(rig: Rig) -> None:
    rig.send(np.concatenate([sign_models.resting(40), sign_models.sign("boat")[:55]]))
    before = rig.frames[-1].signals[0].values.copy()
    rig.reading.steer(Controls(run=0))
    rig.send(sign_models.stream(["apple"]))
    rig.reading.steer(Controls())
    rig.wait(1)
    assert rig.told == []
    assert (rig.frames[-1].signals[0].values == before).all()
    assert before.max() > 0.5


def test_a_show_that_does_not_run_tells_no_sign(rig: Rig) -> None:
    rig.reading.steer(Controls(run=0))
    rig.send(sign_models.stream(WORDS))
    assert rig.told == []
    assert len(set(rig.frames[-1].signals[0].values.tolist())) == 1
    assert rig.reading.counters.unread == len(sign_models.stream(WORDS))
    rig.reading.steer(Controls())
    rig.send(sign_models.stream(["drum"]))
    assert rig.told == ["drum"]


def test_a_sign_that_is_not_certain_enough_is_not_told(rig: Rig) -> None:
    rig.reading.steer(Controls(certainty=1.0))
    rig.send(sign_models.stream(WORDS[:2]))
    assert rig.told == rig.words == []
    assert rig.reading.counters.act.unsure == 2


def test_a_beginning_is_that_of_the_show(rig: Rig) -> None:
    samples = np.concatenate([sign_models.resting(40), sign_models.sign("boat")])
    rig.send(samples)
    rig.reading.begin(1)
    rig.wait(1)
    assert rig.told == []
    assert len(set(rig.frames[-1].signals[0].values.tolist())) == 1


def test_another_act_takes_over_with_the_next_frame_and_nothing_is_counted_twice(model: Path, tmp_path: Path) -> None:
    first, second = opened(model), opened(sign_models.signs_model(tmp_path / "b.onnx", words=("a", "b", "c", "d", "e")))
    second.sample(second.mean, Controls())
    rig = Rig(first)
    rig.send(sign_models.stream(["apple"]))
    rig.reading.change(second)
    rig.send(sign_models.stream(["apple"]))
    assert rig.told == ["apple", "a"]
    assert rig.reading.act is second
    assert rig.reading.changes == 1
    assert rig.reading.retired() == [first]
    counted = rig.reading.counters
    assert (counted.act.samples, counted.act.signs) == (2 * len(sign_models.stream(["apple"])), 2)
    assert "2 told" in counted.line()
    rig.reading.close()


def test_a_frame_has_time_for_so_many_steps() -> None:
    assert (steps(100, 60), steps(100, 1), steps(1000, 30)) == (64, 400, 134)


def test_a_frame_that_is_late_brings_what_came_meanwhile(rig: Rig) -> None:
    samples = sign_models.stream(["echo"])
    for begin in range(0, len(samples), 30):
        for sample in samples[begin : begin + 30]:
            rig.gloves.hear(Sent(tuple(sample.tolist())))
        rig.number += 14
        rig.frame()
    assert rig.told == ["echo"]
