"""What a model dances, computed as fast as the machine goes: no clock, and nothing of a show's live side."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from engine import __version__, plugins
from engine.act import Act
from engine.bundled import find_model
from engine.casting import line_up
from engine.contracts import Loaded
from engine.inference.open_model import open_model
from engine.inference.packed_model import PackedModel
from engine.inference.vet import load
from engine.motion.rig import make_rig
from engine.open_act import make_act
from engine.schema.controls import make_controls
from engine.schema.errors import ConfigError, ModelError
from engine.schema.kinds import MAX_PERFORMERS
from engine.schema.skeleton import Skeleton
from engine.troupe import capacity
from export import knobs
from export.film import Film
from export.moves import MOST, frame_bytes
from export.recording import Outline, Recording

CHUNK = 64
"""Frames between two reports of how far it has come."""

FAMILY = "figurant.spec: family"

Progress = Callable[[float], object]


class Rendering(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of a model.

    Attributes:
        seconds: how long.
        performers: how many dance side by side, in one recording.
        controls: single knobs by their names, as `engine.schema.controls.expanded` has them.
        device: where the model is computed.
        fps: frames per second of pictures; None: the model's own.
        source: of pictures that a model of pictures is given, a film, a stack of arrays or a folder; '' for none.
    """

    seconds: float = 60.0
    performers: int = 1
    controls: dict[str, float] = {}
    device: str = "cpu"
    fps: float | None = None
    source: str = ""


class Playable(Protocol):
    """A model that can be rendered."""

    @property
    def loaded(self) -> Loaded:
        """Its file, vetted."""
        ...

    @property
    def sha256(self) -> str:
        """Of the file."""
        ...

    def rate(self, rendering: Rendering) -> float:
        """Frames per second of its recordings."""
        ...

    def frames(self, rendering: Rendering) -> int:
        """T, frames of its recordings."""
        ...

    def outline(self, rendering: Rendering) -> Outline:
        """What is known of its recordings."""
        ...

    def footprint(self, rendering: Rendering) -> int:
        """Bytes that the arrays of one recording take."""
        ...

    def checked(self, rendering: Rendering) -> Rendering:
        """What is asked for, if this model can do it; errors as of `checked`."""
        ...

    def render(self, rendering: Rendering, seeds: Sequence[int], progress: Progress) -> list[Recording]:
        """One recording for each seed; arguments and errors as of `render`."""
        ...


class Dance(NamedTuple):
    """A model of bodies that can be rendered.

    Attributes:
        loaded: its file, vetted.
        skeleton: of the bodies.
        sha256: of the file.
    """

    loaded: Loaded
    skeleton: Skeleton
    sha256: str

    def rate(self, rendering: Rendering) -> float:  # noqa: ARG002 (pictures may be asked for at another)
        """Frames per second: the model's own."""
        return self.loaded.spec.fps

    def frames(self, rendering: Rendering) -> int:
        """T, frames of its recordings."""
        return round(rendering.seconds * self.loaded.spec.fps)

    def outline(self, rendering: Rendering) -> Outline:
        """What is known of its recordings."""
        points = rendering.performers * len(self.skeleton.names)
        rigged = make_rig(self.skeleton) is not None
        return Outline(self.frames(rendering), self.loaded.spec.fps, points, rigged, notes=False)

    def footprint(self, rendering: Rendering) -> int:
        """Bytes that the arrays of one recording take."""
        return self.frames(rendering) * rendering.performers * frame_bytes(self.skeleton)

    def checked(self, rendering: Rendering) -> Rendering:
        """As the function of this name."""
        return checked(self, rendering)

    def render(self, rendering: Rendering, seeds: Sequence[int], progress: Progress) -> list[Recording]:
        """As the function of this name."""
        return render(self, rendering, seeds, progress)


def open_dance(model: str) -> Dance:
    """A model from a file, or a bundled one by its name.

    Raises:
        ConfigError: there is no such file, or no such family.
        ModelError: it is no model of ours, it plays the piano, or it has no skeleton.
    """
    path = find_model(model, Path(), "MODEL")
    loaded = load(path)
    if plugins.part(loaded.spec.family, place=f"{path}: {FAMILY}") == "keys":
        found = "a model of touch, which strikes the keys of a score"
        raise ModelError(str(path), found, "a model that dances or makes pictures", "engine-export perform")
    if loaded.spec.skeleton is None:
        raise ModelError(f"{path}: figurant.spec: skeleton", "none", "a skeleton, as bodies have one")
    return Dance(loaded, loaded.spec.skeleton, loaded.sha256)


