"""Maps of a memory: what each shows, that words do not stand on each other, and that they are written whole."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.image import imread
from numpy.typing import NDArray
from walks import STEPS, WORDS, walks, wandering

from engine.schema.errors import ConfigError
from export.plots import path_bodies, path_panels, path_sheet, path_words
from export.plots.canvas import DPI, RED, figure
from export.plots.paths import Kind, Paths

SIDE = round(path_sheet.SIDE * DPI)
"""Pixels of a map."""


def picture(path: Path, kinds: list[Kind], shown: Paths) -> NDArray[np.float32]:
    path_sheet.draw(shown, path, kinds, title="made up")
    return np.asarray(imread(path)[..., :3], np.float32)


def amount(found: NDArray[np.float32], colour: str) -> int:
    """Pixels of a colour."""
    return int((np.abs(found - np.array(to_rgb(colour))).max(-1) < 0.02).sum())


def test_where_a_path_begins_and_ends() -> None:
    made = walks()
    assert made.starts.tolist()[:4] == [0, 10, 20, 30]
    assert made.steps.tolist()[:12] == [*range(10), 0, 1]
    np.testing.assert_array_equal(made.ends[0], made.points[STEPS[0] - 1])


def test_what_there_is_to_see_follows_from_what_is_known() -> None:
    assert walks().kinds == ("time", "last", "hands", "errors")
    assert replace(walks(), hands=None).kinds == ("time", "last", "errors")
    assert wandering().kinds == ("time",)


def test_a_sheet_has_a_map_for_each_kind_and_two_of_each_in_space(tmp_path: Path) -> None:
    flat = picture(tmp_path / "flat.png", ["time", "hands", "errors"], walks())
    deep = picture(tmp_path / "deep.png", ["time"], walks(3))
    for found, columns, rows in ((flat, 2, 2), (deep, 2, 1)):
        assert found.shape[1] == columns * SIDE
        assert found.shape[0] // SIDE == rows
        assert found.std() > 0.02


def test_time_is_seen_from_dark_to_bright(tmp_path: Path) -> None:
    """Signs go outwards, so their bright late steps lie outside of their dark early ones."""
    found = picture(tmp_path / "time.png", ["time"], walks())[100:]
    late, early = (np.argwhere(np.abs(found - to_rgb(one)).max(-1) < 0.05) for one in ("#fde725", "#440154"))
    centre = np.array([found.shape[0] / 2, found.shape[1] / 2])
    assert np.linalg.norm(late - centre, axis=1).mean() > 2 * np.linalg.norm(early - centre, axis=1).mean()


def test_hands_have_two_colours(tmp_path: Path) -> None:
    made = walks()
    only = replace(made, hands=np.ones(len(made.lengths), np.int64))
    for name, each, mixed in (("both", made, True), ("one", only, False)):
        found = picture(tmp_path / f"{name}.png", ["hands"], each)[200:]  # below the legend
        assert (found[..., 2] > found[..., 0] + 0.2).sum() > 200
        assert ((found[..., 0] > found[..., 2] + 0.2).sum() > 200) == mixed


def test_what_was_taken_for_another_is_marked(tmp_path: Path) -> None:
    made = walks()
    assert made.right is not None
    fine = replace(made, right=np.ones_like(made.right))
    wrong, right = (picture(tmp_path / f"{name}.png", ["errors"], each) for name, each in (("a", made), ("b", fine)))
    assert amount(wrong, RED) > amount(right, RED) + 15


@pytest.mark.parametrize("dims", [2, 3])
def test_signs_are_named_where_they_end(dims: int) -> None:
    made = walks(dims)
    axes = path_sheet.empty(figure(5, 5), (0.1, 0.1, 0.8, 0.8), path_sheet.ANGLES[0] if dims == 3 else None)
    path_panels.last(axes, made)
    words = {text.get_text(): text for text in axes.texts}
    assert set(words) == {*WORDS, "4 of 4 signs are named"}
    for number, word in enumerate(WORDS):
        box = words[word].get_window_extent()
        (end,) = path_words.pixels(axes, made.ends[3 * number : 3 * number + 1])
        assert np.abs(np.array([(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2]) - end).max() < 60


def test_words_never_stand_on_each_other_and_none_leaves_the_map() -> None:
    draw = np.random.default_rng(1)
    anchors, halves = draw.uniform(50, 350, (120, 2)), np.tile([[22.0, 6.0]], (120, 1))
    edges = np.array([[0.0, 0.0], [400.0, 400.0]])
    found = path_words.spread(anchors, halves, edges)
    places = np.array([each for each in found if each is not None])
    assert 60 < len(places) <= 120
    apart = np.abs(places[:, None] - places[None])
    meet = (apart < 2 * halves[0]).all(-1) & ~np.eye(len(places), dtype=bool)
    assert not meet.any()
    assert (places >= halves[0]).all()
    assert (places <= 400 - halves[0]).all()


def test_a_word_without_neighbours_stands_beside_its_point() -> None:
    (found,) = path_words.spread(np.array([[100.0, 100.0]]), np.array([[20.0, 5.0]]), np.array([[0, 0], [200, 200.0]]))
    assert found is not None
    assert np.abs(found - 100).max() < 40


def test_bodies_stand_apart_and_are_drawn(tmp_path: Path) -> None:
    made = wandering()
    places = made.points[path_bodies.chosen(made.points)]
    apart = np.linalg.norm(places[:, None] - places[None], axis=-1) + np.eye(len(places))
    assert 4 < len(places) <= path_bodies.MOST
    assert apart.min() >= path_bodies.NEAREST
    bodies, none = (
        picture(tmp_path / f"{name}.png", ["time"], each)
        for name, each in (("bodies", made), ("none", replace(made, bodies=None)))
    )
    assert (bodies != none).any(-1).sum() > 500


def test_a_place_that_cannot_be_written_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", "utf-8")
    with pytest.raises(ConfigError, match="taken"):
        path_sheet.draw(wandering(), tmp_path / "taken" / "map.png", ["time"], title="")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
