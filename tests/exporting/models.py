"""Small networks as a checkpoint would hold them, with weights that make something happen."""

from pathlib import Path
from typing import Any

import torch
from training import synthetic

from export import checkpoint, problems, to_onnx
from export.checkpoint import Trained
from export.recipe import Recipe

KINDS = ("dance", "seed")


def recipe(kind: str, **tables: dict[str, Any]) -> Recipe:
    return synthetic.recipe(**tables) if kind == "dance" else synthetic.seed_recipe(**tables)


def trained(kind: str, **tables: dict[str, Any]) -> Trained:
    """An untrained network, stirred so that its components and spreads differ; `sources.load` has to be replaced."""
    wanted = recipe(kind, **tables)
    problem = problems.make(wanted)
    torch.manual_seed(3)
    with torch.no_grad():
        for name, part in problem.net.named_parameters():
            if part.requires_grad:
                part.add_(torch.randn_like(part) * (1.0 if ".pi." in name else 0.2))
    return Trained(wanted, problem.net.eval(), problem.spec, problem.arrays, 7)


def exported(kind: str, path: Path, **tables: dict[str, Any]) -> tuple[Trained, Path]:
    """A network and the file written from it."""
    made = trained(kind, **tables)
    to_onnx.write(made, path)
    return made, path


def stored(made: Trained, path: Path) -> Path:
    """A network as the checkpoint of a run."""
    problem = problems.make(made.recipe)
    contents = {
        "state_dict": {f"net.{name}": part for name, part in made.net.state_dict().items()},
        "global_step": made.updates,
        checkpoint.KEY: checkpoint.entry(made.recipe, problem),
    }
    torch.save(contents, path)
    return path
