"""The command `engine takes`: looking at takes, mending them, cutting and joining them."""

import math
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.text import Text

from engine.schema.duration import duration, moment
from engine.schema.errors import DataError
from engine.schema.show import Takes
from engine.schema.text import printable

app = typer.Typer(invoke_without_command=True)
console = Console(highlight=False)

FOLDER = Path(Takes().folder)
"""Where a show puts its takes unless it says otherwise."""

TakeFile = Annotated[Path, typer.Argument(metavar="TAKE", help="A take, .mcap.")]
NewFile = Annotated[Path, typer.Option("--out", "-o", metavar="NEW", help="The new take; never written over another.")]
JsonOption = Annotated[bool, typer.Option("--json", help="For programs.")]


@app.callback()
def takes(context: typer.Context) -> None:
    """List, check, mend, cut and join takes."""
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command("list")
def list_takes(
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="A folder of takes.")] = FOLDER,
    json: JsonOption = False,
) -> None:
    """List the takes of a folder."""
    from engine.takes.glance import Glance, glance
    from engine.takes.names import SUFFIX
    from engine.takes.telling import line, listed, stranger

    if not folder.is_dir():
        raise DataError(str(folder), "no such folder", "a folder of takes")
    found: list[Glance | tuple[Path, DataError]] = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            found.append(glance(path))
        except DataError as error:
            found.append((path, error))
    if json:
        _json([line(one) if isinstance(one, Glance) else stranger(*one) for one in found])
        return
    glances = [one for one in found if isinstance(one, Glance)]
    if glances:
        _wide().print(listed(glances))
    for one in found:
        if not isinstance(one, Glance):
            _tell(f"not a take: {one[0].name}: {one[1].found}")
    if not found:
        _tell(f"no takes in '{folder}'")


@app.command()
def info(take: TakeFile, json: JsonOption = False) -> None:
    """Say everything about a take."""
    from engine.takes.facts import gather
    from engine.takes.telling import info as as_json
    from engine.takes.telling import informed

    facts = gather(take)
    if json:
        _json(as_json(facts))
    else:
        console.print(informed(facts), soft_wrap=True)


@app.command()
def verify(
    takes: Annotated[list[Path], typer.Argument(metavar="TAKE...", help="Takes, .mcap.")], json: JsonOption = False
) -> None:
    """Read all of them, and check every CRC and every number; exit code 1 if one is damaged."""
    from engine.takes.facts import gather
    from engine.takes.telling import info as as_json
    from engine.takes.telling import verified

    damaged, found = False, []
    for take in takes:
        facts = gather(take)
        damaged = damaged or bool(facts.damage)
        found.append(as_json(facts))
        if not json:
            _tell(verified(facts))
    if json:
        _json(found)
    if damaged:
        raise typer.Exit(1)


@app.command()
def recover(
    take: TakeFile,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="NEW", help="The new take; else beside, named -recovered.")
    ] = None,
) -> None:
    """Make a whole take of what is good in a broken one; exit code 1 if something was lost."""
    from engine.takes.salvage import recover as saved_of

    saved = saved_of(take, out)
    if saved.path is None:
        _tell(f"{take} is whole: nothing to recover")
        return
    _tell(f"{saved.path}: {saved.facts.frames} frames")
    for line in saved.lost:
        _tell(f"lost: {line}")
    if saved.lost:
        raise typer.Exit(1)


@app.command()
def cut(
    take: TakeFile,
    out: NewFile,
    start: Annotated[str, typer.Option("--from", metavar="TIME", help="Where to begin: 12s, 2m, 500ms.")] = "0s",
    end: Annotated[str | None, typer.Option("--to", metavar="TIME", help="Where to end; else at the end.")] = None,
) -> None:
    """Make a take of a part of another; times count from its first frame."""
    from engine.takes.excerpt import cut as cut_out

    stop = math.inf if end is None else duration(end, "--to")
    facts = cut_out(take, out, moment(start, "--from"), stop)
    _tell(f"{out}: {facts.frames} frames")


@app.command()
def join(
    takes: Annotated[list[Path], typer.Argument(metavar="TAKE...", help="Two or more, in their order.")], out: NewFile
) -> None:
    """Make one take of several: the parts of a recording, or takes that follow each other."""
    from engine.takes.joining import join as joined

    facts = joined(takes, out)
    _tell(f"{out}: {facts.frames} frames")


def _wide() -> Console:
    """Where lines are as long as they need to be, unless a person looks."""
    return console if console.is_terminal else Console(width=200, highlight=False)


def _json(value: object) -> None:
    print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def _tell(line: str) -> None:
    console.print(Text(printable(line)), soft_wrap=True)
