"""The command `engine-export`: training, exporting, checking, measuring and rounding models, and performing scores."""

import sys
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import Annotated, ParamSpec, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from engine import cache
from engine.schema.duration import duration, moment
from engine.schema.errors import ConfigError, EngineError
from engine.schema.text import printable
from export.bar import bar
from export.formats import options, words

HELP = (
    "Train, export, verify, evaluate and quantize models; give scores the touch of a pianist; write dances and takes"
    " as files that other programs open."
)

app = typer.Typer(no_args_is_help=True, add_completion=False, help=HELP)
console = Console()

WIDE = 170
"""Columns of a table that goes to a file or a pipe."""

P = ParamSpec("P")
R = TypeVar("R")


def stopped(then: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Turn an error from outside input into one line and exit code 2, and Ctrl-C into one that says what is `then`."""

    def around(command: Callable[P, R]) -> Callable[P, R]:
        @wraps(command)
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return command(*args, **kwargs)
            except EngineError as error:
                print(error, file=sys.stderr)
                raise typer.Exit(2) from None
            except KeyboardInterrupt:
                print(f"interrupted; {then}", file=sys.stderr)
                raise typer.Exit(130) from None

        return wrapped

    return around


plain = stopped("the same command goes on from the last epoch")


@app.callback()
def begin() -> None:
    """Forget kernels of older sources, before a command imports Numba."""
    cache.prepare()


@app.command()
@plain
def train(
    recipe: Annotated[Path, typer.Argument(help="a training recipe, TOML; see configs/train")],
    of: Annotated[Path | None, typer.Option("--of", help="of a path: the model whose memory it shows")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="folder of the run; default runs/<recipe>")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="start over instead of going on")] = False,
    accelerator: Annotated[str, typer.Option(help="cpu, gpu, mps or auto")] = "auto",
    devices: Annotated[str, typer.Option(help="how many, or which, or auto")] = "auto",
    nodes: Annotated[int, typer.Option(help="machines")] = 1,
    strategy: Annotated[str, typer.Option(help="how several devices share the work, e.g. ddp")] = "auto",
) -> None:
    """Train a recipe; interrupted, the same command goes on from the last epoch.

    A recipe of a path takes a minute or two on the processor, writes the model of --of anew, with the path in it, and
    begins again where it was interrupted.
    """
    from export.recipe import of_path

    folder = out or Path("runs") / recipe.stem
    if of_path(recipe, of) and of is not None:
        from export import path_training

        with bar() as told:
            found = path_training.train(path_training.Task(recipe, of, folder), told)
        _shown(found.tables(), found.notes)
        print(f"{found.file}\n{folder / 'metrics.json'}")
        return
    from export.train import Where
    from export.train import train as run

    where = Where(accelerator=accelerator, devices=devices, nodes=nodes, strategy=strategy)
    last = run(recipe, folder, where=where, fresh=fresh, progress=console.is_terminal, tell=_tell)
    print(f"{last}\n{folder / 'metrics.json'}\n{folder / 'curves.png'}")


@app.command()
@plain
def onnx(
    checkpoint: Annotated[Path, typer.Argument(help="last.ckpt of a run")],
    out: Annotated[Path, typer.Option("--out", "-o", help="the .onnx file to write")],
    report: Annotated[Path | None, typer.Option(help="an evaluation of this model (JSON) to carry along")] = None,
) -> None:
    """Export a checkpoint to one .onnx file that the engine plays."""
    from export.checkpoint import load
    from export.recorded import evaluated, trained
    from export.to_onnx import write

    metrics = {"likelihood": trained(checkpoint.parent)} | (evaluated(report) if report else {})
    write(load(checkpoint), out, metrics=metrics)
    print(f"{out}: {out.stat().st_size / 1e6:.1f} MB")


@app.command()
@plain
def verify(
    checkpoint: Annotated[Path, typer.Argument(help="last.ckpt of a run")],
    model: Annotated[Path, typer.Argument(help="the .onnx file exported from it")],
    steps: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="with forced inputs; default 1000, of foreseen pictures and of signs 200",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Step the engine's model beside PyTorch; refuses any difference over 1e-5 of the output's scale.

    Of pictures that are foreseen, drawn or encoded, over 1e-4.
    """
    from export.checking import checked
    from export.checkpoint import load

    found = checked(load(checkpoint), model, steps)
    print(*found.lines, sep="\n")
    if not found.passed:
        print(f"{model}: differs from the checkpoint by more than rounding makes", file=sys.stderr)
        raise typer.Exit(1)


@app.command()
@plain
def evaluate(
    model: Annotated[Path, typer.Argument(help="an .onnx file, or the name of a bundled model")],
    data: Annotated[Path | None, typer.Option(help="recordings to hold against it; default: those held out")] = None,
    minutes: Annotated[
        float | None, typer.Option(help="length of each free run; default 10, of pictures 5", show_default=False)
    ] = None,
    seeds: Annotated[str, typer.Option(help="of the free runs, with commas")] = "1,2,3",
    beside: Annotated[list[Path] | None, typer.Option(help="another model for comparison; may be repeated")] = None,
    json: Annotated[Path | None, typer.Option("--json", help="write every figure here")] = None,
    plot: Annotated[Path | None, typer.Option("--plot", help="draw what it does (PNG) here")] = None,
    sequences: Annotated[
        int | None,
        typer.Option(help="of moving digits, for a model that foresees pictures; default 500", show_default=False),
    ] = None,
) -> None:
    """Measure a model on held-out data and in free run, beside the baselines; exit code 1 if a target is missed.

    A model of touch has no free run; beside it stand checkpoints of the first pianist's networks, beside one of latent
    numbers those of the first DanceNet. A model that foresees pictures is shown digits, made with the first seed. One
    that reads signs is measured on whole signs, on parts of them and on streamed sessions, beside other checkpoints.
    """
    from engine.bundled import find_model
    from engine.inference.vet import load
    from export import judging
    from export.evaluate import evaluate as measure

    model = find_model(str(model), Path(), "MODEL")
    family, chosen, others = load(model).spec.family, _seeds(seeds), tuple(beside or ())
    asked = judging.Asked(data, minutes, chosen, sequences, others, plot)
    judging.check(family, asked)
    if family in judging.FAMILIES:
        found = judging.measured(family, model, asked)
        judging.show(found, console)
        if json is not None:
            found.save(json)
        if not found.passed:
            raise typer.Exit(1)
        return
    with bar() as told:
        report = measure(
            model,
            data=data,
            minutes=10.0 if minutes is None else minutes,
            seeds=chosen,
            beside=others,
            plot=plot,
            progress=told,
        )
    (console if console.is_terminal else Console(width=WIDE)).print(report.table())
    if json is not None:
        report.save(json)
    if not report.passed:
        raise typer.Exit(1)


@app.command()
@plain
def quantize(
    model: Annotated[Path, typer.Argument(help="an .onnx file in float32")],
    out: Annotated[Path, typer.Option("--out", "-o", help="the .onnx file to write")],
    to: Annotated[str, typer.Option(help="fp16 (half the size) or int8 (a quarter, and faster for many on a CPU)")],
    limit: Annotated[float, typer.Option(help="percent by which a figure may move")] = 2.0,
    data: Annotated[Path | None, typer.Option(help="recordings to measure it on; default: those held out")] = None,
    minutes: Annotated[float, typer.Option(help="length of each free run")] = 10.0,
    seeds: Annotated[str, typer.Option(help="of the free runs, with commas")] = "1,2,3,4,5",
    json: Annotated[Path | None, typer.Option("--json", help="write every change here")] = None,
) -> None:
    """Round a model's weights; refuses where what is measured on held-out data moves by more than the limit."""
    from export.quantize import Task
    from export.quantize import quantize as run

    task = Task(model=model, out=out, to=to, limit=limit, data=data, minutes=minutes, seeds=_seeds(seeds), json=json)
    with bar() as told:
        found = run(task, told)
    (console if console.is_terminal else Console(width=WIDE)).print(found.table())
    print(f"{out}: {found.bytes_after / 1e6:.1f} MB instead of {found.bytes_before / 1e6:.1f} MB")


@app.command()
@plain
def perform(
    score: Annotated[Path, typer.Argument(help="a .mid file, or the name of a bundled score")],
    out: Annotated[Path, typer.Option("--out", "-o", help="the .mid file to write")],
    model: Annotated[Path, typer.Option(help="an .onnx file, or the name of a bundled model")] = Path("piano"),
    temperature: Annotated[
        float | None, typer.Option(help="0 is what is most to be expected, 1 as freely as people play; default 0")
    ] = None,
    loudness: Annotated[float | None, typer.Option(help="how hard; default 64: as it was learned")] = None,
    contrast: Annotated[float | None, typer.Option(help="how far soft and loud are apart; default 1")] = None,
    softest: Annotated[float | None, typer.Option(help="lowest velocity; default 1")] = None,
    loudest: Annotated[float | None, typer.Option(help="highest velocity; default 127")] = None,
    own: Annotated[float | None, typer.Option(help="share of the score's own velocities; default 0")] = None,
    listen: Annotated[
        bool, typer.Option(help="whether the score's own velocities are heard, key by key, where they vary")
    ] = True,
    seed: Annotated[int, typer.Option(help="of the noise")] = 1,
    plot: Annotated[Path | None, typer.Option(help="draw the velocities (PNG) here")] = None,
    compare: Annotated[Path | None, typer.Option(help="the same notes as somebody played them, .mid")] = None,
    json: Annotated[Path | None, typer.Option("--json", help="write every figure here")] = None,
) -> None:
    """Give a score the velocities of a model; all its other bytes stay as they are."""
    from export.perform import Task
    from export.perform import perform as run

    knobs = {
        "temperature": temperature,
        "loudness": loudness,
        "contrast": contrast,
        "softest": softest,
        "loudest": loudest,
        "own": own,
        "listen": int(listen),
    }
    asked = {name: value for name, value in knobs.items() if value is not None}
    task = Task(score, out, model, asked, seed=seed, original=compare, plot=plot, json=json)
    print(*run(task).lines(), sep="\n")


@app.command()
@stopped("nothing was written")
def paths(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="an .onnx file, or the name of a bundled model")],
    data: Annotated[
        str | None,
        typer.Argument(
            metavar="[DATA]",
            help="recordings, such as synthetic; default: those that it learned from, or what it does alone",
            show_default=False,
        ),
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="a picture (.png), or a page to turn it (.html)")] = Path(
        "paths.png"
    ),
    kind: Annotated[
        str | None, typer.Option(help="one map alone: time, last, hands or errors; default all", show_default=False)
    ] = None,
    view: Annotated[str, typer.Option(help="plain, or log: the middle larger, the rim smaller")] = "plain",
    minutes: Annotated[float, typer.Option(help="how long a model goes on alone")] = 2.0,
) -> None:
    """Draw where a model's memory goes: through signs, a dance or a score; and say how true its map is."""
    from export import path_pictures

    asked = path_pictures.Asked(model, out, data or "", kind, view, minutes)
    with bar() as progress:
        drawn = path_pictures.draw(asked, progress)
    (console if console.is_terminal else Console(width=WIDE)).print(drawn.table())
    _written([out], drawn.credit)


