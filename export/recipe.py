"""Training recipes: TOML files under configs/train, checked before anything starts."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from engine.schema.errors import ConfigError

Count = Annotated[int, Meta(ge=1, le=1_000_000)]
Share = Annotated[float, Meta(ge=0, le=1)]
Positive = Annotated[float, Meta(gt=0, le=1e6)]
Size = Annotated[float, Meta(ge=0, le=1e6)]
Width = Annotated[int, Meta(ge=1, le=8192)]
Fade = Annotated[int, Meta(ge=1, le=30)]
"""Half of what `export.graph.RUN` grants behind a jump, so that there is always another jump before a clip ends."""


PATHS = ("path", "seed-path")
"""Kinds of networks that learn of another network's memory."""


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a recipe; unknown keys are mistakes."""


class DataRecipe(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which recordings, and how they are seen.

    Attributes:
        source: a set with fixed splits, `cmu` (20 joints), `seed55` (55 markers) or `piano`, or a file or folder of
            recordings.
        components: principal components of the pose; the seed's network takes the points themselves.
        mirror: also learn the left-right mirror images (only for symmetric skeletons).
        bank: recorded moments stored in the model for the pull.
        primes: stored starts.
    """

    source: str
    components: Count = 48
    mirror: bool = False
    bank: Count = 4096
    primes: Count = 12


