"""The commands as a person calls them, on what little of the bundled dancer is needed."""

from pathlib import Path

from typer.testing import CliRunner, Result

from export import cli
from export.batch import Job
from export.formats.options import Options
from export.render import Dance, Rendering, checked, open_dance

LINE = 500
"""Characters of a message at most; whoever reads it has a terminal."""


def call(*words: object) -> Result:
    return CliRunner().invoke(cli.app, [str(word) for word in words])


def fine(result: Result) -> Result:
    """Nothing but the credit on stderr."""
    assert result.exit_code == 0, result.output
    assert result.stderr.startswith("show it with: ")
    assert result.stderr.count("\n") == 1
    return result


def refused(result: Result, *expected: str) -> None:
    """One line on stderr that names what was expected, nothing else, and no traceback."""
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1, result.stderr
    assert len(result.stderr) < LINE
    for words in expected:
        assert words in result.stderr


def dancer(seconds: float = 0.5, performers: int = 1, **controls: float) -> tuple[Dance, Rendering]:
    dance = open_dance("dance")
    return dance, checked(dance, Rendering(seconds=seconds, performers=performers, controls=controls))


def job(*formats: str, seconds: float = 0.5, performers: int = 1, size: tuple[int, int] = (1920, 1080)) -> Job:
    return Job(*dancer(seconds, performers), formats, Options(size=size))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}
