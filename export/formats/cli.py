"""The commands of `engine-export` that write files for other programs."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from engine.schema.duration import duration, moment
from export.bar import bar
from export.command import stopped, written
from export.formats import options, words

app = typer.Typer()


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
    written(done.lines, done.credit)


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
        made = produce(read.recording, wanted, chosen, lambda share: progress("writing", share))
    if read.warning:
        print(read.warning, file=sys.stderr)
    written(made, read.recording.credit)