class NetRecipe(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The network, see `export.nets`; `colour` is that of the noise it is played with, see `Head`.

    `kernel` and `patch` are for pictures: sides of the kernels, odd, and of the squares of pixels that become channels.
    """

    kind: Literal[
        "dance",
        "seed",
        "velocity",
        "grid",
        "grid-repaired",
        "convlstm",
        "seed-convlstm",
        "vae",
        "latents",
        "seed-latents",
        "path",
        "seed-path",
        "signs",
        "seed-signs",
    ] = "dance"
    hidden: Width = 256
    layers: Annotated[int, Meta(ge=1, le=8)] = 2
    kernel: Literal[1, 3, 5, 7] = 3
    patch: Literal[1, 2, 4, 8] = 4
    components: Width = 8
    floor: Positive = 0.05
    cap: Positive = 2.0
    dropout: Annotated[float, Meta(ge=0, lt=1)] = 0.25
    colour: Annotated[tuple[Annotated[float, Meta(ge=-2, le=2)], ...], Meta(min_length=1, max_length=8)] = (1.0,)

    def __post_init__(self) -> None:
        """Refuse a spread without room.

        Raises:
            ValueError: the floor is not below the cap.
        """
        if self.floor >= self.cap:
            raise ValueError(f"floor {self.floor:g} is not below cap {self.cap:g}")


class StreamRecipe(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How training streams are spliced and disturbed; see `export.streams`.

    Attributes:
        jump: mean number of frames between free jumps.
        fade: frames of a cross-fade.
        noise: greatest standard deviation of the disturbance, in those of the pose's change per frame.
        memory: share of the disturbance that is left after a frame.
        contraction: share of the disturbance that the target takes back in a frame.
        way_noise: white noise on the root's last step, in standard deviations.
        across: share of the jumps that leave for another genre, less the genre's own share of the streams: so the
            model learns to follow the condition, and the shares stay what they are.
        long_fade: frames of a cross-fade into another genre, whose poses are further away.
        lead: greatest number of frames by which a change of genre is told beforehand.
        untold: share of streams that are not told their genre.
        retell: share of jumps after which a stream is told anew.
        genre_shares: share of the streams that each genre gets; empty: even.
    """

    jump: Positive = 90
    fade: Fade = 12
    noise: Size = 1.0
    memory: Annotated[float, Meta(ge=0, lt=1)] = 0.9
    contraction: Share = 0.35
    way_noise: Size = 0.1
    across: Share = 0.0
    long_fade: Fade = 24
    lead: Annotated[int, Meta(ge=0, le=1000)] = 45
    untold: Share = 0.3
    retell: Share = 0.3
    genre_shares: list[Positive] = []


class TouchRecipe(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How recordings of pianos are chosen and changed; see `export.touch_streams`.

    Attributes:
        weights: how often a piece of a set is chosen, by the set's name; 1 for sets that are not here.
        tempo: greatest factor by which a piece is faster or slower.
        transpose: semitones up or down at most.
        jitter: milliseconds by which a stroke is late at most.
        exact: share of the pieces whose moments stay.
        pedalless: share of the pieces that lose their pedal.
        unheard: share of the pieces whose velocities are not heard, as if they were played from a flat score.
        offset: 0-1, how much of what such a piece is louder or softer than all is taken from its velocities: from a
            score alone nobody can know it.
        mean: weight of the mean's absolute error beside the likelihood.
        shape: weight of what is left of that error when each lane's own error in the window is taken away: how a
            phrase is shaped, however loud the piece is.
        average: share of the averaged weights that is left after an update; 0: the last weights are taken.
        cell: seconds of a cell of the first pianist's grid: a sixteenth at 120 beats a minute.
    """

    weights: dict[str, Positive] = {}
    tempo: Annotated[float, Meta(ge=1, le=4)] = 1.25
    transpose: Annotated[int, Meta(ge=0, le=24)] = 6
    jitter: Size = 20.0
    exact: Share = 0.33
    pedalless: Share = 0.15
    unheard: Share = 0.5
    offset: Share = 0.0
    mean: Size = 1.0
    shape: Size = 0.0
    average: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    cell: Positive = 0.125


class ForecastRecipe(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How pictures that follow each other are learned; see `export.convlstm_task`.

    Attributes:
        context: pictures that are given; from there on the network sees its own. As many as a window has: always given.
        clips: how many sequences there are; 0: new ones without end.
        short: frames of a window in the first epochs, half of them context.
        short_share: share of the epochs that have short windows: they cost half and teach how things move.
        forced: share of the network's own pictures that the true ones stand for at first.
        weaned: share of the epochs after which none do.
        square: weight of the squared error beside the cross-entropy.
        half: learn in bfloat16 where that is exact enough, twice as fast on processors that have it.
    """

    context: Count = 10
    clips: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    short: Annotated[int, Meta(ge=4, le=1000)] = 10
    short_share: Share = 0.0
    forced: Share = 0.5
    weaned: Share = 0.5
    square: Size = 4.0
    half: bool = True


class SignRecipe(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How recorded signs are split, and changed while they are learned; see `export.sign_streams`.

    Attributes:
        split: `sessions`: none is in two parts; `seed`: as the first network was measured, at random over all sessions.
        seed: of a random split.
        rate: the true number of samples a second; 0: as the recordings say.
        motion: names of the channels whose movement tells where a sign begins; empty: where hands are.
        lead: greatest number of seconds that hands lie where a sign begins before it does.
        late: greatest number of seconds by which the beginning of a sign is missed.
        still: greatest number of seconds that hands lie still behind it.
        warp: greatest factor by which a sign is faster or slower, beyond 1.
        jitter: white noise, in standard deviations of each channel.
        shift: by how much a channel lies elsewhere for a whole sign, likewise.
        shifted: share of the channels that do.
        smoothing: share of a label that is spread over all classes.
        licence: under which the recordings may be used.
        credit: line to show wherever the model is shown.
    """

    split: Literal["sessions", "seed"] = "sessions"
    seed: Annotated[int, Meta(ge=0, lt=2**32)] = 1
    rate: Annotated[float, Meta(ge=0, le=1000)] = 0.0
    motion: tuple[str, ...] = ()
    lead: Share = 0.12
    late: Share = 0.06
    still: Share = 0.2
    warp: Share = 0.15
    jitter: Size = 0.03
    shift: Size = 0.15
    shifted: Share = 0.5
    smoothing: Annotated[float, Meta(ge=0, lt=1)] = 0.05
    licence: str = "none stated: for comparison only, not to be shipped"
    credit: str = ""


class TrainRecipe(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The optimiser's side.

    Attributes:
        batch: streams trained side by side.
        window: frames between two updates (truncated back-propagation through time).
        epochs: how often a checkpoint is written and the held-out likelihood measured.
        updates: updates of an epoch.
        lr: highest learning rate; it warms up over 200 updates and falls along a cosine. Of signs it rises for three
            tenths of all updates.
        decay: weight decay (AdamW).
        clip: greatest norm of a gradient.
        seed: of weights, streams and dropout.
    """

    batch: Count = 32
    window: Count = 64
    epochs: Count = 50
    updates: Count = 100
    lr: Positive = 2e-3
    decay: Size = 0.05
    clip: Positive = 1.0
    seed: Annotated[int, Meta(ge=0, lt=2**32)] = 1


class PictureRecipe(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The network that turns pictures into latent numbers and back, which is learned before how they move.

    Attributes:
        kind: of `export.nets.vae`.
        height: rows of a picture, a multiple of 8.
        width: columns, likewise.
        fps: pictures a second.
        latent: how many numbers a picture becomes.
        divergence: weight of how far the numbers are from a standard normal.
        mirror: learn left-right mirror images too.
        moves: source of further films that movement is learned from; empty: none.
        phases: how many films at `fps` each of these gives, each begun a little later.
        poses: stored pictures that can be gone to.
        pull: how strongly a played model follows recorded movement.
        through: weight of the pictures' own loss while movement is learned, which then teaches the decoder as well; 0:
            the decoder stays as it is.
        train: how it is learned.
    """

    kind: Literal["vae", "seed-vae"] = "vae"
    height: Annotated[int, Meta(ge=8, le=4096, multiple_of=8)] = 120
    width: Annotated[int, Meta(ge=8, le=4096, multiple_of=8)] = 208
    fps: Annotated[float, Meta(ge=1, le=120)] = 10.0
    latent: Width = 32
    divergence: Size = 1.0
    mirror: bool = True
    moves: str = ""
    phases: Annotated[int, Meta(ge=1, le=12)] = 1
    poses: Count = 24
    pull: Share = 0.0
    through: Size = 0.0
    train: TrainRecipe = TrainRecipe()


class PathRecipe(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a network's memory becomes a path; see `export.path_fit`.

    Attributes:
        dims: numbers that say where a memory is.
        states: whether the last layer is looked at, or all.
        view: in which smoothness and steadiness are measured; `log` for maps that a few strays stretch.
        noise: standard deviation of the blur that is to be taken away, in units of what is learned from.
        smooth: weight of short steps.
        hold: weight of staying where the last map was, where there is one.
        first: step of each recording, from 0, that is learned from first.
        last: the last one; 0: all.
        minutes: length of each free run of a model that is shown no recordings.
        align: a model whose map the new one is laid upon; empty: MODEL's own, where it has one.
        beside: another recipe of a path, seen from this one's folder, to be compared with.
    """

    dims: Literal[2, 3] = 2
    states: Literal["last", "all"] = "last"
    view: Literal["plain", "log"] = "plain"
    noise: Size = 0.1
    smooth: Size = 0.0
    hold: Size = 0.0
    first: Annotated[int, Meta(ge=0, le=100_000)] = 0
    last: Annotated[int, Meta(ge=0, le=100_000)] = 0
    minutes: Annotated[float, Meta(gt=0, le=60)] = 2.0
    align: str = ""
    beside: str = ""

    def __post_init__(self) -> None:
        """Refuse steps that are none.

        Raises:
            ValueError: the last step is before the first.
        """
        if self.last and self.last < self.first:
            raise ValueError(f"last {self.last} is before first {self.first}")


class Recipe(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole recipe; `name` names the run and the model."""

    name: str
    title: str
    data: DataRecipe
    net: NetRecipe = NetRecipe()
    streams: StreamRecipe = StreamRecipe()
    touch: TouchRecipe = TouchRecipe()
    forecast: ForecastRecipe = ForecastRecipe()
    pictures: PictureRecipe = PictureRecipe()
    path: PathRecipe = PathRecipe()
    signs: SignRecipe = SignRecipe()
    train: TrainRecipe = TrainRecipe()


def read(path: Path) -> Recipe:
    """Read a recipe.

    Raises:
        ConfigError: the file is missing, is not TOML, or a key is unknown, missing, of the wrong type or out of range.
    """
    try:
        with path.open("rb") as file:
            return msgspec.convert(tomllib.load(file), Recipe)
    except OSError as error:
        raise ConfigError(str(path), error.strerror or "unreadable", "a training recipe (TOML)") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), str(error), "a training recipe (TOML)") from error
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$.")
        raise ConfigError(f"{path}: {where.rstrip('`') or 'recipe'}", what, "a recipe as in configs/train") from error


def of_path(path: Path, of: Path | None) -> bool:
    """Whether a recipe is one of a path.

    Raises:
        ConfigError: it is and there is no model, or the other way round, or it cannot be read.
    """
    kind = read(path).net.kind
    if kind in PATHS and of is None:
        hint = f"engine-export train {path} --of MODEL"
        raise ConfigError("--of", "nothing", "the model whose memory becomes a path", hint)
    if kind not in PATHS and of is not None:
        raise ConfigError(
            "--of", f"{path}, a recipe of the kind {kind!r}", "a recipe of a path", "configs/train/path.toml"
        )
    return kind in PATHS
