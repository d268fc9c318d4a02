"""The command `engine-export`: training, exporting, checking, measuring and rounding models, and performing scores."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from engine import cache
from engine.schema.errors import ConfigError
from export.bar import bar
from export.command import console, stopped, written
from export.formats.cli import app as files

HELP = (
    "Train, export, verify, evaluate and quantize models; give scores the touch of a pianist; write dances and takes"
    " as files that other programs open."
)

app = typer.Typer(no_args_is_help=True, add_completion=False, help=HELP)

WIDE = 170
"""Columns of a table that goes to a file or a pipe."""

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
    written([out], drawn.credit)


app.add_typer(files)


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
