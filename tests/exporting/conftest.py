"""Recipes read made-up dances instead of recordings."""

from collections.abc import Iterator

import pytest
from training import synthetic

from export import sources


@pytest.fixture(scope="module")
def made_up() -> Iterator[None]:
    """Whatever source a recipe names, it gets the same few clips."""
    parts = synthetic.parts()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "load", lambda _: parts)
        yield
