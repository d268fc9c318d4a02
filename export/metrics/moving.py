"""How good foreseen pictures of moving digits are: errors, likeness, trails, and by the direction that digits move in.

Pictures are (N, T, H, W), 0 to 1. Errors are summed over a picture's pixels and averaged over pictures, as is usual for
Moving MNIST.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import affine_transform, gaussian_filter

from engine.schema.frame import F32
from export.data.moving_mnist import DIGIT

F64 = NDArray[np.float64]

LIT = 0.5
"""From here on a pixel belongs to a digit."""

BACK = 3
"""Frames ago of what counts as a trail: a digit has moved by 11 pixels, three times the width of its strokes."""

K1, K2, SPREAD, CUT = 0.01, 0.03, 1.5, 3.5
"""Constants of the likeness, and its window: a Gaussian of 11 pixels (Wang et al., 2004)."""

QUADRANTS = ("left up", "left down", "right up", "right down")

MARGIN = 4
"""Pixels around a digit within which its error is counted: as far as it moves in a frame."""

AROUND = 32
"""Pixels to each side of a digit's centre in a map of its trail."""


class Trail(NamedTuple):
    """Mean brightness where a digit is, and where one was `BACK` frames ago and none is now."""

    hit: float
    trail: float

    @property
    def ratio(self) -> float:
        """The trail as a share of the digit; NaN where nothing is seen at all."""
        return self.trail / self.hit if self.hit else float("nan")


def squared(truth: F32, guess: F32) -> F64:
    """Squared errors (T,) of each frame."""
    gaps = truth.astype(np.float64) - guess
    return np.asarray(np.square(gaps).sum((-2, -1)).mean(0))


def likeness(truth: F32, guess: F32) -> float:
    """Structural similarity (SSIM), the mean over all pictures; 1: the same."""
    pairs = zip(_pictures(truth), _pictures(guess), strict=True)
    return float(np.mean([_likeness(one, other) for one, other in pairs]))


def _pictures(pictures: F32) -> F64:
    return pictures.reshape(-1, *pictures.shape[-2:]).astype(np.float64)


def _likeness(one: F64, other: F64) -> float:
    def blurred(picture: F64) -> F64:
        return np.asarray(gaussian_filter(picture, SPREAD, truncate=CUT))

    means = blurred(one), blurred(other)
    spreads = blurred(one * one) - means[0] ** 2, blurred(other * other) - means[1] ** 2
    shared = blurred(one * other) - means[0] * means[1]
    level = (2.0 * means[0] * means[1] + K1**2) / (means[0] ** 2 + means[1] ** 2 + K1**2)
    return float(np.mean(level * (2.0 * shared + K2**2) / (spreads[0] + spreads[1] + K2**2)))


def trail(films: F32, guess: F32) -> Trail:
    """What is left of digits where they were.

    Args:
        films: (N, T, H, W) the truth.
        guess: (N, S, H, W) what was foreseen of its last S frames; S + `BACK` is at most T.
    """
    length = guess.shape[1]
    now, then = films[:, -length:] >= LIT, films[:, -length - BACK : -BACK] >= LIT
    gone = then & ~now
    return Trail(float(guess[now].mean()), float(guess[gone].mean()))


def by_direction(films: F32, guess: F32, corners: NDArray[np.int64]) -> dict[str, float]:
    """Errors in the frames (N, S) foreseen last by where digits move, each as a share of the last picture's error.

    Counted around each digit, without the pixels around the other one, as long as their centres are not nearer than
    half a digit; `corners` (N, 2, T, 2). A direction that no digit takes is left out.
    """
    model, last = dict.fromkeys(QUADRANTS, 0.0), dict.fromkeys(QUADRANTS, 0.0)
    first = films.shape[1] - guess.shape[1]
    for film, digit, frame in np.ndindex(len(films), 2, guess.shape[1]):
        at = first + frame
        here, before, other = corners[film, digit, at], corners[film, digit, at - 1], corners[film, 1 - digit, at]
        step = here - before
        if not step.all() or np.abs(here - other).max() < DIGIT // 2:
            continue
        quadrant = f"{'right' if step[1] > 0 else 'left'} {'down' if step[0] > 0 else 'up'}"
        mine = _around(films.shape[2:], here) & ~_around(films.shape[2:], other)
        truth = films[film, at][mine]
        model[quadrant] += float(np.square(guess[film, frame][mine] - truth).sum())
        last[quadrant] += float(np.square(films[film, at - 1][mine] - truth).sum())
    return {quadrant: model[quadrant] / last[quadrant] for quadrant in QUADRANTS if last[quadrant]}


def _around(shape: tuple[int, ...], corner: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The pixels around a digit in pictures (H, W)."""
    found = np.zeros(shape, np.bool_)
    found[tuple(slice(max(0, edge - MARGIN), edge + DIGIT + MARGIN) for edge in corner.tolist())] = True
    return found


def trails(guess: F32, corners: NDArray[np.int64]) -> F32:
    """The mean picture (2 A, 2 A) around digits, turned so that each moves to the right; `A` is `AROUND`.

    Args:
        guess: (N, S, H, W).
        corners: (N, 2, T, 2); the last S frames are those of `guess`, and there are `BACK` more.
    """
    total, count = np.zeros((2 * AROUND, 2 * AROUND)), 0
    first = corners.shape[2] - guess.shape[1]
    padded = np.pad(guess, ((0, 0), (0, 0), (AROUND, AROUND), (AROUND, AROUND)))
    for film, digit, frame in np.ndindex(len(guess), 2, guess.shape[1]):
        path = corners[film, digit, first + frame - BACK : first + frame + 1]
        apart = np.abs(path - corners[film, 1 - digit, first + frame - BACK : first + frame + 1]).max(1).min()
        if apart < DIGIT - MARGIN or not _straight(path):
            continue
        row, column = (path[-1] + DIGIT // 2).tolist()
        total += _turned(padded[film, frame, row : row + 2 * AROUND, column : column + 2 * AROUND], path[-1] - path[0])
        count += 1
    return (total / max(count, 1)).astype(np.float32)


def _straight(path: NDArray[np.int64]) -> bool:
    """Whether a digit goes on in one direction, without turning at an edge."""
    steps = np.diff(path, axis=0)
    return bool((steps.min(0) * steps.max(0) >= 0).all() and np.abs(np.diff(steps, axis=0)).max() <= 1)


def _turned(picture: F32, step: NDArray[np.int64]) -> F64:
    """A square picture turned so that `step` (rows, columns) points to the right."""
    down, right = step / np.hypot(*step)
    turn = np.array([[right, down], [-down, right]])
    middle = np.array(picture.shape) / 2.0 - 0.5
    return np.asarray(affine_transform(picture, turn, offset=middle - turn @ middle, order=1), np.float64)
