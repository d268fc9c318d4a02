"""How well signs are recognised: after a share of each sign, at its end, and as a stage would tell them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, f1_score

from engine.schema.controls import Controls
from engine.schema.frame import F32
from engine.sign_act import SignAct
from export.metrics.calibration import F64, I64

FRACTIONS = (0.5, 0.6, 0.75, 1.0)
"""Shares of a sign after which the figures of tables are taken."""

REST = 0.4
"""Seconds that hands lie still behind each sign of a streamed session."""

QUIET = 10
"""Samples at the end of a sign in which a resting hand is heard, 0.1 s of 100 Hz."""

AT_REST = 60.0
"""Seconds of rest in which false signs are counted."""


class Staged(NamedTuple):
    """What a stage made of a streamed session.

    Attributes:
        right: share of the signs that were told once, and rightly.
        missed: signs that were not told.
        doubled: signs that were told more than once.
        false: signs that were told or nearly told in a minute of rest.
    """

    right: float
    missed: int
    doubled: int
    false: float


def after(said: F32, fraction: float) -> F32:
    """What was said (C,) after a share of a sign, of what was said after each of its samples (T, C)."""
    row: F32 = said[max(0, round(len(said) * fraction) - 1)]
    return row


def right(said: NDArray[np.floating], numbers: I64) -> NDArray[np.bool_]:
    """Whether the likeliest class of (N, C) is the right one of (N,)."""
    found: NDArray[np.bool_] = said.argmax(1) == numbers
    return found


def confusion(said: NDArray[np.floating], numbers: I64) -> I64:
    """(C, C) how often a sign, by row, was taken for another, by column."""
    found: I64 = confusion_matrix(numbers, said.argmax(1), labels=range(said.shape[1])).astype(np.int64)
    return found


def macro_f1(said: NDArray[np.floating], numbers: I64) -> float:
    """F1, the mean over the classes that occur."""
    return float(f1_score(numbers, said.argmax(1), labels=np.unique(numbers), average="macro", zero_division=0.0))


def staged(act: SignAct, signs: Sequence[F32], words: Sequence[str], controls: Controls) -> Staged:
    """Play signs one behind the other, each with its last sample held for `REST`, and count what is told.

    Args:
        act: that reads them; it begins anew.
        signs: samples (T, F) of each.
        words: what they are.
        controls: that it is played with.
    """
    act.restart()
    told = [_heard(act, _held(sign, round(REST * act.spec.fps)), controls) for sign in signs]
    hits = sum(labels == [word] for labels, word in zip(told, words, strict=True))
    return Staged(
        right=hits / max(len(signs), 1),
        missed=sum(not labels for labels in told),
        doubled=sum(len(labels) > 1 for labels in told),
        false=false_signs(act, signs, controls),
    )


def false_signs(act: SignAct, signs: Sequence[F32], controls: Controls) -> float:
    """Signs a minute that are told or nearly told of hands that lie as at the ends of signs, and tremble as there."""
    rng = np.random.default_rng(11)
    ends = np.stack([np.diff(sign[-QUIET:], axis=0).std(0) for sign in signs if len(sign) > QUIET])
    tremor = np.median(ends, 0) / np.sqrt(2.0)
    each = round(AT_REST * act.spec.fps / len(signs)) + 1
    before = act.counters
    for sign in signs:
        act.restart()
        _heard(act, sign[-1] + (tremor * rng.standard_normal((each, sign.shape[1]))).astype(np.float32), controls)
    after_all = act.counters
    count = after_all.signs + after_all.unsure - before.signs - before.unsure
    return count / (each * len(signs) / act.spec.fps / 60.0)


def _held(sign: F32, rest: int) -> F32:
    return np.concatenate([sign, np.repeat(sign[-1:], rest, 0)])


def _heard(act: SignAct, samples: F32, controls: Controls) -> list[str]:
    """The words that are told during samples (T, F)."""
    labels = [act.sample(sample, controls) for sample in samples]
    return [label.word for label in labels if label is not None]


def certainties(said: NDArray[np.floating]) -> F64:
    """Probability (N,) of the likeliest class."""
    found: F64 = said.max(1).astype(np.float64)
    return found
