"""Pictures and pages of the path that a model's memory takes: signs that it hears, dances and scores that it plays."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.table import Table

from engine import plugins
from engine.bundled import find_model
from engine.contracts import Loaded
from engine.inference.vet import load
from engine.motion.heading import canonical
from engine.path import PathEncoder, make_path
from engine.schema.errors import ConfigError, ModelError
from engine.schema.frame import F32
from engine.schema.model import ModelSpec
from engine.schema.skeleton import Skeleton
from export import memories
from export.data import hands
from export.memories import Memory, Run
from export.metrics import path_worth
from export.metrics.path_worth import Worth
from export.plots import path_page, path_sheet
from export.plots.paths import KINDS, Kind, Paths

ENDINGS = (".png", ".html")

TRAIN = "train one: engine-export train configs/train/path.toml --of MODEL"


class Asked(NamedTuple):
    """What to draw, as the command line says it.

    Attributes:
        model: a file, or the name of a bundled model.
        out: the picture or the page.
        data: recordings that the model is shown; empty: those it was made from, or what it does by itself.
        kind: the one map that is wanted; None: all.
        view: of the map.
        minutes: how long a model goes on by itself.
    """

    model: str
    out: Path
    data: str = ""
    kind: str | None = None
    view: str = "plain"
    minutes: float = 2.0


class Drawn(NamedTuple):
    """What was drawn.

    Attributes:
        file: the picture or the page.
        worth: what the map keeps, beside principal components.
        credit: to show with it.
    """

    file: Path
    worth: list[Worth]
    credit: str

    def table(self) -> Table:
        """What was measured, for a terminal."""
        return path_worth.table(self.worth, "what the map keeps of what was held out")


def draw(asked: Asked, progress: Callable[[str, float], None]) -> Drawn:
    """Let a model hear or play, and write where its memory went.

    Raises:
        ConfigError: a word that makes no sense here; the place cannot be written.
        ModelError: the model has no path.
        DataError: recordings that are not there, or do not fit.
    """
    _check(asked)
    loaded = load(find_model(asked.model, Path(), "MODEL"))
    encoder = make_path(loaded, "log" if asked.view == "log" else "plain")
    if encoder is None:
        raise ModelError(asked.model, "no path", "a model with the map of its memory", TRAIN)
    run = Run(source=asked.data, minutes=asked.minutes, progress=progress)
    streams = memories.memories(loaded, encoder.numbers, run)
    maps = tuple(points(encoder, loaded.spec, stream.states) for stream in streams)
    shown = paths(loaded, streams, maps)
    title = f"{loaded.spec.name}: the path of its memory" + (", log" if asked.view == "log" else "")
    if asked.out.suffix == ".html":
        path_page.draw(shown, asked.out, title=title)
    else:
        path_sheet.draw(shown, asked.out, kinds(asked.kind, shown), title=title)
    mean, scale = (np.asarray(loaded.arrays[f"path_{name}"], np.float32) for name in ("mean", "scale"))
    return Drawn(asked.out, path_worth.measured(streams, maps, (mean, scale)), loaded.spec.credit)


def points(encoder: PathEncoder, spec: ModelSpec, rows: F32) -> F32:
    """Where on the map (T, D) the rows (T, H) lie, as a show would send it."""
    chosen, column = [], 0
    for number in encoder.numbers:
        shape = spec.state[number].shape
        sizes = [size for size in shape if size != -1]
        part = rows[:, column : column + math.prod(sizes)].reshape(len(rows), *sizes)
        chosen.append(np.ascontiguousarray(np.moveaxis(part, 0, shape.index(-1))))
        column += math.prod(sizes)
    return encoder.place(chosen).copy()


def paths(loaded: Loaded, streams: Sequence[Memory], maps: Sequence[F32]) -> Paths:
    """Of signs all paths; of what goes on by itself one that nothing was learned from: two would cover each other."""
    chosen = list(range(len(streams)))
    if loaded.spec.head.kind != "classes":
        chosen = [next((at for at in chosen if streams[at].part == "test"), 0)]
    shown = [streams[at] for at in chosen]
    keys = plugins.part(loaded.spec.family) == "keys"
    return Paths(
        points=np.concatenate([maps[at] for at in chosen]),
        lengths=np.array([len(maps[at]) for at in chosen]),
        labels=tuple(stream.label or stream.name for stream in shown),
        sessions=tuple(stream.session for stream in shown),
        splits=tuple(stream.part for stream in shown),
        rate=1.0 if keys else loaded.spec.fps,
        unit="keys" if keys else "seconds",
        right=_right(shown),
        hands=_hands(loaded, shown),
        bodies=_bodies(loaded.spec.skeleton, shown),
    )


def kinds(asked: str | None, shown: Paths) -> tuple[Kind, ...]:
    """The maps to draw.

    Raises:
        ConfigError: one that these paths do not have.
    """
    found = tuple(kind for kind in shown.kinds if asked in (None, kind))
    if not found:
        raise ConfigError("--kind", f"'{asked}'", " or ".join(shown.kinds), "of this model and these recordings")
    return found


def _check(asked: Asked) -> None:
    if asked.out.suffix not in ENDINGS:
        raise ConfigError("--out", f"'{asked.out.name}'", f"a name that ends in {' or '.join(ENDINGS)}")
    if asked.kind is not None and asked.kind not in KINDS:
        raise ConfigError("--kind", f"'{asked.kind}'", ", ".join(KINDS))
    if asked.kind is not None and asked.out.suffix == ".html":
        raise ConfigError("--kind", f"'{asked.kind}' with {asked.out.name}", "a .png", "a page has buttons for each")
    if asked.view not in ("plain", "log"):
        raise ConfigError("--view", f"'{asked.view}'", "plain or log")
    if not 0 < asked.minutes <= 60:
        raise ConfigError("--minutes", f"{asked.minutes:g}", "over 0 and up to 60")


def _right(streams: Sequence[Memory]) -> np.ndarray | None:
    return np.array([bool(stream.right) for stream in streams]) if streams[0].right is not None else None


def _hands(loaded: Loaded, streams: Sequence[Memory]) -> np.ndarray | None:
    """How many hands move in each, where the model's channels name both."""
    if loaded.spec.head.kind != "classes":
        return None
    moving = hands.sides(loaded.spec.channels, loaded.arrays["motion"].tolist())
    if moving is None:
        return None
    return np.array([hands.count(stream.seen, moving) for stream in streams if stream.seen is not None])


def _bodies(skeleton: Skeleton | None, streams: Sequence[Memory]) -> F32 | None:
    """Bones of the bodies at each step, all turned so that they face whoever looks."""
    seen = [stream.seen for stream in streams]
    if skeleton is None or not skeleton.facing or any(one is None for one in seen):
        return None
    bodies, _ = canonical(np.concatenate([one for one in seen if one is not None]), skeleton)
    return np.ascontiguousarray(bodies[:, np.array(skeleton.edges), :2], np.float32)
