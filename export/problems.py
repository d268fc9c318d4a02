"""From a recipe to its problem."""

from collections.abc import Callable, Mapping

from export import (
    convlstm_problem,
    dance_problem,
    grid_problem,
    latent_problem,
    picture_problem,
    seed_problem,
    sign_problem,
    velocity_problem,
)
from export.convlstm_task import FrameTask
from export.latent_task import LatentTask
from export.lightning_task import Task
from export.nets.vae import Vae
from export.picture_task import PictureTask
from export.problem import Problem
from export.recipe import Recipe
from export.sign_task import SignTask
from export.velocity_task import GridTask, TouchTask

MAKERS: Mapping[str, Callable[[Recipe], Problem]] = {
    "dance": dance_problem.make,
    "seed": seed_problem.make,
    "velocity": velocity_problem.make,
    "grid": grid_problem.make,
    "grid-repaired": grid_problem.make,
    "convlstm": convlstm_problem.make,
    "seed-convlstm": convlstm_problem.make,
    "vae": picture_problem.make,
    "signs": sign_problem.make,
    "seed-signs": sign_problem.make,
}
"""By the kind of network."""

MOVERS: Mapping[str, Callable[[Recipe, Vae], Problem]] = {
    "latents": latent_problem.make,
    "seed-latents": latent_problem.make_seed,
}
"""Of what moves through the latent numbers of pictures, whose own network is learned before."""

TASKS: Mapping[str, type[Task]] = {
    "velocity": TouchTask,
    "grid": GridTask,
    "grid-repaired": GridTask,
    "convlstm": FrameTask,
    "seed-convlstm": FrameTask,
    "vae": PictureTask,
    "signs": SignTask,
    "seed-signs": SignTask,
    "latents": LatentTask,
    "seed-latents": LatentTask,
}
"""What does not learn as dancers do."""


def make(recipe: Recipe, pictures: Vae | None = None) -> Problem:
    """Read the data that a recipe names and make its untrained network.

    Args:
        recipe: that is to be learned.
        pictures: the network of pictures, for a recipe of `MOVERS`.

    Raises:
        DataError: the data is missing or unusable.
    """
    if pictures is not None:
        return MOVERS[recipe.net.kind](recipe, pictures)
    return MAKERS[recipe.net.kind](recipe)


def task(recipe: Recipe, problem: Problem) -> Task:
    """How a problem is learned."""
    return TASKS.get(recipe.net.kind, Task)(recipe, problem)
