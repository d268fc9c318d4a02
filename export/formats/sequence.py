"""PNG, a file for each picture: `dance-%05d.png` makes dance-00001.png, dance-00002.png, as other programs read."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from engine.schema.errors import ConfigError
from export.drawing.paintings import Paintings
from export.formats.options import Options
from export.formats.table import NUMBER
from export.recording import Outline, Recording

PICTURES = True

BODIES = 0
"""It holds pictures that a model made, and nothing that could be drawn."""


def refuse(outline: Outline, path: Path) -> None:
    """Refuse to mix pictures with later ones of a longer sequence that are there already.

    Raises:
        ConfigError: they are there, or the name has several places for numbers.
    """
    if len(NUMBER.findall(path.name)) > 1:
        raise ConfigError(str(path), "several places for numbers", "one, such as dance-%05d.png")
    for number, name in _there(path):
        if number > outline.frames:
            found = f"'{name}' of a longer sequence"
            raise ConfigError(str(path), found, f"none behind number {outline.frames}", "another name, or remove these")


def write(
    recording: Recording, path: Path, options: Options, *, progress: Callable[[float], object] | None = None
) -> None:
    """Write all pictures into a new folder `path`, with the numbers in their names.

    Raises:
        ConfigError: they would be too large.
        DataError: no pictures.
    """
    paintings = Paintings(recording, options)
    about = PngInfo()
    for key, text in (("Title", options.named(recording.name)), ("Copyright", recording.credit)):
        about.add_itxt(key, text)
    path.mkdir()
    for frame in range(recording.frames):
        grey = Image.fromarray(paintings.grey(frame))
        if options.colormap != "grey":
            grey.putpalette(paintings.colours.tobytes())
        grey.save(path / f"{frame + 1}", "PNG", pnginfo=about)
        if progress is not None:
            progress((frame + 1) / recording.frames)


def move(beside: Path, path: Path) -> None:
    """Put the pictures of a folder where they belong."""
    for made in sorted(beside.iterdir(), key=lambda made: int(made.name)):
        made.replace(path.with_name(_named(path, int(made.name))))


def _named(path: Path, number: int) -> str:
    return NUMBER.sub(lambda found: f"{number:{found[1] or ''}d}", path.name)


def _there(path: Path) -> Iterator[tuple[int, str]]:
    """Numbers and names of a sequence that is there."""
    parts = [re.escape(part) for part in re.split(NUMBER.pattern.replace("(", "(?:"), path.name)]
    known = re.compile(r"(\d+)".join(parts))
    for each in path.parent.glob(f"*{path.suffix}") if path.parent.is_dir() else ():
        if (match := known.fullmatch(each.name)) is not None and each.name == _named(path, int(match[1])):
            yield int(match[1]), each.name
