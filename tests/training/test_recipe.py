"""Recipes: what they may say, and what a mistake is answered with."""

from pathlib import Path

import pytest
from training import synthetic

from engine.schema.errors import ConfigError
from export import graph, recipe

HEAD = 'name = "a"\ntitle = "t"\n'
DATA = '[data]\nsource = "cmu"\n'

BAD = {
    "unknown key": (HEAD + DATA + "[train]\nbatc = 1\n", "train", "unknown field `batc`", ""),
    "unknown table": (HEAD + DATA + "[training]\nbatch = 1\n", "recipe", "unknown field `training`", ""),
    "missing key": ('title = "t"\n' + DATA, "recipe", "missing required field `name`", ""),
    "missing table": (HEAD, "recipe", "missing required field `data`", ""),
    "text for a number": (HEAD + DATA + '[train]\nlr = "high"\n', "train.lr", "got `str`", "float"),
    "fraction for a count": (HEAD + DATA + "[train]\nbatch = 1.5\n", "train.batch", "got `float`", "int"),
    "yes for a count": (HEAD + DATA + "[train]\nbatch = true\n", "train.batch", "got `bool`", "int"),
    "number for a table": (HEAD + "data = 3\n", "data", "got `int`", "object"),
    "nothing": (HEAD + DATA + "[train]\nepochs = 0\n", "train.epochs", ">= 1", "int"),
    "negative": (HEAD + DATA + "[streams]\nnoise = -0.1\n", "streams.noise", ">= 0", "float"),
    "not a number": (HEAD + DATA + "[train]\nlr = nan\n", "train.lr", "> 0", "float"),
    "infinite": (HEAD + DATA + "[train]\nlr = inf\n", "train.lr", "<=", "float"),
    "too much dropout": (HEAD + DATA + "[net]\ndropout = 1.0\n", "net.dropout", "< 1", "float"),
    "a disturbance without end": (HEAD + DATA + "[streams]\nmemory = 1.0\n", "streams.memory", "< 1", "float"),
    "a fade longer than a run": (HEAD + DATA + "[streams]\nfade = 31\n", "streams.fade", "<= 30", "int"),
    "a long fade longer still": (HEAD + DATA + "[streams]\nlong_fade = 61\n", "streams.long_fade", "<= 30", "int"),
    "no room for sigma": (HEAD + DATA + "[net]\nfloor = 2.0\ncap = 2.0\n", "net", "floor 2 is not below cap 2", ""),
    "noise of no colour": (HEAD + DATA + "[net]\ncolour = []\n", "net.colour", "length >= 1", "array"),
    "a kind of network": (HEAD + DATA + '[net]\nkind = "gru"\n', "net.kind", "'gru'", ""),
    "a share of nothing": (HEAD + DATA + "[streams]\ngenre_shares = [1.0, 0.0]\n", "genre_shares[1]", "> 0", ""),
    "a seed below zero": (HEAD + DATA + "[train]\nseed = -1\n", "train.seed", ">= 0", "int"),
    "an endless seed": (HEAD + DATA + f"[train]\nseed = {10**30}\n", "train.seed", "", "int"),
    "not TOML": ("name = \n", "", "Invalid value", ""),
    "not text": ("\udcff\udcfe", "", "decode", ""),
}


@pytest.mark.parametrize("case", BAD)
def test_a_mistake_is_answered_with_its_place(case: str, tmp_path: Path) -> None:
    text, place, found, expected = BAD[case]
    path = tmp_path / "r.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError) as caught:
        recipe.read(path)
    error = caught.value
    assert error.place.startswith(str(path))
    assert error.place.endswith(place)
    assert found in error.found
    assert expected in error.found
    assert "recipe" in error.expected
    assert "\n" not in str(error)


@pytest.mark.parametrize("name", ["missing.toml", "."])
def test_a_recipe_that_is_not_there(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"expected a training recipe \(TOML\)") as caught:
        recipe.read(tmp_path / name)
    assert caught.value.place == str(tmp_path / name)


def test_what_is_left_out_has_a_default(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text(HEAD + DATA)
    found = recipe.read(path)
    assert found.net == recipe.NetRecipe()
    assert found.train == recipe.TrainRecipe()


def test_a_recipe_written_is_the_recipe_read(tmp_path: Path) -> None:
    for wanted in (synthetic.recipe(), synthetic.seed_recipe(streams={"genre_shares": [0.25, 0.75]})):
        assert recipe.read(synthetic.write(tmp_path / "r.toml", wanted)) == wanted


@pytest.mark.parametrize("path", sorted(Path(__file__).parents[2].glob("configs/train/*.toml")), ids=lambda p: p.stem)
def test_every_recipe_that_is_shipped_can_be_read(path: Path) -> None:
    assert recipe.read(path).name == path.stem


def test_the_longest_fade_leaves_room_for_the_next_jump() -> None:
    for field in ("fade", "long_fade"):
        hint = recipe.StreamRecipe.__annotations__[field]
        assert 2 * hint.__metadata__[0].le <= graph.RUN
