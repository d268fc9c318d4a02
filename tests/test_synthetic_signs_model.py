"""The bundled signs: what their file says, and that they know the signs of people whom they have never met."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby

import numpy as np
import pytest
import synthetic_gloves

from engine import bundled
from engine.contracts import Loaded
from engine.gestures.tsd import CHANNELS
from engine.inference.vet import load
from engine.open_signs import open_signs
from engine.schema.controls import Controls
from engine.schema.frame import F32
from engine.sign_act import SignAct

MODEL = bundled.MODELS / "synthetic_signs.onnx"

OTHERS = 2
"""A seed that nobody has trained with."""


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return load(MODEL)


@pytest.fixture(scope="module")
def act(loaded: Loaded) -> Iterator[SignAct]:
    made = open_signs(loaded, device="cpu", view="plain")
    yield made
    made.close()


def words(act: SignAct, stream: F32) -> Sequence[str]:
    """What is told of a whole stream (T, F)."""
    act.restart()
    controls = Controls()
    found = [act.sample(values, controls) for values in stream]
    return [label.word for label in [*found, act.rest(controls)] if label is not None]


def said(session: synthetic_gloves.Session) -> Sequence[str]:
    return [label for label, _ in groupby(session.labels) if label]


def test_it_is_small_and_says_that_nobody_signed(loaded: Loaded) -> None:
    assert MODEL.stat().st_size < 200_000
    assert loaded.spec.family == "signs"
    assert loaded.spec.name.startswith("Synthetic signs")
    assert loaded.spec.licence == synthetic_gloves.LICENCE
    assert loaded.spec.credit == synthetic_gloves.CREDIT


def test_it_reads_what_the_tool_makes(loaded: Loaded) -> None:
    assert loaded.spec.labels == tuple(synthetic_gloves.SHAPES)
    assert loaded.spec.channels == CHANNELS
    assert loaded.spec.fps == synthetic_gloves.RATE
    assert [loaded.spec.channels[number] for number in loaded.arrays["motion"]] == [
        f"{side} {axis}" for side in ("left", "right") for axis in "xyz"
    ]


def test_the_bundled_recording_is_told_word_for_word(act: SignAct) -> None:
    recording = synthetic_gloves.bundled()
    assert words(act, recording.values.astype(np.float32)) == said(recording)


def test_people_whom_it_never_met_are_understood(act: SignAct) -> None:
    sessions = [*synthetic_gloves.sessions(8, 1, OTHERS).values()][::2]
    pairs = [(words(act, one.values.astype(np.float32)), said(one)) for one in sessions]
    right = sum(
        block.size
        for told, meant in pairs
        for block in SequenceMatcher(None, told, meant, autojunk=False).get_matching_blocks()
    )
    assert sum(len(meant) for _, meant in pairs) == 40
    assert sum(len(told) for told, _ in pairs) <= 41
    assert right / 40 >= 0.97


def test_a_minute_of_rest_says_nothing(act: SignAct) -> None:
    who, draw = synthetic_gloves.person(np.random.default_rng(5)), np.random.default_rng(6)
    one = synthetic_gloves.session(who, ["wave"], draw, rest=60.0)
    assert len(one.labels) > 6000
    assert words(act, one.values.astype(np.float32)) == ["wave"]


def test_its_path_ends_elsewhere_for_each_sign(act: SignAct) -> None:
    recording, ends, start = synthetic_gloves.bundled(), [], 0
    for label, group in groupby(recording.labels):
        stop = start + len(list(group))
        if label:
            act.restart()
            for values in recording.values[start:stop].astype(np.float32):
                act.sample(values, Controls())
            assert act.path is not None
            ends.append((label, act.path.copy()))
        start = stop
    places = np.stack([place for _, place in ends])
    assert places.shape == (20, 2)
    assert np.abs(places).max() <= 1
    apart = np.linalg.norm(places[:, None] - places, axis=2) + 9 * np.eye(20)
    alike = [ends[nearest][0] == label for (label, _), nearest in zip(ends, apart.argmin(1), strict=True)]
    assert sum(alike) >= 16
