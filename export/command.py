"""What all commands of `engine-export` share: how they end, and where they print."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import ParamSpec, TypeVar

import typer
from rich.console import Console

from engine.schema.errors import EngineError
from engine.schema.text import printable

console = Console()

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
                typer.echo(error, err=True)
                raise typer.Exit(2) from None
            except KeyboardInterrupt:
                typer.echo(f"interrupted; {then}", err=True)
                raise typer.Exit(130) from None

        return wrapped

    return around


def written(files: Iterable[object], credit: str) -> None:
    """Say what was written; what is said to people alone does not stand among the names of files."""
    for file in files:
        typer.echo(file)
    if credit:
        typer.echo(f"show it with: {printable(credit)}", err=True)
