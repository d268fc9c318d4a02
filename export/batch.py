"""Many takes in one folder, with an index: each written once, and gone on with where it stopped.

A unit of work is a few seeds. Whoever does it renders them side by side and writes their files; what comes out does not
depend on who did it, nor with which other seeds. So a folder is the same, byte for byte, from one process, from several
or from a cluster.
"""

import hashlib
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine import __version__
from engine.schema.errors import ConfigError
from export import whole
from export.formats.options import Options
from export.produce import known, places, produce, targets
from export.render import Playable, Rendering

INDEX = "index.json"

MEMORY = 1 << 30
"""Bytes that the recordings of all units in work take at most, where one alone does not need more."""

UNIT = 16
"""Seeds of a unit at most. Side by side a dancer takes half the time of one alone; with 64 it would be a sixth less."""

SAVED = 64
"""Takes after which the index is written anew; or a fiftieth of all, as it grows with them."""

READ = 1 << 20
"""Bytes of a file that are read at once."""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A file: its name in the folder, its length in bytes, and what it holds."""

    name: str
    bytes: int
    sha256: str


class Take(msgspec.Struct, frozen=True, kw_only=True):
    """A take of the folder: `engine-export render --seed` with this seed alone gives the same files."""

    seed: int
    files: tuple[Written, ...]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What every take of a folder has in common.

    Attributes:
        version: of figurant.
        model: its name.
        sha256: of its file.
        credit: line to show wherever a take is shown.
        licence: of the model's training data.
        rendering: how it was rendered.
        formats: suffixes of the files.
        options: of the formats.
        frames: of each take.
        fps: of each take.
    """

    version: str
    model: str
    sha256: str
    credit: str
    licence: str
    rendering: Rendering
    formats: tuple[str, ...]
    options: Options
    frames: int
    fps: float


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder holds; takes in the order of their seeds."""

    settings: Settings
    takes: tuple[Take, ...] = ()
    format: int = 1


class Job(NamedTuple):
    """What is to be done for each seed.

    Attributes:
        model: what is rendered.
        rendering: as `checked` of the model gives it.
        formats: suffixes of the files.
        options: of the formats.
    """

    model: Playable
    rendering: Rendering
    formats: tuple[str, ...]
    options: Options

    def settings(self) -> Settings:
        """What the index says about it."""
        spec = self.model.loaded.spec
        return Settings(
            version=__version__,
            model=spec.name,
            sha256=self.model.sha256,
            credit=spec.credit,
            licence=spec.licence,
            rendering=self.rendering,
            formats=self.formats,
            options=self.options,
            frames=self.model.frames(self.rendering),
            fps=self.model.rate(self.rendering),
        )

    def units(self, seeds: Sequence[int], workers: int) -> list[Sequence[int]]:
        """The seeds in units, for so many who work at once."""
        by_memory = MEMORY // (workers * max(1, self.model.footprint(self.rendering)))
        fair = -(-len(seeds) // workers)
        size = max(1, min(UNIT, UNIT * 4 // self.rendering.performers, by_memory, fair))
        return [seeds[start : start + size] for start in range(0, len(seeds), size)]


Runner = Callable[[Job, Sequence[int], Path], Generator[list[Take]]]
"""Does a job for these seeds and leaves the files in a folder; gives the takes of each unit once they are there."""


def work(job: Job, seeds: Sequence[int], folder: Path, progress: Callable[[float], object]) -> list[Take]:
    """Do one unit: render these seeds and write their files into a folder.

    Raises:
        EngineError: the model cannot be played, or a file cannot be written.
    """
    recordings = job.model.render(job.rendering, seeds, lambda share: progress(share / 2))
    takes = []
    for done, (seed, recording) in enumerate(zip(seeds, recordings, strict=True), 1):
        wanted = known(paths(job, folder, seed))
        files = produce(recording, wanted, job.options, lambda _: progress(0.5))
        takes.append(Take(seed=seed, files=tuple(map(written, files))))
        progress(0.5 + done / len(seeds) / 2)
    return takes


def paths(job: Job, folder: Path, seed: int) -> list[Path]:
    """The files that are asked for of a seed."""
    return [folder / f"seed-{seed}{suffix}" for suffix in job.formats]


def written(path: Path) -> Written:
    """What the index says about a file that is there."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(READ):
            digest.update(block)
    return Written(name=path.name, bytes=path.stat().st_size, sha256=digest.hexdigest())


