"""Shows with an act that reads signs, from the file to what leaves, in virtual time."""

import csv
import math
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import sign_models
import toy
from scripted import Lines, Said, Script
from sign_models import CHANNELS, WORDS

from engine import assemble, faults, programme, steer
from engine.runtime.clock import VirtualClock
from engine.runtime.steering import Steering
from engine.runtime.target import Target
from engine.schema.controls import Controls
from engine.schema.errors import ConfigError
from engine.schema.frame import F32, Label
from engine.schema.show import SIGN, Act, Cue, Glove, Output, Settings, Show

FPS = 50
GLOVE = "/engine/in/glove"


class Moment(NamedTuple):
    """What a frame told."""

    labels: tuple[Label, ...]
    probabilities: list[float]
    signals: tuple[str, ...]
    performers: tuple[int, ...]
    root: bytes


class Evening(NamedTuple):
    frames: list[Moment]
    said: list[str]
    cue: str
    called: list[tuple[int, str]]
    made: assemble.Assembled

    @property
    def told(self) -> list[str]:
        return [label.word for frame in self.frames for label in frame.labels]

    @property
    def at(self) -> list[int]:
        """Numbers of the frames that tell a sign."""
        return [number for number, frame in enumerate(self.frames) if frame.labels]


def written(*acts: Act, cues: Sequence[Cue] = (), **settings: Any) -> Show:
    return Show(
        settings=Settings(**{"fps": FPS, "seed": 7, "oscquery": 0, "go_gap": 0.0, **settings}),
        acts=acts,
        outputs=(Output(kind="native", port=9),),
        screens=(),
        cues=tuple(cues),
    )


def play(show: Show, monkeypatch: pytest.MonkeyPatch, lines: Lines | None = None, seconds: float = 4) -> Evening:
    script, frames, said, called = Script(lines or {}), list[Moment](), list[str](), list[tuple[int, str]]()

    def load(_: Target, frame: Any) -> None:
        signals = {signal.name: signal.values.tolist() for signal in frame.signals}
        moment = (frame.labels, signals.get("sign/probabilities", []), tuple(signals), frame.performers)
        frames.append(Moment(*moment, frame.pose.root.tobytes()))
        if (cue := made.stage._steering.cue) and cue != (called[-1][1] if called else ""):
            called.append((len(frames) - 1, cue))

    with monkeypatch.context() as patched:
        patched.setattr(steer, "Listener", lambda *_, **__: script)
        patched.setattr(Target, "load", load)
        made = assemble.assemble(show, clock=VirtualClock(), say=said.append, seconds=seconds)
        script.errands = made.stage.run_errands
        made.stage.prime()
        made.stage.play(threading.Event())
        made.stage.close()
    return Evening(frames, said, made.stage._steering.cue, called, made)


