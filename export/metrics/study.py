"""One model, examined: what it danced and what that measures, beside its recordings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec

from engine import plugins
from engine.contracts import Family, Loaded
from engine.inference.open_model import open_model
from engine.inference.vet import load
from engine.schema.controls import Controls
from engine.schema.errors import ConfigError
from export.metrics import measures, recordings
from export.metrics.freerun import Advance, Run, free_run
from export.metrics.held_out import TeacherForced, held_out_nll
from export.metrics.measures import Values
from export.metrics.poses import genre_share
from export.metrics.recordings import Recordings

PRIME_S = 2.0
"""Seconds of a held-out clip that a run starts from; the model's memory has settled after about one."""

REACH_MINUTES = 2.0
"""Longest run that asks whether a genre can be reached: it is found within seconds or not at all."""

SHORTEST_S = 10.0
"""Seconds; shorter runs give too few windows for any measure."""

Progress = Callable[[str, float], None]
"""Told what is going on and which share of it is done, 0 to 1."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How a model is evaluated.

    Attributes:
        data: clips to hold out instead of the training set's own test part.
        minutes: length of each free run.
        seeds: of the runs.
        temperature: of the runs.

    Raises:
        ConfigError: runs too short to be measured, no seed or one that stands twice, a temperature out of range.
    """

    data: Path | None = None
    minutes: float = 10.0
    seeds: tuple[int, ...] = (1, 2, 3)
    temperature: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what cannot be run."""
        if not SHORTEST_S / 60 <= self.minutes <= 24 * 60:
            raise ConfigError("minutes", f"{self.minutes:g}", f"{SHORTEST_S / 60:.3g} to 1440")
        if not self.seeds or len(set(self.seeds)) != len(self.seeds) or min(self.seeds) < 0:
            raise ConfigError("seeds", ",".join(map(str, self.seeds)) or "none", "different numbers from 0, as 1,2,3")
        if not 0 <= self.temperature <= 2:
            raise ConfigError("temperature", f"{self.temperature:g}", "0 to 2")


@dataclass(frozen=True, eq=False, kw_only=True)
class Study:
    """What was found about a model.

    Attributes:
        place: the file.
        loaded: the model.
        held: the recordings.
        runs: one per seed.
        values: of every metric, one per seed; the likelihood has one in all.
        known: of every metric, what recordings and simplest models measure.
    """

    place: str
    loaded: Loaded
    held: Recordings
    runs: tuple[Run, ...]
    values: Mapping[str, Values]
    known: Mapping[str, Mapping[str, float]]


class _Player:
    """Plays one model from its held-out clips."""

    def __init__(self, place: str, loaded: Loaded, settings: Settings, progress: Progress) -> None:
        spec = loaded.spec
        family = plugins.family(spec.family, place=f"{place}: figurant.spec: family")
        self.loaded, self.settings, self.progress = loaded, settings, progress
        self.make_family: Callable[[], Family] = partial(family, loaded, 1)
        self.held = recordings.prepare(place, loaded, settings.data)
        self.frames = round(settings.minutes * 60 * spec.fps)

    def runs(self, what: str, frames: int, condition: int) -> tuple[Run, ...]:
        """One run for each seed, each from another held-out clip."""
        return tuple(
            self._run(turn, frames, condition, self._advance(f"{what}, seed {seed}", frames))
            for turn, seed in enumerate(self.settings.seeds)
        )

    def _run(self, turn: int, frames: int, condition: int, advance: Advance) -> Run:
        return free_run(
            partial(open_model, self.loaded),
            self.make_family,
            recordings.prime(self.held.held_out, turn, round(PRIME_S * self.loaded.spec.fps)),
            seed=self.settings.seeds[turn],
            frames=frames,
            controls=Controls(temperature=self.settings.temperature, condition=condition),
            advance=advance,
        )

    def _advance(self, what: str, frames: int) -> Advance:
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            self.progress(f"{self.loaded.spec.name}: {what}", done / frames)

        return advance


def examine(place: str | Path, settings: Settings, forced: TeacherForced, progress: Progress) -> Study:
    """Load a model, let it dance, and measure it.

    Raises:
        ModelError: a file that is no model of ours, or none that dances.
        DataError: the training set or the clips are not there or do not fit.
        ConfigError: its family is unknown.
    """
    loaded = load(place)
    progress(f"{loaded.spec.name}: recordings", 0.0)
    player = _Player(str(place), loaded, settings, progress)
    held = player.held
    nll = held_out_nll(loaded, player.make_family(), held.train, held.held_out, forced)
    runs = player.runs("free run", player.frames, -1)
    progress(f"{loaded.spec.name}: measuring", 1.0)
    nearest = [held.reference.poses.nearest(run.positions) for run in runs]
    values = {"nll": (nll.pop("model"),), **measures.of_runs(held.reference, runs, nearest)}
    known = {"nll": nll, **measures.of_recordings(held, player.frames)}
    reached, baselines = _reach(player)
    values.update(reached)
    known.update(baselines)
    return Study(place=str(place), loaded=loaded, held=held, runs=runs, values=values, known=known)


def _reach(player: _Player) -> tuple[dict[str, Values], dict[str, dict[str, float]]]:
    """Share of frames, percent, that are nearest to a genre while the model is asked for it, and while for another."""
    held, conditions = player.held, player.loaded.spec.conditions
    genres = [genre for genre in conditions if genre in held.reference.genres]
    if len(genres) < 2:
        return {}, {}
    frames = round(min(player.settings.minutes, REACH_MINUTES) * 60 * player.loaded.spec.fps)
    shares: dict[tuple[str, str], Values] = {}
    for asked in genres:
        runs = player.runs(f"asked for {asked}", frames, conditions.index(asked))
        nearest = [held.reference.poses.nearest(run.positions) for run in runs]
        for genre in genres:
            found = (genre_share(near, held.reference.genres, held.reference.poses, genre) for near in nearest)
            shares[asked, genre] = tuple(100 * share for share in found)
    values = {f"reach:{genre}": shares[genre, genre] for genre in genres}
    return values, {f"reach:{genre}": _others(held, shares, genre) for genre in genres}


def _others(held: Recordings, shares: Mapping[tuple[str, str], Values], genre: str) -> dict[str, float]:
    """The same share under the other conditions, the greatest mean, and in held-out clips of the genre."""
    means = [sum(values) / len(values) for (asked, counted), values in shares.items() if counted == genre != asked]
    known = {"other_condition": max(means)}
    clips = [clip for clip in held.held_out if clip.genre == genre]
    if clips:
        found = [held.reference.poses.nearest(clip.positions) for clip in clips]
        counts = [
            genre_share(near, held.reference.genres, held.reference.poses, genre) * len(near.frame) for near in found
        ]
        known["real_test"] = 100 * sum(counts) / sum(len(clip) for clip in clips)
    return known
