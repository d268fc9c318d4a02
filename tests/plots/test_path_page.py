"""A page of a map: what is in it, before a browser sees it."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
from walks import STEPS, WORDS, walks, wandering

from export.plots import path_page
from export.plots.paths import Paths


def page(shown: Paths, path: Path, title: str = "made up") -> str:
    path_page.draw(shown, path, title=title)
    return path.read_text("utf-8")


def own(text: str) -> str:
    """What a page holds beside Plotly: what it tells Plotly to draw."""
    return text[text.rindex("Plotly.newPlot") :]


def test_a_page_tells_sign_session_and_step_and_offers_three_views(tmp_path: Path) -> None:
    text = own(page(walks(3), tmp_path / "map.html"))
    for word, steps in zip(WORDS, STEPS, strict=True):
        assert f"{word}, monday, step {steps} of {steps}" in text
    assert "taken for another" in text
    assert all(words in text for words in path_page.BUTTONS.values())
    assert "scatter3d" in text


def test_what_is_not_known_has_no_button(tmp_path: Path) -> None:
    text = own(page(wandering(), tmp_path / "map.html"))
    assert not any(words in text for words in path_page.BUTTONS.values())
    assert "scattergl" in text
    text = own(page(replace(walks(), hands=None), tmp_path / "map.html"))
    assert [words in text for words in path_page.BUTTONS.values()] == [True, False, True]


def test_a_page_fetches_nothing(tmp_path: Path) -> None:
    text = page(walks(), tmp_path / "map.html")
    assert not re.search(r"<(script|link|img|iframe)[^>]+(src|href)=", text)


def test_words_from_files_are_words(tmp_path: Path) -> None:
    bad = "</script><b>x"
    made = walks()
    text = page(replace(made, labels=(bad,) * len(made.labels)), tmp_path / "map.html", title=bad)
    assert bad not in text


def test_of_too_many_steps_each_path_keeps_its_share_and_its_last() -> None:
    many = replace(
        walks(),
        points=np.random.default_rng(1).uniform(-1, 1, (130_000, 2)).astype(np.float32),
        lengths=np.full(12, 130_000 // 12) + (np.arange(12) < 130_000 % 12),
    )
    kept = path_page.thinned(many)
    assert kept.sum() <= path_page.MOST
    assert kept.sum() > path_page.MOST / 2
    assert kept[np.cumsum(many.lengths) - 1].all()
    assert path_page.thinned(walks()).all()


def test_a_pianist_s_time_is_counted_in_keys(tmp_path: Path) -> None:
    text = own(page(replace(wandering(), rate=1.0, unit="keys"), tmp_path / "map.html"))
    assert '"text":"keys"' in text
    assert '"text":"seconds"' not in text
