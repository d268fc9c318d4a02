"""Train a recipe, or go on where an interrupted run stopped."""

import json
import logging
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, cast

import lightning
import torch
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch.callbacks import Checkpoint, RichProgressBar

from engine.schema.errors import ConfigError
from export import problems, recipe, whole
from export.checkpoint import load, read_recipe
from export.convlstm_task import FrameTask
from export.latent_task import LatentTask
from export.lightning_task import Task
from export.metrics.likelihood import ConstantVelocity, CopyLast
from export.nets.vae import Vae
from export.picture_problem import of_pictures
from export.picture_task import PictureTask
from export.plots.curves import training_curves
from export.problem import Problem
from export.sign_task import SignTask
from export.velocity_task import GridTask, TouchTask

LAST = "last.ckpt"

BASELINES = ("copy_last", "constant_velocity", "constant")
"""Held-out figures that curves are drawn beside, where there are any."""

NATS = (
    "Losses are nats per dimension, in {units}: the negative logarithm of a density. A density may exceed 1, so a loss"
    " below 0 is right and wanted; how good it is shows only beside the baselines in the same units."
)


METRES = "metres and radians"
"""Units of bodies."""


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


def train(
    path: Path,
    folder: Path,
    *,
    where: Where,
    fresh: bool = False,
    progress: bool = True,
    tell: Callable[[str], object] = lambda _: None,
) -> Path:
    """Train the recipe at `path` into `folder` and give the last checkpoint.

    An interrupted run goes on from its last epoch and ends with the same numbers as an uninterrupted one, because each
    epoch starts its streams, its recurrent state and its random numbers anew. `tell` gets what there is to know
    beforehand, line by line: what a loss is, which recordings were left out, and why. Where pictures move, their own
    network is learned first, in the folder `pictures` of the run.

    Raises:
        ConfigError: the recipe is wrong, the folder holds a run of another recipe or cannot be written, or there is no
            such device.
        DataError: the data is missing or unusable.
        ModelError: what the folder holds is no checkpoint.
        KeyboardInterrupt: somebody stopped it.
    """
    wanted = recipe.read(path)
    pictures = None
    if wanted.net.kind in problems.MOVERS:
        first = _run(of_pictures(wanted), folder / "pictures", None, where, fresh=fresh, progress=progress, tell=tell)
        pictures = cast("Vae", load(first).net)
    return _run(wanted, folder, pictures, where, fresh=fresh, progress=progress, tell=tell)


def _run(
    wanted: recipe.Recipe,
    folder: Path,
    pictures: Vae | None,
    where: Where,
    *,
    fresh: bool,
    progress: bool,
    tell: Callable[[str], object],
) -> Path:
    """Train one network, or go on."""
    last = folder / LAST
    going_on = last.exists() and not fresh
    if going_on and read_recipe(last) != wanted:
        raise ConfigError(str(last), "a run of another recipe", "the same recipe", "start over with --fresh")
    trainer = _trainer(wanted, folder, where, progress=progress)
    problem = problems.make(wanted, pictures)
    task = problems.task(wanted, problem)
    if trainer.is_global_zero:
        for note in (
            *(() if isinstance(task, GridTask | FrameTask | PictureTask | SignTask) else (nats(task),)),
            *problem.notes,
        ):
            tell(note)
    _prepare(folder)
    _fit(trainer, task, last if going_on else None)
    if trainer.is_global_zero:
        _report(problem, task, folder)
    return last


def _prepare(folder: Path) -> None:
    """Make the folder of a run."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(str(folder), error.strerror or "not writable", "a folder for the run") from error
    if not os.access(folder, os.W_OK):
        raise ConfigError(str(folder), "not writable", "a folder for the run")


def _fit(trainer: lightning.Trainer, task: Task, resume: Path | None) -> None:
    """Train; Lightning turns an interruption into an exit, which is undone here."""
    try:
        trainer.fit(task, ckpt_path=resume, weights_only=True)
    except SystemExit:
        raise KeyboardInterrupt from None


def _trainer(wanted: recipe.Recipe, folder: Path, where: Where, *, progress: bool) -> lightning.Trainer:
    """Lightning's trainer, which knows best what it can run on."""
    try:
        return _make_trainer(wanted, folder, where, progress=progress)
    except (ValueError, TypeError, MisconfigurationException) as error:
        given = ", ".join(f"--{field.name} {getattr(where, field.name)}" for field in fields(where))
        raise ConfigError(given, str(error), "devices of this machine, in Lightning's words") from error


def _make_trainer(wanted: recipe.Recipe, folder: Path, where: Where, *, progress: bool) -> lightning.Trainer:
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


def units(task: Task) -> str:
    """Of what a task's losses are densities over."""
    return "velocities" if isinstance(task, TouchTask) else "latent numbers" if isinstance(task, LatentTask) else METRES


def nats(task: Task) -> str:
    """What a task's losses are, for people."""
    return NATS.format(units=units(task))


def held_out(problem: Problem, task: Task) -> dict[str, Any]:
    """Held-out likelihoods in nats per dimension, beside copy-last and constant velocity fitted in training.

    For pianos, pictures and signs, what their task holds out.

    A part without clips is left out.
    """
    if isinstance(task, TouchTask | GridTask | FrameTask | PictureTask | SignTask):
        return task.held_out()
    task.eval()
    copy, steady = CopyLast.fit(problem.train), ConstantVelocity.fit(problem.train)
    found: dict[str, Any] = {"unit": f"nats per dimension, {units(task)}", "note": nats(task)}
    for name, clips in problem.held.items():
        if not clips:
            continue
        with torch.no_grad():
            losses = []
            for x, y in clips:
                task.forget()
                losses.append(task.loss(torch.from_numpy(x)[:, None], torch.from_numpy(y)[:, None]).flatten())
        changes = [y - x if problem.absolute else y for x, y in clips]
        found[name] = {
            "model": float(torch.cat(losses).mean()),
            "copy_last": copy.nll(changes),
            "constant_velocity": steady.nll(changes),
        }
    return found


def _report(problem: Problem, task: Task, folder: Path) -> None:
    """Write the held-out figures and the curves beside the checkpoint."""
    figures = held_out(problem, task.cpu())
    whole.write(folder / "metrics.json", (json.dumps(figures, indent=2) + "\n").encode())
    levels = figures.get("validation", {})
    baselines = {name.replace("_", " "): levels[name] for name in BASELINES if name in levels}
    training_curves(
        task.curve("train"),
        task.curve("validation"),
        folder / "curves.png",
        levels=baselines,
        unit=figures["unit"],
        title=task.recipe.title,
    )