@app.command()
@stopped("files that were whole stay; of many takes the same command makes those that are missing")
def render(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="an .onnx file, or the name of a bundled model")],
    out: Annotated[
        list[Path], typer.Option("--out", "-o", help="a file; may be repeated. Of many takes, their folder")
    ],
    seconds: Annotated[float | None, typer.Option(help="how long; default 60")] = None,
    seed: Annotated[int | None, typer.Option(help="another number, another dance; default 1")] = None,
    performers: Annotated[int, typer.Option(help="dancers side by side")] = 1,
    set_: Annotated[list[str] | None, typer.Option("--set", help="a knob, such as temperature=0.8")] = None,
    device: Annotated[str, typer.Option(help="where the model is computed: cpu, cuda or auto")] = "cpu",
    fps: Annotated[float | None, typer.Option(help="of pictures; default the model's own")] = None,
    source: Annotated[
        str | None, typer.Option(help="pictures that the model is given: a film, a stack of arrays or a folder")
    ] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="what a model of pictures foresees beside what comes")
    ] = False,
    takes: Annotated[int | None, typer.Option(help="many takes: so many, each with a seed of its own")] = None,
    seeds: Annotated[str | None, typer.Option(help="many takes: their seeds, such as 0-999 or 1,5,9")] = None,
    format_: Annotated[list[str] | None, typer.Option("--format", help="many takes: bvh, csv, ...; repeatable")] = None,
    jobs: Annotated[int | None, typer.Option(help="many takes: processes; default one for each processor")] = None,
    cluster: Annotated[bool, typer.Option("--cluster", help="many takes: on the Ray cluster that runs here")] = False,
    size: words.Size = "1920x1080",
    title: words.Title = None,
    trails: words.Trails = True,
    unit: words.Unit = "cm",
    scale: words.Scale = None,
    filter_: words.Filter = "nearest",
    invert: words.Invert = False,
    colormap: words.Colormap = "grey",
) -> None:
    """Let a model dance, or make pictures, into files, as fast as the machine goes.

    The ending of a file's name says its format; dance-%05d.png makes a file for each picture.
    """
    from export import knobs, rendering
    from export.render import Rendering

    look = {"scale": scale or (rendering.BESIDE if compare else "1"), "filter": filter_, "colormap": colormap}
    asked = rendering.Asked(
        model=model,
        out=tuple(out),
        rendering=Rendering(
            seconds=rendering.SECONDS if seconds is None else seconds,
            performers=performers,
            controls=knobs.read(set_ or ()),
            device=device,
            fps=fps,
            source=source or "",
        ),
        options=options.read(size, title, trails=trails, unit=unit, look=look, invert=invert),
        compare=compare,
        timed=seconds is not None,
        seed=seed,
        takes=takes,
        seeds=seeds,
        formats=tuple(format_ or ()),
        jobs=jobs,
        cluster=cluster,
    )
    with bar() as progress:
        done = rendering.run(asked, progress)
    _written(done.lines, done.credit)


