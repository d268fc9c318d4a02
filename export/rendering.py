"""The command `engine-export render`: one recording into some files, or many takes into a folder."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec import structs

from engine.schema.errors import ConfigError
from export import cluster, forecast, processes
from export import seeds as seeding
from export.batch import INDEX, Job, batch
from export.formats.options import Options
from export.formats.table import MODULES
from export.imaging import Imaging, open_model
from export.produce import produce, targets
from export.render import Playable, Rendering

SEED = 1

SECONDS = 60.0
"""Length of a recording of which nobody says one."""

BESIDE = "4"
"""By what pictures grow that are compared, unless somebody says otherwise: letters stand above them."""

DANCING = 0.5
"""Share of the bar that is the dance; the other one is its files."""

Progress = Callable[[str, float], object]


class Asked(NamedTuple):
    """What stands on the command line; None where it is not given.

    Attributes:
        model: a file, or the name of a bundled model.
        out: files, or the folder of many takes.
        rendering: how.
        options: of the files.
        seed: of one recording, or the first one of many takes.
        takes: how many.
        seeds: of many takes.
        formats: of many takes.
        jobs: processes for many takes.
        cluster: whether a cluster does the work.
        compare: whether what a model foresees is shown beside what comes.
        timed: whether somebody said how many seconds.
    """

    model: str
    out: tuple[Path, ...]
    rendering: Rendering
    options: Options
    seed: int | None = None
    takes: int | None = None
    seeds: str | None = None
    formats: tuple[str, ...] = ()
    jobs: int | None = None
    cluster: bool = False
    compare: bool = False
    timed: bool = False

    @property
    def many(self) -> bool:
        """Whether takes are asked for, and not a recording."""
        return self.takes is not None or self.seeds is not None


class Done(NamedTuple):
    """What to tell.

    Attributes:
        lines: the files, or the index.
        credit: line to show wherever these are shown; '' where nobody asks for one.
    """

    lines: list[str]
    credit: str


def run(asked: Asked, progress: Progress) -> Done:
    """Do it; everything is checked before the work begins.

    Raises:
        EngineError: it cannot be done.
    """
    model = open_model(asked.model)
    if asked.compare:
        return Done(_compared(asked, model, progress), model.loaded.spec.credit)
    rendering = model.checked(asked.rendering)
    work = _many if asked.many else _one
    return Done(work(asked, model, rendering, progress), model.loaded.spec.credit)


def _one(asked: Asked, model: Playable, rendering: Rendering, progress: Progress) -> list[str]:
    given = {"--format": asked.formats, "--jobs": asked.jobs, "--cluster": asked.cluster}
    for option, value in given.items():
        if value:
            raise ConfigError(option, "one recording", "many takes, of which --takes or --seeds says how many")
    seed = seeding.one(SEED if asked.seed is None else asked.seed)
    wanted = targets(asked.out, model.outline(rendering))
    (recording,) = model.render(rendering, [seed], lambda share: progress("dancing", DANCING * share))
    files = produce(recording, wanted, asked.options, lambda share: progress("writing", DANCING * (1.0 + share)))
    return [str(path) for path in files]


def _compared(asked: Asked, model: Playable, progress: Progress) -> list[str]:
    """What a model foresees beside what comes."""
    if asked.many:
        raise ConfigError("--compare", "many takes", "one of both")
    if not isinstance(model, Imaging):
        raise ConfigError("--compare", "a model that dances", "one that foresees pictures, of the family frames")
    length = forecast.length(model.loaded.spec)
    rendering = model.checked(asked.rendering if asked.timed else structs.replace(asked.rendering, seconds=length))
    forecast.check(model, rendering)
    seed = seeding.one(SEED if asked.seed is None else asked.seed)
    wanted = targets(asked.out, model.outline(rendering))
    recording = forecast.compare(model, rendering, seed, lambda share: progress("foreseeing", DANCING * share))
    files = produce(recording, wanted, asked.options, lambda share: progress("writing", DANCING * (1.0 + share)))
    return [str(path) for path in files]


def _many(asked: Asked, model: Playable, rendering: Rendering, progress: Progress) -> list[str]:
    if asked.seed is not None and asked.seeds is not None:
        raise ConfigError("--seed", str(asked.seed), "no --seed, as --seeds names them all")
    if asked.cluster and rendering.source:
        raise ConfigError("--source", rendering.source, "no --cluster, as only this machine has that film")
    if asked.cluster and asked.jobs is not None:
        raise ConfigError("--jobs", str(asked.jobs), "no --jobs, as the cluster has its own processors")
    seeds = seeding.read(asked.seeds, asked.takes, SEED if asked.seed is None else asked.seed)
    folder = _folder(asked.out)
    job = Job(model, rendering, _formats(asked.formats), asked.options)
    run = cluster.runner() if asked.cluster else processes.runner(asked.jobs)
    index = batch(job, seeds, folder, run, lambda done: progress(f"{done} of {len(seeds)} takes", done / len(seeds)))
    return [f"{folder / INDEX}: {len(index.takes)} takes"]


def _folder(out: Sequence[Path]) -> Path:
    if len(out) != 1 or out[0].suffix.lower() in MODULES:
        found = ", ".join(map(str, out))
        raise ConfigError("--out", found, "one folder for many takes", "--format bvh says what is written")
    return out[0].expanduser()


def _formats(names: Sequence[str]) -> tuple[str, ...]:
    """Suffixes, sorted, each once."""
    found = {f".{name.lower().lstrip('.')}" for name in names}
    for suffix in found:
        if suffix not in MODULES:
            raise ConfigError("--format", f"'{suffix.lstrip('.')}'", f"one of {_known()}")
    if not found:
        raise ConfigError("--format", "none", f"one of {_known()} for many takes")
    return tuple(sorted(found))


def _known() -> str:
    return " ".join(suffix.lstrip(".") for suffix in MODULES)
