"""The pictures that a model makes, as fast as the machine goes: no clock, and nothing of a show's live side."""

import math
from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from engine import __version__, plugins, source
from engine.bundled import find_model
from engine.contracts import Loaded
from engine.footage.open_footage import open_footage, pictures
from engine.image_act import ImageAct
from engine.inference.vet import load
from engine.open_images import open_images
from engine.schema.controls import make_controls
from engine.schema.errors import ConfigError, ModelError
from engine.schema.frame import F32, U8
from engine.schema.model import Size
from export import knobs
from export.moves import MOST
from export.recording import Lane, Outline, Pictures, Recording
from export.render import CHUNK, FAMILY, Playable, Progress, Rendering, open_dance

FASTEST = 1000.0
"""Frames per second, as a show has them at most."""

PLACE = "--source"

EXPECTED = "a film, a stack of arrays or a folder of pictures"
"""What can be given."""


class Imaging(NamedTuple):
    """A model of pictures that can be rendered.

    Attributes:
        loaded: its file, vetted.
        size: of the pictures.
        sha256: of the file.
    """

    loaded: Loaded
    size: Size
    sha256: str

    def rate(self, rendering: Rendering) -> float:
        """Frames per second: the model's own, or what is asked for."""
        return self.loaded.spec.fps if rendering.fps is None else rendering.fps

    def frames(self, rendering: Rendering) -> int:
        """T, frames of its recordings."""
        return round(rendering.seconds * self.rate(rendering))

    def outline(self, rendering: Rendering) -> Outline:
        """What is known of its recordings."""
        return Outline(self.frames(rendering), self.rate(rendering), 0, rigged=False, notes=False, pictures=True)

    def footprint(self, rendering: Rendering) -> int:
        """Bytes that the arrays of one recording take."""
        head = self.loaded.spec.head
        latent = 0 if head.kind == "frame" else 4 * head.dims
        return self.frames(rendering) * (self.size.height * self.size.width + latent)

    def checked(self, rendering: Rendering) -> Rendering:
        """What is asked for, if this model can do it.

        Raises:
            ConfigError: it names what makes no sense.
        """
        fps, seconds = self.rate(rendering), rendering.seconds
        if not 0 < fps <= FASTEST:
            raise ConfigError("--fps", f"{fps:g}", f"frames per second, over 0 and up to {FASTEST:g}")
        if not (math.isfinite(seconds) and seconds * fps >= 1):
            raise ConfigError("--seconds", f"{seconds:g}", f"one frame or more, {1 / fps:.3f} s")
        if rendering.performers != 1:
            raise ConfigError("--performers", str(rendering.performers), "none, as this model makes pictures")
        needed = self.footprint(rendering)
        if needed > MOST:
            found = f"{seconds:g} s, which takes {needed / 2**30:.1f} GB of memory"
            raise ConfigError("--seconds", found, f"at most {math.floor(seconds * MOST / needed)} s at once")
        if rendering.source:
            next(film(rendering.source, self.size, self.loaded.spec.fps))
        return msgspec.structs.replace(rendering, controls=knobs.checked(rendering.controls, self.loaded.spec))

    def render(
        self, rendering: Rendering, seeds: Sequence[int], progress: Progress = lambda _: None
    ) -> list[Recording]:
        """One recording for each seed, the same to the last bit whatever other seeds are asked for with it.

        Raises:
            DataError: a picture of the source cannot be read.
            DeviceError: the device is not there.
            ModelError: the model cannot be played, or takes no pictures where there is a source.
        """
        act = open_images(self.loaded, device=rendering.device, seed=seeds[0], fps=self.rate(rendering))
        try:
            if rendering.source and not act.takes:
                raise ModelError(PLACE, rendering.source, "none, as this model takes no pictures")
            found = []
            for done, seed in enumerate(seeds):
                act.reseed(seed)
                act.restart()
                share = lambda part, done=done: progress((done + part) / len(seeds))  # noqa: E731
                found.append(self._recorded(rendering, act, seed, share))
            return found
        finally:
            act.close()

    def _recorded(self, rendering: Rendering, act: ImageAct, seed: int, progress: Progress) -> Recording:
        spec, length = self.loaded.spec, self.frames(rendering)
        controls, begun = make_controls(rendering.controls), act.counters.frames
        given = _Given(film(rendering.source, self.size, spec.fps) if rendering.source else iter(()))
        pixels = np.empty((length, self.size.height, self.size.width), np.uint8)
        latents: list[F32] = []
        for at in range(length):
            image = act.frame(controls, given.take(act.counters.frames - begun), hold=False)
            pixels[at] = image.pixels
            if image.latent is not None:
                latents.append(image.latent.copy())
            if at % CHUNK == 0:
                progress(at / length)
        progress(1.0)
        return Recording(
            name=spec.name,
            fps=self.rate(rendering),
            skeleton=None,
            rig=None,
            performers=(),
            notes=(),
            frames=length,
            credit=spec.credit,
            licence=spec.licence,
            made=self.made(rendering, seed),
            pictures=Pictures(lanes=(Lane(spec.name, pixels),), latents=np.stack(latents) if latents else None),
        )

    def made(self, rendering: Rendering, seed: int) -> str:
        """How the recording can be made again."""
        asked = "".join(f" --set {name}={value:g}" for name, value in rendering.controls.items())
        asked += f" --source {Path(rendering.source).name}" if rendering.source else ""
        what = f"--seconds {rendering.seconds:g} --fps {self.rate(rendering):g} --seed {seed}{asked}"
        return f"figurant {__version__}: model {self.loaded.spec.name} (sha256 {self.sha256[:16]}), {what}"


class _Given:
    """What a model is given, frame by frame, as in a show."""

    def __init__(self, found: Iterator[U8]) -> None:
        self._found, self._number = found, -1
        self._last: U8 | None = None

    def take(self, number: int) -> U8 | None:
        """The picture for the model's frame of this number, from 0 on, which does not fall; None: there is none."""
        while self._number < number:
            self._last, self._number = next(self._found, None), self._number + 1
        return self._last


def open_model(model: str) -> Playable:
    """A model from a file, or a bundled one by its name: of bodies or of pictures.

    Raises:
        ConfigError: there is no such file, or no such family.
        ModelError: it is no model of ours, it plays the piano, or it says neither a skeleton nor a size of pictures.
    """
    path = find_model(model, Path(), "MODEL")
    loaded = load(path)
    if plugins.part(loaded.spec.family, place=f"{path}: {FAMILY}") != "images":
        return open_dance(model)
    if loaded.spec.image is None:
        raise ModelError(f"{path}: figurant.spec: image", "none", "rows and columns of the pictures")
    return Imaging(loaded, loaded.spec.image, loaded.sha256)


def film(text: str, size: Size, fps: float, *, again: bool = True) -> Iterator[U8]:
    """The pictures (H, W) of a source, one for each moment.

    Args:
        text: as it was written.
        size: H and W.
        fps: moments per second.
        again: whether they begin again after the last one.

    Raises:
        ConfigError: there is no such file, or it is no film.
        DataError: it holds no pictures, or one of them cannot be read.
    """
    asked = source.parse(text, Path(), PLACE, expected=EXPECTED)
    if not isinstance(asked, source.File):
        raise ConfigError(PLACE, f"'{text}'", EXPECTED)
    footage = open_footage(asked)
    laps = repeat(None) if again else repeat(None, 1)
    return chain.from_iterable(pictures(footage.shots(), asked, size, fps) for _ in laps)
