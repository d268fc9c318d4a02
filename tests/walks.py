"""Paths of a memory that never was: a few signs, far apart, each from the middle outwards."""

import numpy as np

from export.plots.paths import Paths

WORDS = ("circle", "fold", "lift", "wave")
STEPS = (10, 14, 12, 16)


def walks(dims: int = 2, *, of_each: int = 3) -> Paths:
    """Signs whose last one of each word is a test; of these the first is taken for another."""
    draw, points = np.random.default_rng(3), []
    ends = np.stack([np.cos(np.arange(4) * np.pi / 2), np.sin(np.arange(4) * np.pi / 2), np.linspace(-1, 1, 4)], 1)
    for word, steps in enumerate(STEPS):
        for _ in range(of_each):
            way = np.linspace(0, 0.8, steps)[:, None] * ends[word, :dims]
            points.append(way + draw.normal(0, 0.02, dims))
    count = len(points)
    right = np.ones(count, np.bool_)
    right[of_each - 1] = False
    return Paths(
        points=np.concatenate(points).astype(np.float32),
        lengths=np.repeat(np.array(STEPS), of_each),
        labels=tuple(word for word in WORDS for _ in range(of_each)),
        sessions=("monday",) * count,
        splits=(("train",) * (of_each - 1) + ("test",)) * len(WORDS),
        rate=100.0,
        right=right,
        hands=np.repeat(np.array([1, 1, 2, 2]), of_each),
    )


def wandering() -> Paths:
    """One dance round a circle, of a body of two bones."""
    turn = np.linspace(0, 4 * np.pi, 200)
    bones = np.array([[[0.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [0.3, 1.6]]], np.float32)
    return Paths(
        points=0.7 * np.stack([np.cos(turn), np.sin(turn)], 1).astype(np.float32),
        lengths=np.array([200]),
        labels=("seed 1",),
        sessions=("",),
        splits=("",),
        rate=30.0,
        bodies=np.repeat(bones[None], 200, 0),
    )
