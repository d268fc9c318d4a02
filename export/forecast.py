"""What a model foresees of pictures that are known, and how that looks beside them."""

from collections.abc import Callable, Sequence
from itertools import islice

import numpy as np

from engine.contracts import Loaded
from engine.images.levels import to_grey, to_light
from engine.inference.bound_graph import BoundGraph
from engine.schema.errors import ConfigError, DataError, ModelError
from engine.schema.frame import F32, U8
from engine.schema.model import ModelSpec, Size
from export.data import moving_mnist
from export.imaging import Imaging, film
from export.moves import MOST
from export.recording import Lane, Pictures, Recording
from export.render import Rendering

CONTEXT = "context"
"""The setting that says how many pictures a model sees before it goes on alone."""

FEWEST = 2


def opened(loaded: Loaded, *, place: str, rows: int = 1) -> BoundGraph:
    """The graph of a model that foresees pictures, several rows at once.

    Raises:
        ModelError: it foresees none.
    """
    spec = loaded.spec
    if spec.image is None or spec.head.kind != "frame":
        raise ModelError(place, f"a model of the family {spec.family}", "one that foresees pictures (frames)")
    shapes = {one.input: (rows, *one.shape[1:]) for one in spec.state}
    shapes["x"] = (rows, 1, spec.image.height, spec.image.width)
    state = [(one.input, one.output) for one in spec.state]
    return BoundGraph(loaded.graph, device="cpu", place=place, shapes=shapes, state=state)


def stream(graph: BoundGraph, pictures: Sequence[F32] | F32) -> F32:
    """What a graph of one row foresees after each of some pictures (H, W)."""
    return np.stack([graph.run(picture[None, None])[0][0, 0].copy() for picture in pictures])


def foreseen(graph: BoundGraph, truth: U8, context: int, progress: Callable[[float], object]) -> U8:
    """What a graph foresees (T, H, W) of pictures (T, H, W): the first ones shown to it, then each from its own last.

    The first picture is foreseen from nothing, and is black.

    Raises:
        ModelError: the graph gives what is no number.
    """
    found, x = np.zeros_like(truth), np.zeros((1, 1, *truth.shape[1:]), np.float32)
    for frame in range(1, len(truth)):
        if frame <= context:
            to_light(truth[frame - 1], x[0, 0])
        (made,) = graph.run(x)
        if not to_grey(made[0, 0], found[frame]):
            raise ModelError("--compare", f"what is no number in picture {frame + 1}", "light from 0 to 1")
        np.copyto(x, made)
        progress(frame / len(truth))
    return found


def compare(model: Imaging, rendering: Rendering, seed: int, progress: Callable[[float], object]) -> Recording:
    """What comes, what is foreseen of it, and how far these are apart, beside each other.

    Args:
        model: foresees pictures.
        rendering: its source is what comes; without one it is two digits that the seed chooses, which never trained.
        seed: of the digits.
        progress: told the share that is done.

    Raises:
        ConfigError: the source is no film.
        DataError: it holds no pictures, too few, or there are no digits.
        ModelError: the model foresees nothing, or not these.
    """
    spec = model.loaded.spec
    graph = opened(model.loaded, place=spec.name)
    try:
        context = _context(spec)
        truth = _truth(model.size, spec.fps, model.frames(rendering), rendering.source, seed)
        found = foreseen(graph, truth, context, progress)
    finally:
        graph.close()
    apart = np.abs(truth.astype(np.int16) - found).astype(np.uint8)
    lanes = (Lane("what comes", truth), Lane("foreseen", found), Lane("apart", apart))
    return Recording(
        name=spec.name,
        fps=spec.fps,
        skeleton=None,
        rig=None,
        performers=(),
        notes=(),
        frames=len(truth),
        credit=spec.credit,
        licence=spec.licence,
        made=model.made(rendering, seed),
        pictures=Pictures(lanes=lanes, given=min(context, len(truth))),
    )


def length(spec: ModelSpec) -> float:
    """Seconds of a comparison: what a model sees, and as much again alone.

    Raises:
        ConfigError: the model foresees no pictures.
        ModelError: it does not say how many it sees.
    """
    if spec.head.kind != "frame":
        found = f"a model of the family {spec.family}"
        raise ConfigError("--compare", found, "one that foresees pictures, of the family frames")
    return 2 * _context(spec) / spec.fps


def check(model: Imaging, rendering: Rendering) -> None:
    """Refuse what cannot be compared.

    Raises:
        ConfigError: another rate, or not enough memory.
    """
    spec = model.loaded.spec
    if rendering.fps not in (None, spec.fps):
        raise ConfigError("--fps", f"{rendering.fps:g}", f"{spec.fps:g}, the model's own, where pictures are compared")
    if 3 * model.footprint(rendering) > MOST:
        raise ConfigError("--seconds", f"{rendering.seconds:g}", f"what fits into {MOST >> 30} GB of memory")


def _context(spec: ModelSpec) -> int:
    context = spec.settings.get(CONTEXT, 0)
    if isinstance(context, bool | str) or not 1 <= context <= 1000:
        raise ModelError(f"{spec.name}: figurant.spec: settings.{CONTEXT}", str(context), "1 to 1000 pictures")
    return int(context)


def _truth(size: Size, fps: float, count: int, source: str, seed: int) -> U8:
    """What comes (T, H, W)."""
    if source:
        found = list(islice(film(source, size, fps, again=False), count))
        if len(found) < FEWEST:
            raise DataError(source, f"{len(found)} picture", f"{FEWEST} or more, one after the other")
        return np.stack(found)
    side = moving_mnist.SIZE
    if (size.height, size.width) != (side, side):
        found_size = f"a model of {size.width} x {size.height} pixels, which no moving digits have"
        raise ConfigError("--compare", found_size, "--source FILM")
    digits: U8 = moving_mnist.make("test", 1, count, np.random.default_rng(seed)).frames[0]
    return digits
