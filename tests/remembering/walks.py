"""Memories made up: random walks that stay near a bent sheet, and recipes that take no time."""

from typing import Any

import msgspec
import numpy as np

from engine.schema.frame import F32
from export.recipe import Recipe
from export.remembered import PARTS, Memory

INPUTS = 12


def recipe(kind: str = "path", train: dict[str, Any] | None = None, **path: Any) -> Recipe:
    table = {"batch": 16, "epochs": 1, "updates": 20, "lr": 3e-3, "decay": 0.01} | (train or {})
    wanted = {"name": "path", "title": "a path", "data": {"source": ""}, "net": {"kind": kind, "hidden": 16}}
    return msgspec.convert(wanted | {"path": path, "train": table}, Recipe)


def streams(count: int = 9, steps: int = 40, seed: int = 1) -> list[Memory]:
    """Walks over two numbers, bent into `INPUTS` of them."""
    draw = np.random.default_rng(seed)
    across = np.random.default_rng(7).normal(size=(2, INPUTS))
    found = []
    for number in range(count):
        walk = np.cumsum(draw.normal(0.0, 0.15, (steps, 2)), axis=0) + draw.normal(0.0, 1.0, 2)
        found.append(Memory(f"walk {number}", PARTS[number % 3], np.tanh(walk @ across).astype(np.float32)))
    return found


def sheet(rows: int = 300) -> F32:
    """Rows of such walks."""
    return np.concatenate([stream.states for stream in streams(steps=rows // 9 + 1)])[:rows]
