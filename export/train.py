"""Train a recipe, or go on where an interrupted run stopped."""

import json
import logging
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning
import msgspec
import torch
from lightning.pytorch.callbacks import Checkpoint, RichProgressBar

from engine.schema.errors import ConfigError
from export import problems, recipe
from export.checkpoint import KEY, peek
from export.lightning_task import Task
from export.metrics.likelihood import ConstantVelocity, CopyLast
from export.plots.curves import training_curves
from export.problem import Problem

LAST = "last.ckpt"

NATS = (
    "Losses are nats per dimension, in metres and radians: the negative logarithm of a density. A density may exceed"
    " 1, so a loss below 0 is right and wanted; how good it is shows only beside the baselines in the same units."
)


class EveryEpoch(Checkpoint):
    """Writes the one checkpoint after every epoch, whole or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def on_train_epoch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:  # noqa: ARG002
        """Write it beside its place and move it there."""
        partial = self._path.with_name(self._path.name + ".partial")
        trainer.save_checkpoint(partial)
        if trainer.is_global_zero:
            partial.replace(self._path)


@dataclass(frozen=True)
class Where:
    """On what to train; Lightning's own words."""

    accelerator: str = "auto"
    devices: str = "auto"
    nodes: int = 1
    strategy: str = "auto"


def train(path: Path, folder: Path, *, where: Where, fresh: bool = False, progress: bool = True) -> Path:
    """Train the recipe at `path` into `folder` and give the last checkpoint.

    An interrupted run goes on from its last epoch and ends with the same numbers as an uninterrupted one, because each
    epoch starts its streams, its recurrent state and its random numbers anew.

    Raises:
        ConfigError: the recipe is wrong, or the folder holds a run of another recipe.
        DataError: the data is missing or unusable.
    """
    wanted = recipe.read(path)
    last = folder / LAST
    if last.exists() and not fresh:
        _check_same(wanted, last)
    problem = problems.make(wanted)
    task = Task(wanted, problem)
    folder.mkdir(parents=True, exist_ok=True)
    trainer = _trainer(wanted, folder, where, progress=progress)
    resume = str(last) if last.exists() and not fresh else None
    trainer.fit(task, ckpt_path=resume, weights_only=True)
    if trainer.interrupted:
        raise KeyboardInterrupt
    if trainer.is_global_zero:
        _report(problem, task, folder)
    return last


def _check_same(wanted: recipe.Recipe, last: Path) -> None:
    """A folder belongs to one recipe."""
    found = msgspec.json.decode(peek(last)[KEY]["recipe"], type=recipe.Recipe)
    if found != wanted:
        raise ConfigError(str(last), "a run of another recipe", "the same recipe", "start over with --fresh")


def _trainer(wanted: recipe.Recipe, folder: Path, where: Where, *, progress: bool) -> lightning.Trainer:
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="lightning")  # advice about workers and loggers, none of it about numbers
    torch.set_float32_matmul_precision("high")
    return lightning.Trainer(
        accelerator=where.accelerator,
        devices=where.devices,
        num_nodes=where.nodes,
        strategy=where.strategy,
        max_epochs=wanted.train.epochs,
        gradient_clip_val=wanted.train.clip,
        reload_dataloaders_every_n_epochs=1,
        num_sanity_val_steps=0,
        enable_progress_bar=progress,
        enable_model_summary=False,
        logger=False,
        callbacks=[
            EveryEpoch(folder / LAST),
            *([RichProgressBar()] if progress else []),
        ],
    )


def held_out(problem: Problem, task: Task) -> dict[str, Any]:
    """Held-out likelihoods in nats per dimension, beside copy-last and constant velocity fitted in training."""
    task.eval()
    copy, steady = CopyLast.fit(problem.train), ConstantVelocity.fit(problem.train)
    found: dict[str, Any] = {"unit": "nats per dimension, metres and radians", "note": NATS}
    for name, clips in problem.held.items():
        with torch.no_grad():
            losses = []
            for x, y in clips:
                task.forget()
                losses.append(task.loss(torch.from_numpy(x)[:, None], torch.from_numpy(y)[:, None]).flatten())
        targets = [y for _, y in clips]
        found[name] = {
            "model": float(torch.cat(losses).mean()),
            "copy_last": copy.nll(targets),
            "constant_velocity": steady.nll(targets),
        }
    return found


def _report(problem: Problem, task: Task, folder: Path) -> None:
    """Write the held-out figures and the curves beside the checkpoint."""
    figures = held_out(problem, task.cpu())
    (folder / "metrics.json").write_text(json.dumps(figures, indent=2) + "\n")
    baselines = {name.replace("_", " "): figures["validation"][name] for name in ("copy_last", "constant_velocity")}
    training_curves(
        task.curve("train"),
        task.curve("validation"),
        folder / "curves.png",
        levels=baselines,
        title=task.recipe.title,
    )
