"""A page of a map in a real browser: it is drawn, a button changes it, and it asks nobody for anything."""

import itertools
import time
from pathlib import Path

import numpy as np
import pytest
from browser import PATIENCE, Browser, browser
from walks import walks

from export.plots import path_page

pytestmark = pytest.mark.browser

WITNESS = """
window.faults = [];
addEventListener('error', event => faults.push(String(event.message)));
for (const kind of ['error', 'warn'])
    console[kind] = (...words) => faults.push(words.join(' '));
"""
"""Notes whatever a page complains of; before the page's own scripts."""

PRESS = """
document.querySelectorAll('.updatemenu-button')[{}].dispatchEvent(new MouseEvent('click', {{bubbles: true}}))
"""


def settled(page: Browser) -> np.ndarray:
    """The page once it has stopped changing."""
    before, until = page.screenshot(), time.monotonic() + PATIENCE
    while True:
        time.sleep(0.5)
        after = page.screenshot()
        if (before == after).all() and coloured(after) > 500:
            return after
        assert time.monotonic() < until, "the page goes on changing, or shows nothing"
        before = after


def coloured(shown: np.ndarray) -> int:
    """Pixels that are no grey: the points."""
    return int((np.ptp(shown.astype(int), axis=-1) > 60).sum())


@pytest.mark.parametrize("dims", [2, 3])
def test_a_page_is_drawn_and_changed_without_a_network(tmp_path: Path, dims: int) -> None:
    path = tmp_path / "map.html"
    path_page.draw(walks(dims, of_each=10), path, title="made up")
    with browser(tmp_path, width=1000, height=800) as page:
        page.tell("Page.enable")
        page.tell("Page.addScriptToEvaluateOnNewDocument", source=WITNESS)
        page.open(path.as_uri())
        page.wait("document.querySelectorAll('.updatemenu-button').length === 3")
        seen = [settled(page)]
        for button in (1, 2):
            page.value(PRESS.format(button))
            seen.append(settled(page))
        assert all((one != other).any(-1).sum() > 500 for one, other in itertools.pairwise(seen))
        assert page.value("faults") == []
        assert page.value("performance.getEntriesByType('resource').map(entry => entry.name)") == []


@pytest.mark.parametrize("dims", [2, 3])
def test_a_page_of_thousands_of_signs_is_small_enough_to_be_sent(tmp_path: Path, dims: int) -> None:
    path = tmp_path / "map.html"
    path_page.draw(walks(dims, of_each=2500), path, title="made up")
    assert path.stat().st_size < 12e6
