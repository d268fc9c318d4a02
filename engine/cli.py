"""The command `engine`: playing shows, and looking at what they are made of.

Whatever comes from outside and cannot be used ends in one line on stderr and exit code 2; a defect of a running show in
one line and exit code 1. What takes long to import is imported by the command that needs it.
"""

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import msgspec
import typer
from rich.console import Console
from rich.text import Text

from engine import __version__, bundled, cache, config
from engine.runtime import threads
from engine.runtime.failure import BrokeOffError
from engine.schema.duration import duration, moment
from engine.schema.errors import ConfigError, EngineError
from engine.schema.show import Show
from engine.schema.text import printable
from engine.takes.cli import app as takes_app

if TYPE_CHECKING:
    from engine.replay import Asked

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
app.add_typer(takes_app, name="takes")
console = Console(highlight=False)

# The base of everything that is wrong with a command line is in no public module of Typer's.
UsageError = cast("type[typer.BadParameter]", typer.BadParameter.__mro__[1])


COMPILES = "the first start compiles; that takes a while, once"


def main() -> None:
    """Run the command line and exit."""
    threads.single()
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run the command line, or show what it takes if it is empty, and give the exit code."""
    try:
        return typer.main.get_command(app).main(arguments or ["--help"], "engine", standalone_mode=False) or 0
    except EngineError as error:
        return _fail(str(error), 2)
    except UsageError as error:
        return _fail(error.format_message(), 2)
    except BrokeOffError as error:
        return _fail(f"the show broke off: {error}", 1)
    except (typer.Abort, KeyboardInterrupt):
        return 130


def _fail(message: str, code: int) -> int:
    print(f"engine: {printable(message)}", file=sys.stderr)
    return code


def _version(asked: bool) -> None:
    if asked:
        print(f"figurant {__version__}")
        raise typer.Exit


@app.callback()
def engine(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version and exit.")
    ] = False,
) -> None:
    """Play models live over OSC."""


@app.command()
def serve(
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="[MODEL|SHOW.toml]",
            help="A model of bodies, keys, pictures or signs, or a show; else the bundled dance.",
        ),
    ] = None,
    show_file: Annotated[
        str | None, typer.Option("--show", metavar="SHOW.toml", help="A show, in other words.")
    ] = None,
    fps: Annotated[float | None, typer.Option(help="Frames per second, up to 1000; else the model's own.")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed dances the same dance again.")] = None,
    temperature: Annotated[float | None, typer.Option(help="How freely it moves, 0 to 2.")] = None,
    speed: Annotated[float | None, typer.Option(help="How fast it moves, 0.25 to 4.")] = None,
    out: Annotated[
        list[str] | None, typer.Option(metavar="URL", help="A receiver such as td://192.168.1.20:7000; repeatable.")
    ] = None,
    screen: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="Where pictures are shown, such as mjpeg://127.0.0.1:9103; repeatable."),
    ] = None,
    given: Annotated[
        str | None,
        typer.Option(
            "--source",
            metavar="SOURCE",
            help="What pictures are made of: a film, a folder, camera, bodies; or recorded gloves, for signs.",
        ),
    ] = None,
    performers: Annotated[int | None, typer.Option(help="Bodies, 1 to 256.")] = None,
    score: Annotated[
        str | None, typer.Option(metavar="FILE.mid", help="What the pianist plays from: a file, or a bundled score.")
    ] = None,
    loop: Annotated[
        bool, typer.Option("--loop", help="Begin the score, or recorded gloves, again when they are over.")
    ] = False,
    midi: Annotated[
        list[str] | None, typer.Option(metavar="PORT", help="A MIDI input whose keys are played; repeatable.")
    ] = None,
    control: Annotated[int | None, typer.Option(metavar="PORT", help="UDP port that hears OSC; 0 for none.")] = None,
    oscquery: Annotated[int | None, typer.Option(metavar="PORT", help="TCP port of the tree; 0 for none.")] = None,
    latency: Annotated[str | None, typer.Option(help="steady, or latch: controls act sooner.")] = None,
    length: Annotated[str | None, typer.Option("--for", metavar="TIME", help="10s, 2m, 1h or 500ms.")] = None,
    device: Annotated[str | None, typer.Option(help="cpu, cuda or auto.")] = None,
    path: Annotated[str | None, typer.Option(help="Where its memory is, on a map: off, plain or log.")] = None,
    record: Annotated[bool, typer.Option("--record", help="Record the show from its first frame on.")] = False,
    takes: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Where recordings go; else takes, or as the show says.")
    ] = None,
) -> None:
    """Play a model or a show until Ctrl-C."""
    found = cache.prepare()
    from engine import overrides

    seconds = None if length is None else duration(length, "--for")
    if source is not None and show_file is not None:
        raise ConfigError("--show", show_file, f"none beside {source}")
    show = _read(source or show_file)
    settings = {"fps": fps, "seed": seed, "control": control, "oscquery": oscquery, "latency": latency}
    options = {**settings, "performers": performers, "device": device, "path": path}
    show = overrides.override(show, options, {"temperature": temperature, "speed": speed})
    show = overrides.scored(show, score, midi or (), loop=loop)
    show = overrides.recorded(overrides.seeing(show, given), takes, record=record)
    if out:
        show = msgspec.structs.replace(show, outputs=overrides.receivers(out))
    if screen:
        show = msgspec.structs.replace(show, screens=overrides.screens(screen))
    _play(show, seconds, compiles=found.kernels() == 0)


def _play(show: Show, seconds: float | None, *, compiles: bool) -> None:
    if compiles:
        _tell(COMPILES)
    from engine.assemble import assemble
    from engine.programme import programme
    from engine.runtime import memory
    from engine.runtime.clock import MonotonicClock
    from engine.runtime.show import perform
    from engine.runtime.signals import ending

    memory.give_back()
    assembled = assemble(show, clock=MonotonicClock(), say=_tell, seconds=seconds)
    with closing(assembled.stage) as stage:
        _say(programme(show, assembled))
        stage.prime()
        assembled.desk.start()
        assembled.recording.start()
        try:
            with ending(assembled.stop):
                perform(stage, assembled.stop, assembled.hands)
        finally:
            _say(stage.summary().lines())
            if assembled.keyboard is not None:
                _tell(assembled.keyboard.counters.line())
            if assembled.pictures is not None:
                _say([*assembled.pictures.lines()])
            if assembled.signs is not None:
                _tell(assembled.signs.reading.counters.line())
            if assembled.listener is not None:
                read, bad, foreign, errors = assembled.listener.counters
                _tell(f"OSC: {read} datagrams read, {bad} broken, {foreign} from strangers, {errors} errors")


def _say(lines: list[str]) -> None:
    for line in lines:
        _tell(line)


def _tell(line: str) -> None:
    console.print(Text(printable(line)), soft_wrap=True)


def _read(source: str | None) -> Show:
    from engine import plugins

    if source is not None and source.endswith(".toml"):
        return config.load(Path(source), plugins.options(), plugins.screen_options())
    return config.default(source)


@app.command()
def replay(
    take: Annotated[Path, typer.Argument(metavar="TAKE", help="A recording, as serve --record makes them.")],
    out: Annotated[
        list[str] | None, typer.Option(metavar="URL", help="A receiver; repeatable. Else native://127.0.0.1:9100.")
    ] = None,
    show_outputs: Annotated[
        bool, typer.Option("--show-outputs", help="To the receivers and screens of the show that was recorded.")
    ] = False,
    screen: Annotated[
        list[str] | None, typer.Option(metavar="URL", help="For its pictures; repeatable. Else mjpeg://127.0.0.1:9103.")
    ] = None,
    speed: Annotated[float, typer.Option(help="How fast time passes, 0.25 to 4.")] = 1.0,
    loop: Annotated[bool, typer.Option("--loop", help="Begin again when it is over.")] = False,
    begin: Annotated[str, typer.Option("--from", metavar="TIME", help="Where to begin, such as 12s.")] = "0s",
    end: Annotated[str | None, typer.Option("--to", metavar="TIME", help="Where to end, such as 40s.")] = None,
    regenerate: Annotated[
        bool, typer.Option("--regenerate", help="Let the models play again, and compare each frame.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="With --regenerate: compare only, as fast as it goes; nothing is sent.")
    ] = False,
) -> None:
    """Play a recording again, until its end or Ctrl-C."""
    found = cache.prepare()
    from engine import overrides
    from engine.replay import Asked

    if check and not regenerate:
        raise ConfigError("--check", "alone", "--regenerate beside it")
    sent = {"--out": bool(out), "--show-outputs": show_outputs, "--screen": bool(screen)}
    given = {
        **sent,
        "--speed": speed != 1,
        "--loop": loop,
        "--from": moment(begin, "--from") > 0,
        "--to": end is not None,
    }
    if check and any(given.values()):
        name = next(name for name, present in given.items() if present)
        raise ConfigError(name, "with --check", "one of both: all of the take is compared, and nothing is sent")
    if out and show_outputs:
        raise ConfigError("--show-outputs", "with --out", "one of both")
    asked = Asked(
        take,
        speed=speed,
        loop=loop,
        begin=moment(begin, "--from"),
        end=None if end is None else duration(end, "--to"),
        regenerate=regenerate,
    )
    if show_outputs:
        asked = asked._replace(outputs=None, screens=None)
    if out:
        asked = asked._replace(outputs=overrides.receivers(out))
    if screen:
        asked = asked._replace(screens=overrides.screens(screen))
    if found.kernels() == 0:
        _tell(COMPILES)
    if not (_compare(asked) if check else _replay(asked)):
        raise typer.Exit(1)


def _compare(asked: "Asked") -> bool:
    """Whether the frames of a take are equal to those that are computed again."""
    from engine import replay as replays

    replays.check(asked)
    return replays.compare(asked.path, _tell)


def _replay(asked: "Asked") -> bool:
    """Play a take; whether what was computed again is the same."""
    from engine.replay import assemble
    from engine.runtime import memory
    from engine.runtime.clock import MonotonicClock
    from engine.runtime.show import perform
    from engine.runtime.signals import ending

    memory.give_back()
    made = assemble(asked, clock=MonotonicClock(), say=_tell)
    with closing(made.stage) as stage:
        _say([*made.programme])
        stage.prime()
        try:
            with ending(made.stop):
                perform(stage, made.stop, made.hands)
        finally:
            _say(stage.summary().sent())
    _say(made.verdict.lines())
    return made.verdict.good


@app.command()
def inspect(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A file or the name of a bundled model.")],
) -> None:
    """Say what a model is: licence, credit, controls, metrics, sizes."""
    from engine.describe import describe

    console.print(describe(bundled.find_model(model, Path(), "MODEL")))


@app.command()
def check(show: Annotated[Path, typer.Argument(metavar="SHOW.toml", help="A show.")]) -> None:
    """Name every mistake in a show, with its place."""
    cache.prepare()
    from engine import plugins

    kinds, screens = plugins.options(), plugins.screen_options()
    mistakes: list[EngineError] = [*config.check(show, kinds, screens)]
    if not mistakes:
        from engine.faults import faults

        mistakes = faults(config.load(show, kinds, screens))
    for mistake in mistakes:
        _fail(str(mistake), 2)
    if mistakes:
        raise typer.Exit(2)
    _say([f"ok: {show}"])


@app.command()
def doctor() -> None:
    """Say whether this machine is fit for a show."""
    found = cache.prepare()
    from engine.doctor import examine

    for finding in examine(found, _try_out):
        mark = Text("ok  ", style="green") if finding.good else Text("warn", style="yellow")
        hint = f" ({finding.hint})" if finding.hint else ""
        console.print(mark, Text(f" {finding.name}: {finding.text}{hint}"), sep="", soft_wrap=True)


@app.command()
def bench(
    model: Annotated[
        list[str] | None, typer.Option(metavar="R1|R2|R3|FILE", help="A reference model or a file; repeatable.")
    ] = None,
    batch: Annotated[list[int] | None, typer.Option(help="Performers that are stepped together; repeatable.")] = None,
    pace: Annotated[list[str] | None, typer.Option(help="hot, 30 or 60 frames per second; repeatable.")] = None,
    part: Annotated[
        list[str] | None,
        typer.Option(help="step, parts, clock, crowd, start, footprint, recording, pictures, signs; repeatable."),
    ] = None,
    seconds: Annotated[float | None, typer.Option(help="Of every single measurement; else what suits each.")] = None,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    plot: Annotated[Path | None, typer.Option(metavar="FILE.png", help="Draw a picture.")] = None,
    json: Annotated[Path | None, typer.Option(metavar="FILE.json", help="Keep every figure.")] = None,
) -> None:
    """Measure how fast this machine plays, beside others and against what it could do at most."""
    found = cache.prepare()
    from engine.bench import command, plan

    asked = plan.make(plan.Asked(model or (), batch or (), pace or (), part or (), seconds, device, plot, json))
    if found.kernels() == 0:
        _tell(COMPILES)
    try:
        command.run(asked, console)
    except KeyboardInterrupt:
        raise typer.Exit(_fail("stopped before the end", 130)) from None


def _try_out(model: Path) -> None:
    """Play a moment of a model, whatever it plays; errors as for its kind."""
    from engine import bill, open_act, open_images, open_pianist, open_signs

    part = bill.part_of(str(model))
    {"keys": open_pianist, "images": open_images, "signs": open_signs}.get(part or "bodies", open_act).try_out(model)
