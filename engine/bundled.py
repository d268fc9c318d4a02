"""Models, scores and gloves by their names: those that come with the engine, and files that are there."""

from pathlib import Path
from typing import NamedTuple

from engine import models, scores
from engine.schema.errors import ConfigError

MODELS = Path(models.__file__).parent
"""Folder of the models that come with the engine; each is known by its name without `.onnx`."""

SCORES = Path(scores.__file__).parent
"""Folder of the scores that come with it; likewise without `.mid`."""

GLOVES = Path(__file__).parent / "gestures"
"""Folder of the recorded gloves that come with it; likewise without `.csv`."""


class _Kind(NamedTuple):
    """Files of one kind: what one is called, with its article; their suffix; where the bundled ones are."""

    article: str
    word: str
    suffix: str
    folder: Path


def find_model(name: str, folder: Path, place: str) -> Path:
    """The file of a model: a bundled one by its name, or one that is there, seen from `folder`.

    Raises:
        ConfigError: there is none.
    """
    return _find(name, folder, place, _Kind("an", "model", ".onnx", MODELS))


def find_score(name: str, folder: Path, place: str) -> Path:
    """The file of a score; as for a model."""
    return _find(name, folder, place, _Kind("a", "score", ".mid", SCORES))


def find_gloves(name: str) -> Path | None:
    """The file of recorded gloves that come with the engine; None where none are called so."""
    return next((path for path in GLOVES.glob("*.csv") if path.stem == name), None)


def _find(name: str, folder: Path, place: str, kind: _Kind) -> Path:
    bundled = {path.stem: path for path in sorted(kind.folder.glob(f"*{kind.suffix}"))}
    if name in bundled:
        return bundled[name]
    path = folder / Path(name).expanduser()
    if path.is_file():
        return path
    if name.removesuffix(kind.suffix) in bundled:
        return bundled[name.removesuffix(kind.suffix)]
    found = f"no such file '{path}'" if Path(name).suffix or len(Path(name).parts) > 1 else f"no {kind.word} '{name}'"
    expected = f"{kind.article} {kind.suffix} file"
    raise ConfigError(place, found, expected, f"bundled: {', '.join(bundled) or 'none'}")
