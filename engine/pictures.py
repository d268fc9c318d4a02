"""Who makes the pictures of a show: the act, what it is given, the screens, and what steers them."""

from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from engine import source
from engine.bill import Billed
from engine.bundled import find_model
from engine.footage.open_feed import open_feed
from engine.image_act import ImageAct
from engine.imagery import MOST_LATENTS
from engine.images.raster import Raster
from engine.inference.vet import load
from engine.open_images import open_images
from engine.open_screens import Screens, open_screens
from engine.runtime.painting import Given, Painting, nothing
from engine.schema.controls import Controls
from engine.schema.errors import ConfigError, ModelError
from engine.schema.frame import U8, Frame
from engine.schema.model import ModelSpec, Size
from engine.schema.skeleton import Skeleton
from engine.side import Beside, Desktop, make_beside

TRIED = 100
"""Frames that a model makes unseen before it may be seen."""


class Pictures(NamedTuple):
    """Who makes the pictures.

    Attributes:
        billed: the act.
        painting: makes them.
        screens: show them.
        beside: what they give to the steering.
    """

    billed: Billed
    painting: Painting
    screens: Screens
    beside: Beside

    @property
    def provider(self) -> str:
        """What the model runs on."""
        return self.painting.act.provider

    def lines(self) -> Sequence[str]:
        """What became of the pictures; for a person to read."""
        act = self.painting.act.counters
        done = f"{act.guarded} guarded, {act.nudged} nudged, {act.primed} primed again"
        return [f"pictures: {self.painting.shown} shown, {done}", *self.screens.lines()]

    @property
    def model(self) -> str:
        """Name of the model that plays."""
        return self.painting.act.spec.name


def open_pictures(billed: Billed, desk: Desktop, skeleton: Skeleton | None, opened: ExitStack) -> Pictures:
    """The pictures of a show.

    Args:
        billed: the act.
        desk: what everything that steers needs.
        skeleton: of the show's bodies; None where there are none.
        opened: closes what is opened here.

    Raises:
        EngineError: the model cannot be played, or not so; its source cannot be read; a screen cannot be opened.
    """
    act = open_act(billed, desk)
    with ExitStack() as refused:
        refused.callback(act.close)
        given = _given(billed, act, skeleton, desk, opened)
        screens = open_screens(
            desk.show.screens, act.size, fps=desk.fps, name=billed.cast.name, say=desk.say, opened=opened
        )
        painting = Painting(act, screens, given=given, fading=lambda: desk.board.value("crossfade") * desk.fps)
        refused.pop_all()
    opened.callback(painting.close)
    beside = make_beside(
        billed,
        desk,
        painting,
        make=lambda model, seed: _tried(model, seed, act.size, billed, desk.fps),
        chores=(partial(close_retired, painting),),
    )
    return Pictures(billed, painting, screens, beside)


def open_act(billed: Billed, desk: Desktop) -> ImageAct:
    """The act alone, as it can be played with what it is to be given.

    Raises:
        EngineError: the model cannot be played, or takes no pictures and has a source.
    """
    check_latents(billed.loaded.spec, billed.cast.model)
    cast, seed = billed.cast, desk.show.settings.seed
    act = open_images(billed.loaded, device=cast.device, seed=seed, fps=desk.fps, view=cast.path)
    if cast.source is not None and not act.takes:
        act.close()
        raise _untaken(billed)
    return act


def check_pictures(billed: Billed, desk: Desktop) -> None:
    """Open the act and what it is given, and close both again; screens are not opened: a running show may hold them.

    Raises:
        EngineError: as for `open_pictures`.
    """
    with ExitStack() as opened:
        act = open_act(billed, desk)
        opened.callback(act.close)
        skeleton = None if desk.bill.bodies is None else desk.bill.bodies.loaded.spec.skeleton
        _given(billed, act, skeleton, desk, opened)


def check_latents(spec: ModelSpec, place: str) -> None:
    """Refuse more latent numbers than leave in a datagram.

    Raises:
        ModelError: there are more.
    """
    if spec.head.kind != "frame" and spec.head.dims > MOST_LATENTS:
        raise ModelError(place, f"{spec.head.dims} latent numbers", f"at most {MOST_LATENTS}")