def checked(dance: Dance, rendering: Rendering) -> Rendering:
    """What is asked for, if this model can do it.

    Raises:
        ConfigError: it names what makes no sense.
    """
    seconds, performers, fps = rendering.seconds, rendering.performers, dance.loaded.spec.fps
    if not (math.isfinite(seconds) and seconds * fps >= 1):
        raise ConfigError("--seconds", f"{seconds:g}", f"one frame or more, {1 / fps:.3f} s")
    if not 1 <= performers <= MAX_PERFORMERS:
        raise ConfigError("--performers", str(performers), f"1 to {MAX_PERFORMERS}")
    if rendering.fps is not None or rendering.source:
        option = "--source" if rendering.source else "--fps"
        raise ConfigError(option, "a model that dances", "a model of pictures, as this is for these alone")
    needed = dance.footprint(rendering)
    if needed > MOST:
        found = f"{seconds:g} s of {performers}, which takes {needed / 2**30:.1f} GB of memory"
        raise ConfigError("--seconds", found, f"at most {math.floor(seconds * MOST / needed)} s at once")
    return msgspec.structs.replace(rendering, controls=knobs.checked(rendering.controls, dance.loaded.spec))


def render(
    dance: Dance, rendering: Rendering, seeds: Sequence[int], progress: Progress = lambda _: None
) -> list[Recording]:
    """One recording for each seed, the same to the last bit whatever other seeds are asked for with it.

    Models that our own kernels step dance side by side. ONNX Runtime rounds sums otherwise in other batches, and a
    device draws for its own rows, so there one recording is made after the other.

    Args:
        dance: the model.
        rendering: as `checked` gives it.
        seeds: one of each recording; at most 256 performers are rendered in one go.
        progress: told the share that is done.

    Raises:
        DeviceError: the device is not there.
        ModelError: the model cannot be played.
    """
    found: list[Recording] = []
    model = open_model(dance.loaded, capacity(rendering.performers, MAX_PERFORMERS), rendering.device)
    try:
        if isinstance(model, PackedModel):
            return _abreast(dance, rendering, model, seeds, progress)
        for done, seed in enumerate(seeds):
            act = make_act(dance.loaded, model, seed=seed, rows=model.batch, performers=())
            found += _play(dance, rendering, act, [seed], _part(progress, done, len(seeds)))
    finally:
        model.close()
    return found


def _abreast(
    dance: Dance, rendering: Rendering, model: PackedModel, seeds: Sequence[int], progress: Progress
) -> list[Recording]:
    """All at once: each recording's performers draw as if they were alone."""
    draws = list(range(rendering.performers)) * len(seeds)
    wide = model.resized(len(draws))
    try:
        act = make_act(dance.loaded, wide, seed=seeds[0], rows=len(draws), performers=(), draws=draws)
        return _play(dance, rendering, act, seeds, progress)
    finally:
        wide.close()


def _part(progress: Progress, done: int, count: int) -> Progress:
    return lambda share: progress((done + share) / count)


def _play(dance: Dance, rendering: Rendering, act: Act, seeds: Sequence[int], progress: Progress) -> list[Recording]:
    """Let an act dance with the performers of each seed in rows of their own."""
    spec, each, length = dance.loaded.spec, rendering.performers, dance.frames(rendering)
    controls, places = make_controls(rendering.controls), line_up(each)
    for row in range(each * len(seeds)):
        act.join(row + 1, seed=seeds[row // each], place=places[row % each], controls=controls)
    film = Film(act.skeleton, spec.fps, each * len(seeds), length)
    for at in range(length):
        film.take(at, act.tick())
        if at % CHUNK == 0:
            progress(at / length)
    progress(1.0)
    return [
        Recording(
            name=spec.name,
            fps=spec.fps,
            skeleton=act.skeleton,
            rig=film.rig,
            performers=tuple(film.performance(place * each + number, number + 1) for number in range(each)),
            notes=(),
            frames=length,
            credit=spec.credit,
            licence=spec.licence,
            made=_made(dance, rendering, seed),
        )
        for place, seed in enumerate(seeds)
    ]


def _made(dance: Dance, rendering: Rendering, seed: int) -> str:
    """How the recording can be made again."""
    asked = "".join(f" --set {name}={value:g}" for name, value in rendering.controls.items())
    what = f"--seconds {rendering.seconds:g} --performers {rendering.performers} --seed {seed}{asked}"
    return f"figurant {__version__}: model {dance.loaded.spec.name} (sha256 {dance.sha256[:16]}), {what}"