def sent(samples: F32, begin: int = 0, rate: int = 100) -> dict[int, Sequence[Said]]:
    """Samples before each frame, as they come at a rate."""
    lines: dict[int, list[Said]] = {}
    for number, sample in enumerate(samples.tolist()):
        lines.setdefault(begin + number * FPS // rate, []).append((GLOVE, tuple(sample)))
    return {frame: tuple(said) for frame, said in lines.items()}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(sign_models.signs_model(tmp_path_factory.mktemp("signs") / "tiny.onnx"))


def reads(model: str, **changes: Any) -> Act:
    return Act(**{"model": model, "device": "cpu", "name": "hands", **changes})


def test_signs_over_osc_are_told_each_once(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    samples = sign_models.stream(WORDS[:3])
    evening = play(written(reads(model)), monkeypatch, sent(samples))
    assert evening.told == [*WORDS[:3]]
    assert len(evening.frames) == 4 * FPS
    assert all(frame.signals == ("sign/probabilities",) and frame.performers == () for frame in evening.frames)
    assert all(abs(sum(frame.probabilities) - 1) < 1e-5 for frame in evening.frames)
    assert evening.made.signs is not None
    assert evening.made.signs.reading.counters.act.samples == len(samples)
    assert evening.made.stage.summary().requests.bad == 0


def test_a_sign_calls_its_cue_with_the_frame_after_its_own(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cues = [Cue(name="calm"), Cue(name="storm", sign="boat", controls={"sign/certainty": 0.25}, transition=0)]
    evening = play(written(reads(model), cues=cues), monkeypatch, sent(sign_models.stream(("apple", "boat", "drum"))))
    assert evening.called == [(evening.at[1] + 1, "storm")]
    steering = evening.made.stage._steering
    assert isinstance(steering, Steering)
    assert steering._board.value("certainty", SIGN) == 0.25


def test_a_sign_that_is_told_again_within_the_gap_calls_its_cue_once(
    model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cues = [Cue(name="storm", sign="boat")]
    lines = sent(sign_models.stream(("boat", "boat")))
    for gap, ignored in ((0.5, 0), (3.0, 1)):
        evening = play(written(reads(model), cues=cues, go_gap=gap), monkeypatch, lines)
        assert evening.told == ["boat", "boat"]
        assert evening.made.stage.summary().refused.cues == ignored


BAD: dict[str, Said] = {
    "21": (GLOVE, (0.5,) * 21),
    "23": (GLOVE, (0.5,) * 23),
    "none": (GLOVE, ()),
    "text": (GLOVE, ("x", *(0.5,) * 21)),
    "pattern": ("/engine/in/glov?", (0.5,) * 22),
    "rest by a pattern": ("/engine/in/glove/*", ()),
    "rest that is released": (f"{GLOVE}/rest", (0,)),
}


@pytest.mark.parametrize("bad", [*BAD.values()], ids=[*BAD])
def test_what_is_no_sample_changes_nothing(bad: Said, model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = sent(sign_models.stream(("cloud", "echo")))
    plain = play(written(reads(model)), monkeypatch, lines, seconds=3)
    harmed = play(written(reads(model)), monkeypatch, {at: (bad, *said) for at, said in lines.items()}, seconds=3)
    assert harmed.frames == plain.frames
    assert plain.told == ["cloud", "echo"]
    requests = harmed.made.stage.summary().requests
    assert requests.bad + requests.unknown == (0 if bad[1] == (0,) else len(lines))
    assert harmed.made.signs is not None
    assert harmed.made.signs.reading.counters.heard.bad == (len(lines) if bad[0] == GLOVE else 0)


def _blind(said: Said, at: int, channels: Sequence[int]) -> Said:
    """A numbered sample in which some channels are missing, but for each third frame."""
    address, (number, *values) = said
    return address, (number, *(None if each in channels and at % 3 else value for each, value in enumerate(values)))


def test_samples_out_of_order_and_without_a_number_in_a_channel_change_nothing(
    model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = sign_models.stream(("cloud", "echo"))
    held = [*range(6, 11)]  # of channels that do not move
    numbered: Lines = {
        at: [(GLOVE, (2 * at + each, *arguments)) for each, (_, arguments) in enumerate(said)]
        for at, said in sent(samples).items()
    }
    wild = {
        at: [*(_blind(each, at, held) for each in said), (GLOVE, (at, *(9.0,) * 22))] for at, said in numbered.items()
    }
    plain = play(written(reads(model)), monkeypatch, numbered, seconds=3)
    harmed = play(written(reads(model)), monkeypatch, wild, seconds=3)
    assert harmed.frames == plain.frames
    assert plain.told == ["cloud", "echo"]
    assert harmed.made.signs is not None
    counted = harmed.made.signs.reading.counters
    assert counted.heard.late == len(numbered)
    assert counted.held > 0


def test_a_rate_that_is_wrong_is_said_in_one_line(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    samples = sign_models.resting(400)
    evening = play(written(reads(model)), monkeypatch, sent(samples, rate=61), seconds=6)
    lines = [line for line in evening.said if "gloves" in line]
    assert lines == ["gloves send 61 samples a second, the model has learnt with 100: write rate = 61 in [act.glove]"]
    declared = play(written(reads(model, glove=Glove(rate=61))), monkeypatch, sent(samples, rate=61), seconds=6)
    assert not [line for line in declared.said if "gloves" in line]


def test_a_flood_is_not_called_a_rate_to_be_written(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    evening = play(written(reads(model)), monkeypatch, sent(sign_models.resting(6000), rate=2000), seconds=3)
    (line,) = [line for line in evening.said if "gloves" in line]
    assert line == "gloves send 2000 samples a second, the model has learnt with 100: what is too many is left out"


def recorded(path: Path, words: Sequence[str], channels: Sequence[str] = CHANNELS) -> str:
    """A table of signs."""
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["label", *channels])
        for word in words:
            # the swing, and hands that lie still
            for sample in [*sign_models.sign(word), *sign_models.resting(20)]:
                rows.writerow([word, *sample[: len(channels)].tolist()])
            rows.writerow(["", *sign_models.MEAN[: len(channels)].tolist()])
    return str(path)


def test_a_recording_is_played_in_time(model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = recorded(tmp_path / "hands.csv", WORDS[:3])
    evening = play(written(reads(model, source=source)), monkeypatch, seconds=5)
    assert evening.told == [*WORDS[:3]]
    apart = [after - before for before, after in zip(evening.at, evening.at[1:], strict=False)]
    assert all(abs(frames - 1.3 * FPS) <= 2 for frames in apart)
    fast = play(written(reads(model, source=source, controls=Controls(speed=2.0))), monkeypatch, seconds=2.5)
    assert fast.told == [*WORDS[:3]]
    assert abs(fast.at[-1] - evening.at[-1] / 2) < 3
    again = play(written(reads(model, source=source, loop=True)), monkeypatch, seconds=5)
    assert again.told == [*WORDS[:3], "apple"]


def test_a_hold_stops_a_recording_a_panic_silences_it_and_a_reset_begins_it_again(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [*WORDS[:2]]
    show = written(reads(model, source=recorded(tmp_path / "hands.csv", words)))
    plain = play(show, monkeypatch, seconds=3)
    lines: Lines = {20: [("/engine/ctl/hold", (1,))], 70: [("/engine/ctl/hold", (0,))]}
    held = play(show, monkeypatch, lines, seconds=4)
    assert held.told == plain.told == words
    assert [at - 50 for at in held.at] == plain.at
    silent = play(show, monkeypatch, {20: [("/engine/panic", ())], 75: [("/engine/ctl/run", (1,))]}, seconds=3)
    assert silent.told == words[1:]
    reset = play(show, monkeypatch, {plain.at[0] + 1: [("/engine/reset", ())]}, seconds=4)
    assert reset.told == ["apple", *words]


def test_over_a_recording_nobody_else_is_heard(model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    show = written(reads(model, source=recorded(tmp_path / "hands.csv", WORDS[:1])))
    evening = play(show, monkeypatch, sent(sign_models.stream(("echo",))))
    assert evening.told == ["apple"]
    assert evening.made.stage.summary().requests.bad > 0


def test_signs_beside_bodies_change_no_movement_and_call_their_cues(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dance = Act(model=str(toy.write(tmp_path / "toy.onnx")), device="cpu", performers=2)
    cues = [Cue(name="storm", sign="boat", controls={"temperature": 0.0}, transition=0)]
    lines = sent(sign_models.stream(("apple", "boat")))
    alone = play(written(dance), monkeypatch, seconds=3)
    beside = play(written(dance, reads(model)), monkeypatch, lines, seconds=3)
    called = play(written(dance, reads(model), cues=cues), monkeypatch, lines, seconds=3)
    assert [frame.root for frame in beside.frames] == [frame.root for frame in alone.frames]
    differs = [one.root != other.root for one, other in zip(called.frames, alone.frames, strict=True)]
    assert beside.told == called.told == ["apple", "boat"]
    assert called.cue == "storm"
    assert not any(differs[: called.at[1] + 1])
    assert any(differs[called.at[1] + 1 :])


def test_another_model_of_the_same_channels_takes_over(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = sign_models.signs_model(tmp_path / "other.onnx", words=("a", "b", "c", "d", "e"), name="letters")
    samples = sign_models.stream(("apple", "apple"))
    lines = {**sent(samples), 70: (("/engine/model/load", (str(other),)), *sent(samples)[70])}
    evening = play(written(reads(model)), monkeypatch, lines)
    assert evening.told == ["apple", "a"]
    assert not [line for line in evening.said if "cues" in line]
    assert evening.made.signs is not None
    assert evening.made.signs.model == "letters"
    assert evening.made.stage.summary().refused.models == 0


def test_cues_whose_signs_the_next_model_does_not_know_are_named_in_one_line(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = sign_models.signs_model(tmp_path / "other.onnx", words=("a", "boat", "c", "d", "e"), name="letters")
    cues = [Cue(name="storm", sign="drum"), Cue(name="calm", sign="boat")]
    lines: Lines = {10: [("/engine/model/load", (str(other),))]}
    evening = play(written(reads(model), cues=cues), monkeypatch, lines, seconds=1)
    told = "letters does not know the signs of these cues, which only GO calls now: storm (drum)"
    assert [line for line in evening.said if "cues" in line] == [told]


def test_a_model_of_other_channels_is_refused_in_one_line(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("thumb", *CHANNELS[1:])
    other = sign_models.signs_model(tmp_path / "other.onnx", channels=names)
    samples = sign_models.stream(("apple", "apple"))
    lines = {**sent(samples), 70: (("/engine/model/load", (str(other),)), *sent(samples)[70])}
    evening = play(written(reads(model)), monkeypatch, lines)
    assert evening.told == ["apple", "apple"]
    (line,) = [line for line in evening.said if "refused" in line]
    assert "channels of which one is thumb; expected those of tiny signs, where it is left x" in line


@pytest.mark.parametrize(
    ("act", "cue", "expected"),
    [
        ({}, {"sign": "bout"}, "cues[0].sign: 'bout'; expected a sign that tiny signs knows (near it: boat)"),
        (
            {},
            {"sign": "x"},
            "cues[0].sign: 'x'; expected a sign that tiny signs knows (it knows: apple, boat, cloud, drum, echo)",
        ),
        ({"glove": Glove(channels=(0, 22))}, {}, "act.glove.channels[1]: 22; expected a channel of the model, 0 to 21"),
        (
            {"glove": Glove(channels=(0, 0))},
            {},
            "act.glove.channels[1]: 0 for the second time; expected each channel once",
        ),
        (
            {"glove": Glove(channels=(0, 1), scale=(1.0, 2.0, 3.0))},
            {},
            "act.glove.scale: 3 numbers; expected 2, one for each number of a sample, or 1 for all",
        ),
        ({"glove": Glove(offset=(math.nan,))}, {}, "act.glove.offset[0]: nan; expected a finite number"),
        ({"performers": 2}, {}, "act.performers: 2; expected 1: there is one pair of gloves"),
        ({"loop": True}, {}, "act.loop: true; expected recorded gloves to begin again"),
        (
            {"source": "camera"},
            {},
            "act.source: camera; expected recorded gloves, a file or a folder that is there, without options",
        ),
        ({"score": "a.mid"}, {}, "act.score: a.mid; expected none: the act plays what gloves sign"),
    ],
)
def test_what_makes_no_sense_is_named_in_one_line(
    act: dict[str, Any], cue: dict[str, Any], expected: str, model: str
) -> None:
    show = written(reads(model, **act), cues=[Cue(name="one", **cue)])
    (mistake,) = faults.faults(show)
    assert str(mistake).startswith(expected)
    with pytest.raises(ConfigError):
        assemble.assemble(show, clock=VirtualClock(), say=print)


def test_gloves_and_signs_are_for_acts_of_signs_alone(tmp_path: Path) -> None:
    dance = Act(model=str(toy.write(tmp_path / "toy.onnx")), device="cpu", glove=Glove(rate=50))
    (mistake,) = faults.faults(written(dance))
    assert str(mistake) == "act.glove: a table; expected none: the act plays bodies that dance"
    plain = Act(model=dance.model, device="cpu")
    (mistake,) = faults.faults(written(plain, cues=[Cue(name="one", sign="boat")]))
    assert str(mistake) == "cues[0].sign: 'boat'; expected none: no act of this show reads signs"


def test_a_recording_of_other_channels_is_refused(model: str, tmp_path: Path) -> None:
    source = recorded(tmp_path / "hands.csv", WORDS[:1], CHANNELS[:5])
    (mistake,) = faults.faults(written(reads(model, source=source)))
    assert str(mistake).startswith(f"act.source: 5 channels in {source}; expected 22 (")
    assert not faults.faults(written(reads(model, source=source, glove=Glove(channels=(0, 1, 2, 3, 4)))))


def test_the_programme_says_where_samples_are_expected(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    show = written(reads(model, glove=Glove(rate=61, channels=(0, 1, 2))))
    evening = play(show, monkeypatch, seconds=0.1)
    lines = programme.programme(show, evening.made)
    assert lines[0].startswith("tiny signs: 5 signs of samples that come in at 50 fps")
    where = "samples are expected at /engine/in/glove: 3 numbers, 61 times a second; /engine/in/glove/rest ends a sign"
    assert where in lines
    assert evening.made.desk is not None