def close_retired(painting: Painting) -> None:
    """Close the acts that play no more; an errand."""
    for act in painting.retired():
        act.close()


def _untaken(billed: Billed) -> ConfigError:
    expected = f"none: {billed.loaded.spec.name} takes no pictures"
    hint = "a model with an encoder takes some, or one that foresees pictures"
    return ConfigError(f"{billed.place}.source", str(billed.cast.source), expected, hint)


def _given(billed: Billed, act: ImageAct, skeleton: Skeleton | None, desk: Desktop, opened: ExitStack) -> Given:
    """What the act is given."""
    if billed.cast.source is None:
        return nothing
    asked = source.parse(billed.cast.source, Path(), f"{billed.place}.source")
    if isinstance(asked, source.Bodies):
        assert skeleton is not None  # noqa: S101 (a bill has bodies where they are a source)
        return _Drawn(skeleton, act.size, asked, white=_white(act.spec)).draw
    feed = open_feed(billed.cast.source, act.size, fps=act.spec.fps, say=desk.say, folder=Path(), opened=opened)
    return lambda _frame, number: feed.take(number)


class _Drawn:
    """The bodies of each frame as a silhouette, white on black or the other way round."""

    def __init__(self, skeleton: Skeleton, size: Size, asked: source.Bodies, *, white: bool) -> None:
        self._raster = Raster(skeleton, size, **msgspec.structs.asdict(asked))
        self._white = white
        self._pixels: U8 = np.zeros((size.height, size.width), np.uint8)

    def draw(self, frame: Frame, _number: int) -> U8:
        """The bodies where they are in this frame."""
        self._raster.draw(frame.pose.positions, self._pixels)
        if not self._white:
            np.invert(self._pixels, out=self._pixels)
        return self._pixels


def _check_given(act: ImageAct, billed: Billed, place: str) -> None:
    """Refuse an act what is given to the one whose place it takes: it is made for that one's rate and figures.

    Raises:
        ModelError: it could not see it, or not as it should.
    """
    text, own, other = billed.cast.source, billed.loaded.spec, act.spec
    if text is None:
        return
    if not act.takes:
        raise ModelError(place, "a model that takes no pictures", f"one that takes those of {text}")
    if isinstance(source.parse(text, Path(), place), source.Bodies):
        if _white(own) != _white(other):
            found, expected = ("white on black" if _white(spec) else "black on white" for spec in (other, own))
            raise ModelError(place, f"figures {found}", f"{expected}, as they are drawn")
    elif own.fps != other.fps:
        raise ModelError(place, f"{other.fps:g} steps per second", f"{own.fps:g}, as often as {text} is read")


def _white(spec: ModelSpec) -> bool:
    """Whether the figures of a model are white on black."""
    return bool(spec.settings.get("figure", 1.0))


def _tried(model: str, seed: int, size: Size, billed: Billed, fps: float) -> ImageAct:
    """An act of a file, or of a bundled model, that has made pictures unseen.

    Raises:
        EngineError: there is no such model, it cannot be played, or not in the place of this one.
    """
    path = find_model(model, Path(), "model")
    loaded = load(path)
    check_latents(loaded.spec, str(path))
    act = open_images(loaded, device=billed.cast.device, seed=seed, fps=fps, view=billed.cast.path)
    with ExitStack() as refused:
        refused.callback(act.close)
        if act.size != size:
            found, expected = (f"{each.width} x {each.height}" for each in (act.size, size))
            raise ModelError(str(path), f"pictures of {found}", f"{expected}, as those that are shown")
        _check_given(act, billed, str(path))
        for _ in range(TRIED):
            act.frame(Controls(), None, hold=False)
        guarded = act.counters.guarded
        if guarded > TRIED // 2:
            raise ModelError(str(path), f"{guarded} of {TRIED} frames that are no pictures", "fewer, unseen")
        act.restart()
        refused.pop_all()
    return act