@app.command()
@stopped("files that were whole stay")
def take(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="a take, .mcap")],
    out: Annotated[list[Path], typer.Option("--out", "-o", help="a file to write; may be repeated")],
    start: Annotated[str | None, typer.Option("--from", help="where to begin, such as 12s")] = None,
    end: Annotated[str | None, typer.Option("--to", help="where to end, such as 40s")] = None,
    performer: Annotated[int | None, typer.Option(help="this one alone; default everybody")] = None,
    pictures: Annotated[
        bool, typer.Option("--pictures", help="the pictures of a show in which somebody danced or played as well")
    ] = False,
    size: words.Size = "1920x1080",
    title: words.Title = None,
    trails: words.Trails = True,
    unit: words.Unit = "cm",
    scale: words.Scale = "1",
    filter_: words.Filter = "nearest",
    invert: words.Invert = False,
    colormap: words.Colormap = "grey",
) -> None:
    """Write what was recorded into files; the ending of a file's name says its format."""
    from export.from_take import recording
    from export.produce import produce, targets

    begin = None if start is None else moment(start, "--from")
    stop = None if end is None else duration(end, "--to")
    look = {"scale": scale or "1", "filter": filter_, "colormap": colormap}
    chosen = options.read(size, title, trails=trails, unit=unit, look=look, invert=invert)
    wanted = targets(out)
    with bar() as progress:
        progress("reading", 0.0)
        read = recording(file, start=begin, stop=stop, performer=performer, pictures=pictures)
        written = produce(read.recording, wanted, chosen, lambda share: progress("writing", share))
    if read.warning:
        print(read.warning, file=sys.stderr)
    _written(written, read.recording.credit)


def _written(files: Iterable[object], credit: str) -> None:
    """Say what was written; what is said to people alone does not stand among the names of files."""
    print(*files, sep="\n")
    if credit:
        print(f"show it with: {printable(credit)}", file=sys.stderr)


def _shown(tables: Iterable[Table], notes: Iterable[str]) -> None:
    """Print tables, and what to know of them."""
    wide = console if console.is_terminal else Console(width=WIDE)
    for table in tables:
        wide.print(table)
    for note in notes:
        wide.print(note, style="dim", markup=False)


def _tell(line: str) -> None:
    console.print(line, style="dim", markup=False, highlight=False, soft_wrap=True)


def _seeds(text: str) -> tuple[int, ...]:
    try:
        seeds = tuple(int(part) for part in text.split(","))
    except ValueError:
        raise ConfigError("--seeds", f"'{text}'", "whole numbers with commas, such as 1,2,3") from None
    if any(seed < 0 for seed in seeds):
        raise ConfigError("--seeds", f"'{text}'", "seeds from 0 on")
    return seeds


def main() -> None:
    """Run the command line."""
    app()
