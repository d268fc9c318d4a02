"""A small set of made-up dances in two genres, and recipes that take moments to learn from it."""

from pathlib import Path
from typing import Any

import msgspec
from motion import bodies

from export.data.splits import Split
from export.recipe import DataRecipe, NetRecipe, Recipe, StreamRecipe, TrainRecipe

GENRES = ("modern", "salsa")


def parts() -> Split:
    """Four clips to train on, one to choose by and one to test on."""
    train = [bodies.dance(160 + 20 * seed, seed, genre=GENRES[seed % 2]) for seed in range(4)]
    held = [bodies.dance(90, seed, genre=GENRES[seed % 2]) for seed in (10, 11)]
    return Split(tuple(train), (held[0],), (held[1],))


def recipe(**tables: dict[str, Any]) -> Recipe:
    """A recipe of a few updates; keyword arguments replace fields of its tables."""
    small: dict[str, msgspec.Struct] = {
        "data": DataRecipe(source="cmu", components=12, mirror=True, bank=20, primes=3),
        "net": NetRecipe(hidden=16, layers=2, components=3, dropout=0.2),
        "streams": StreamRecipe(),
        "train": TrainRecipe(batch=4, window=8, epochs=3, updates=4),
    }
    changed = {name: msgspec.structs.replace(small[name], **fields) for name, fields in tables.items()}
    return Recipe(name="small", title="a small dancer", **(small | changed))  # type: ignore[arg-type]


def seed_recipe(**tables: dict[str, Any]) -> Recipe:
    """The seed's kind of recipe in small."""
    net: dict[str, Any] = {"kind": "seed", "hidden": 16, "layers": 2, "components": 4}
    return recipe(**({"net": net, "train": {"batch": 2, "window": 32}} | tables))


def write(path: Path, wanted: Recipe) -> Path:
    """Write a recipe as TOML."""
    path.write_text("\n".join(_table("", msgspec.to_builtins(wanted))) + "\n", encoding="utf-8")
    return path


def _table(name: str, fields: dict[str, Any]) -> list[str]:
    """Lines of a table, its own fields before the tables in it."""
    tables = {key: field for key, field in fields.items() if isinstance(field, dict) and field}
    own = [f"{key} = {msgspec.json.encode(field).decode()}" for key, field in fields.items() if key not in tables]
    inner = [line for key, table in tables.items() for line in _table(f"{name}.{key}".lstrip("."), table)]
    return [*([f"[{name}]"] if name else []), *own, *inner]