def batch(job: Job, seeds: Sequence[int], folder: Path, run: Runner, progress: Callable[[int], object]) -> Index:
    """Write a take for each seed into a folder, but for those that are there, and an index.

    Args:
        job: what is to be done.
        seeds: of the takes, each once.
        folder: new, or empty, or begun by the same job.
        run: who does it.
        progress: told how many of the takes are there.

    Raises:
        ConfigError: the folder holds something else, or the takes of another model or with other settings.
        EngineError: a take cannot be rendered or written; those before it stay, and the same command goes on.
    """
    targets(paths(job, folder, seeds[0]), job.model.outline(job.rendering))
    found = _found(job, folder)
    takes = {take.seed: take for take in found.takes if _is_there(take, folder)}
    listed = {take.seed for take in found.takes}
    takes |= {take.seed: take for take in _whole(job, folder, [seed for seed in seeds if seed not in listed])}
    missing = [seed for seed in seeds if seed not in takes]
    done = saved = len(seeds) - len(missing)
    index = _save(found, takes.values(), folder)
    progress(done)
    if not missing:
        return index
    try:
        with closing(run(job, missing, folder)) as units:
            for unit in units:
                takes |= {take.seed: take for take in unit}
                done += len(unit)
                progress(done)
                if done - saved >= max(SAVED, len(seeds) // 50):
                    _save(found, takes.values(), folder)
                    saved = done
    finally:
        index = _save(found, takes.values(), folder)
    return index


def _found(job: Job, folder: Path) -> Index:
    """The index of a folder, a new one where it is empty."""
    path, settings = folder / INDEX, job.settings()
    if not path.exists():
        if any(folder.iterdir()):
            expected = "a new or empty folder, or one that this command began"
            raise ConfigError(str(folder), "a folder with other files and without an index", expected)
        return Index(settings=settings)
    try:
        index = msgspec.json.decode(path.read_bytes(), type=Index)
    except (msgspec.MsgspecError, OSError) as error:
        raise ConfigError(str(path), f"no index of takes ({error})", "one that this command wrote") from error
    for name in Settings.__struct_fields__:
        there, asked = getattr(index.settings, name), getattr(settings, name)
        if there != asked:
            hint = "another folder takes them" if name != "version" else "another folder, or that version"
            raise ConfigError(str(path), f"takes with another {name}: {_short(there)}", _short(asked), hint)
    return index


def _short(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _is_there(take: Take, folder: Path) -> bool:
    """Whether the files of a take are where the index says, and as long."""
    known = [(folder / file.name, file.bytes) for file in take.files]
    return all(path.is_file() and path.stat().st_size == size for path, size in known)


def _whole(job: Job, folder: Path, seeds: Sequence[int]) -> Iterator[Take]:
    """Takes that are there but not in the index, as the work was cut short: each file is whole, or not there."""
    numbers = range(1, job.rendering.performers + 1)
    for seed in seeds:
        wanted = [path for target in known(paths(job, folder, seed)) for path, _ in places(target, numbers)]
        if all(path.is_file() for path in wanted):
            yield Take(seed=seed, files=tuple(map(written, wanted)))


def _save(index: Index, takes: Iterable[Take], folder: Path) -> Index:
    made = msgspec.structs.replace(index, takes=tuple(sorted(takes, key=lambda take: take.seed)))
    whole.write_json(folder / INDEX, made)
    return made
