"""Small recorded signs of nobody's hands, of 4 channels at 100 Hz, in three sessions; and a tiny network of them."""

from pathlib import Path

import numpy as np
import torch

from engine.schema.frame import F32
from export import problems
from export.checkpoint import Trained
from export.nets.signs import SignNet
from export.recipe import DataRecipe, NetRecipe, Recipe, SignRecipe, TrainRecipe

WORDS = ("fold", "ring", "wave")
CHANNELS = ("right x", "right y", "right z", "right thumb")


def sign(word: str, rng: np.random.Generator) -> F32:
    """Out along the word's own channel and back within 0.4 s, then 0.3 s of rest."""
    found = np.zeros((70, len(CHANNELS)))
    found[:40, WORDS.index(word)] = rng.uniform(0.8, 1.2) * np.sin(np.pi * np.arange(40) / 39)
    return (found + rng.normal(0, 0.002, found.shape)).astype(np.float32)


def write(path: Path, *, words: tuple[str, ...] = WORDS, channels: tuple[str, ...] = CHANNELS) -> Path:
    """Three sessions with two of each sign."""
    rng = np.random.default_rng(3)
    signs = {
        f"s{session}/{word}-{number}": sign(WORDS[place % len(WORDS)], rng)[:, : len(channels)]
        for session in (1, 2, 3)
        for place, word in enumerate(words)
        for number in (1, 2)
    }
    np.savez(path, rate=np.array(100.0), channels=np.array(channels), **signs)  # type: ignore[arg-type]
    return path


def recipe(source: Path, kind: str = "signs") -> Recipe:
    return Recipe(
        name="tiny",
        title="tiny signs",
        data=DataRecipe(source=str(source)),
        net=NetRecipe(kind=kind, hidden=6, layers=2, dropout=0.0),  # type: ignore[arg-type]
        signs=SignRecipe(licence="CC0", credit="nobody's hands"),
        train=TrainRecipe(batch=6, epochs=1, updates=2, lr=1e-2),
    )


def trained(source: Path, kind: str = "signs") -> Trained:
    """An untrained network, stirred so that it says something."""
    wanted = recipe(source, kind)
    problem = problems.make(wanted)
    torch.manual_seed(3)
    with torch.no_grad():
        for part in problem.net.parameters():
            if part.requires_grad:
                part.add_(0.3 * torch.randn_like(part))
        if isinstance(problem.net, SignNet):
            problem.net.temperature.fill_(0.7)
    return Trained(wanted, problem.net.eval(), problem.spec, problem.arrays, 7)
