"""From a recipe to its problem."""

from export import dance_problem, seed_problem
from export.problem import Problem
from export.recipe import Recipe


def make(recipe: Recipe) -> Problem:
    """Read the data that a recipe names and make its untrained network.

    Raises:
        DataError: the data is missing or unusable.
    """
    return seed_problem.make(recipe) if recipe.net.kind == "seed" else dance_problem.make(recipe)
