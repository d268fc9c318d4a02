"""Recipes read made-up dances instead of recordings."""

import pytest
from training import synthetic

from export import sources
from export.data.splits import Split


@pytest.fixture(scope="session")
def parts() -> Split:
    return synthetic.parts()


@pytest.fixture
def made_up(parts: Split, monkeypatch: pytest.MonkeyPatch) -> Split:
    """Whatever source a recipe names, it gets these clips."""
    monkeypatch.setattr(sources, "load", lambda _: parts)
    return parts
