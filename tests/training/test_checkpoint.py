"""Checkpoints: what they hold, and what is answered to a file that is none."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from training import synthetic

from engine.schema.errors import ModelError
from export import checkpoint, problems
from export.recipe import Recipe

pytestmark = pytest.mark.usefixtures("made_up")

RECIPES = {"dance": synthetic.recipe(), "seed": synthetic.seed_recipe()}


def stored(recipe: Recipe) -> dict[str, Any]:
    """What Lightning and the task write, as far as exporting needs it."""
    problem = problems.make(recipe)
    return {
        "state_dict": {f"net.{name}": part for name, part in problem.net.state_dict().items()},
        "global_step": 12,
        checkpoint.KEY: checkpoint.entry(recipe, problem),
    }


@pytest.mark.parametrize("name", RECIPES)
def test_what_is_stored_is_what_is_loaded(name: str, tmp_path: Path) -> None:
    recipe, path = RECIPES[name], tmp_path / "last.ckpt"
    torch.save(stored(recipe), path)
    problem, found = problems.make(recipe), checkpoint.load(path)
    assert found.recipe == checkpoint.read_recipe(path) == recipe
    assert found.spec == problem.spec
    assert found.updates == 12
    assert not found.net.training
    assert type(found.net) is type(problem.net)
    for key, part in problem.net.state_dict().items():
        assert torch.equal(found.net.state_dict()[key], part), key
    assert found.arrays.keys() == problem.arrays.keys()
    for key, array in problem.arrays.items():
        np.testing.assert_array_equal(found.arrays[key], array)
    x = torch.from_numpy(problem.held["test"][0][0])[:, None]
    problem.net.eval()
    with torch.no_grad():
        for one, other in zip(found.net(x)[:3], problem.net(x)[:3], strict=True):
            assert torch.equal(one, other)


def zipped(thing: object) -> bytes:
    file = io.BytesIO()
    torch.save(thing, file)
    return file.getvalue()


def truncated() -> bytes:
    whole = zipped({"figurant": torch.zeros(1000)})
    return whole[: len(whole) // 2]


FOREIGN: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "no checkpoint"),
    "text": (lambda: b"hello\n" * 100, "no checkpoint"),
    "noise": (lambda: np.random.default_rng(0).bytes(5000), "no checkpoint"),
    "an old format": (lambda: b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9", "no checkpoint"),
    "a zip of something else": (lambda: b"PK\x03\x04" + b"\0" * 200, "unreadable"),
    "half a checkpoint": (truncated, "unreadable"),
    "a whole network": (lambda: zipped(torch.nn.Linear(2, 2)), "unreadable"),
    "weights of another program": (lambda: zipped({"state_dict": {}}), "a checkpoint of something else"),
    "a list": (lambda: zipped([1, 2]), "a checkpoint of something else"),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_a_foreign_file_is_one_line(case: str, tmp_path: Path) -> None:
    make, found = FOREIGN[case]
    path = tmp_path / "last.ckpt"
    path.write_bytes(make())
    with pytest.raises(ModelError) as caught:
        checkpoint.load(path)
    assert caught.value.place == str(path)
    assert caught.value.found.startswith(found)
    assert "engine-export train" in caught.value.expected
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["missing.ckpt", "."])
def test_a_file_that_is_not_there_is_one_line(name: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="engine-export train"):
        checkpoint.load(tmp_path / name)


def test_a_file_cannot_run_code(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
            return Path.touch, (tmp_path / "ran",)  # type: ignore[return-value]

    path = tmp_path / "last.ckpt"
    path.write_bytes(zipped({"figurant": Bomb()}))
    with pytest.raises(ModelError, match="unreadable"):
        checkpoint.peek(path)
    assert not (tmp_path / "ran").exists()


def without(tree: dict[str, Any], *keys: str) -> dict[str, Any]:
    inner = tree
    for key in keys[:-1]:
        inner = inner[key]
    del inner[keys[-1]]
    return tree


def newer(tree: dict[str, Any]) -> dict[str, Any]:
    recipe = msgspec.json.decode(tree["figurant"]["recipe"])
    recipe["train"]["momentum"] = 0.9
    tree["figurant"]["recipe"] = msgspec.json.encode(recipe).decode()
    return tree


def other_sizes(tree: dict[str, Any]) -> dict[str, Any]:
    tree["state_dict"]["net.head.pi.bias"] = torch.zeros(99)
    return tree


VERSIONS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "no weights": lambda tree: without(tree, "state_dict"),
    "no recipe": lambda tree: without(tree, "figurant", "recipe"),
    "no arrays": lambda tree: without(tree, "figurant", "arrays"),
    "a weight less": lambda tree: without(tree, "state_dict", "net.gate"),
    "no scales": lambda tree: without(tree, "state_dict", "net.scales"),
    "a recipe with another field": newer,
    "weights of another size": other_sizes,
    "an entry that is no table": lambda tree: tree | {"figurant": 3},
}


@pytest.mark.parametrize("case", VERSIONS)
def test_a_checkpoint_of_another_version_is_one_line(case: str, tmp_path: Path) -> None:
    path = tmp_path / "last.ckpt"
    torch.save(VERSIONS[case](stored(RECIPES["dance"])), path)
    with pytest.raises(ModelError, match="another version") as caught:
        checkpoint.load(path)
    assert caught.value.place == str(path)
    assert "\n" not in str(caught.value)
