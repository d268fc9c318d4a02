"""How alike pictures are, and how they move: pure functions over pictures (N, H, W) uint8, 0 black.

A pixel is figure where it is brighter than half. Nearest recorded pictures are those with the greatest overlap (IoU) at
half the resolution; all else is measured at the full one.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.schema.frame import F32, U8

LARGEST = 255.0
HALF = 128
"""Least value of a pixel that is figure."""

LEAST = 1e-4
"""Probability below which a pixel's cross-entropy grows no more: a picture of 8 bits tells no finer."""

WINDOW_S = 1.0
"""Seconds over which pictures are asked whether they move at all."""

FROZEN = 0.15
"""Share of the recorded median window under which a window counts as frozen."""

BIN = 10
"""Recorded pictures in a row that count as one place to have been at."""

SUDDEN = 99.0
"""Percentile of the recorded changes above which a change counts as a jump."""

CHUNK = 512
"""Pictures that are compared at a time: bounds the memory."""


class Likeness(NamedTuple):
    """How alike two sets of pictures are, means over pictures.

    Attributes:
        bce: cross-entropy, nats per pixel.
        mse: squared error of brightness from 0 to 1.
        iou: overlap of the figures over their union; 1 where both are empty.
    """

    bce: float
    mse: float
    iou: float


class Freedom(NamedTuple):
    """How a free run is, beside the recorded pictures.

    Attributes:
        iou: mean IoU of a picture to its nearest recorded one.
        flicker: mean absolute change of brightness from picture to picture, over that of the recordings.
        freeze: share of 1-s windows that change less than 15 % of the recordings' median window.
        jumps: share of changes that are greater than 99 % of the recorded ones.
        coverage: share of the bins of 10 recorded pictures in a row that some picture is nearest to.
        forward: share of the changes that point the way in which the recording goes on from the nearest picture.
    """

    iou: float
    flicker: float
    freeze: float
    jumps: float
    coverage: float
    forward: float


class Recorded(NamedTuple):
    """Recorded pictures behind each other and what is asked of them.

    Attributes:
        pictures: (N, H, W).
        starts: (N,) whether a film begins with the picture.
        fps: pictures a second.
    """

    pictures: U8
    starts: NDArray[np.bool_]
    fps: float


def joined(films: list[U8], fps: float) -> Recorded:
    """Films (T, H, W) behind each other."""
    starts = [np.arange(len(film)) == 0 for film in films]
    return Recorded(np.concatenate(films), np.concatenate(starts), fps)


def likeness(truth: U8, found: U8) -> Likeness:
    """How alike pictures are to what they should be."""
    parts = [_likeness(truth[at : at + CHUNK], found[at : at + CHUNK]) for at in range(0, len(truth), CHUNK)]
    return Likeness(*np.concatenate(parts, 1).mean(1).tolist())


def _likeness(truth: U8, found: U8) -> F32:
    """BCE, MSE and IoU (3, N) of each picture."""
    wanted, given = truth.astype(np.float32) / LARGEST, found.astype(np.float32) / LARGEST
    sure = np.clip(given, LEAST, 1.0 - LEAST)
    entropy = -(wanted * np.log(sure) + (1.0 - wanted) * np.log1p(-sure))
    rows = [entropy.mean((1, 2)), np.square(wanted - given).mean((1, 2)), iou(truth, found)]
    return np.stack(rows).astype(np.float32)


def iou(a: U8, b: U8) -> F32:
    """Overlap over union (N,) of the figures of pictures side by side; 1 where both are empty."""
    first, second = a >= HALF, b >= HALF
    union = (first | second).sum((1, 2))
    both = (first & second).sum((1, 2))
    return np.where(union > 0, both / np.maximum(union, 1), 1.0).astype(np.float32)


def nearest(pictures: U8, recorded: U8) -> NDArray[np.int64]:
    """Indices (N,) of the recorded pictures that overlap most, at half the resolution."""
    places = _masks(recorded)
    areas = places.sum(1)
    found = []
    for at in range(0, len(pictures), CHUNK):
        here = _masks(pictures[at : at + CHUNK])
        both = here @ places.T
        found.append((both / np.maximum(here.sum(1)[:, None] + areas - both, 1.0)).argmax(1))
    return np.concatenate(found)


def _masks(pictures: U8) -> F32:
    """Figures (N, pixels) at half the resolution, 0 or 1."""
    return (pictures[:, ::2, ::2] >= HALF).reshape(len(pictures), -1).astype(np.float32)


def changes(pictures: U8) -> F32:
    """Mean absolute change (N - 1,) of brightness, 0 to 1, from picture to picture."""
    found = [
        np.abs(pictures[at + 1 : at + CHUNK + 1].astype(np.int16) - pictures[at : at + CHUNK][: len(pictures) - at - 1])
        for at in range(0, len(pictures) - 1, CHUNK)
    ]
    return np.concatenate([part.mean((1, 2)) for part in found]).astype(np.float32) / np.float32(LARGEST)


def recorded_changes(recorded: Recorded) -> F32:
    """Changes within films, never across their borders."""
    return changes(recorded.pictures)[~recorded.starts[1:]]


def freeze_share(moved: F32, fps: float, median: float) -> float:
    """Share of windows of a second whose mean change is less than 15 % of `median`."""
    means = windows(moved, fps)
    return float((means < FROZEN * median).mean())


def windows(moved: F32, fps: float) -> F32:
    """Means over windows of a second of changes (N,)."""
    length = max(1, min(round(WINDOW_S * fps), len(moved)))
    means: F32 = np.convolve(moved, np.full(length, 1.0 / length, np.float32), "valid")
    return means


def freedom(pictures: U8, recorded: Recorded) -> Freedom:
    """How a free run is beside the recordings."""
    real, moved = recorded_changes(recorded), changes(pictures)
    places = nearest(pictures, recorded.pictures)
    bins = np.unique(places // BIN)
    return Freedom(
        iou=float(np.mean(iou(pictures, recorded.pictures[places]))),
        flicker=float(moved.mean() / real.mean()),
        freeze=freeze_share(moved, recorded.fps, float(np.median(windows(real, recorded.fps)))),
        jumps=float((moved > np.percentile(real, SUDDEN)).mean()),
        coverage=len(bins) / -(-len(recorded.pictures) // BIN),
        forward=forward_share(pictures, places, recorded),
    )


def forward_share(pictures: U8, places: NDArray[np.int64], recorded: Recorded) -> float:
    """Share of changes that point the way in which the recording goes on from the nearest picture; nan without any.

    The way is the change of brightness of every pixel; a last picture of a film goes on nowhere and is left out.
    """
    last = np.append(recorded.starts[1:], True)
    known = np.flatnonzero(~last[places[:-1]])
    if not len(known):
        return float("nan")
    here, there = pictures.astype(np.int32), recorded.pictures
    agrees = [
        float(np.vdot(here[at + 1] - here[at], there[places[at] + 1].astype(np.int32) - there[places[at]])) > 0.0
        for at in known.tolist()
    ]
    return float(np.mean(agrees))
