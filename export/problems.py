"""From a recipe to its problem."""

from collections.abc import Callable, Mapping

from export import convlstm_problem, dance_problem, grid_problem, seed_problem, velocity_problem
from export.convlstm_task import FrameTask
from export.lightning_task import Task
from export.problem import Problem
from export.recipe import Recipe
from export.velocity_task import GridTask, TouchTask

MAKERS: Mapping[str, Callable[[Recipe], Problem]] = {
    "dance": dance_problem.make,
    "seed": seed_problem.make,
    "velocity": velocity_problem.make,
    "grid": grid_problem.make,
    "grid-repaired": grid_problem.make,
    "convlstm": convlstm_problem.make,
    "seed-convlstm": convlstm_problem.make,
}
"""By the kind of network."""

TASKS: Mapping[str, type[Task]] = {
    "velocity": TouchTask,
    "grid": GridTask,
    "grid-repaired": GridTask,
    "convlstm": FrameTask,
    "seed-convlstm": FrameTask,
}
"""What does not learn as dancers do."""


def make(recipe: Recipe) -> Problem:
    """Read the data that a recipe names and make its untrained network.

    Raises:
        DataError: the data is missing or unusable.
    """
    return MAKERS[recipe.net.kind](recipe)


def task(recipe: Recipe, problem: Problem) -> Task:
    """How a problem is learned."""
    return TASKS.get(recipe.net.kind, Task)(recipe, problem)
