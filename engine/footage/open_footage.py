"""From a file or a folder to its pictures, by its name."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from engine.footage import folder, idx, stack
from engine.footage.fit import prepared
from engine.footage.footage import Footage, Shot, resampled
from engine.schema.errors import ConfigError, DataError
from engine.schema.frame import U8
from engine.schema.model import Size
from engine.source import File

STACKS = (".npz", ".npy")
IDX = ("idx3-ubyte", "idx3-ubyte.gz", ".idx", ".idx.gz")
FILMS = (
    *(".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".m2ts"),
    *(".wmv", ".flv", ".ogv", ".mxf", ".3gp", ".y4m"),
)
READABLE = "a film such as .mp4, a stack (.npz, .npy, idx3-ubyte), a picture such as .png, or a folder of pictures"


def open_footage(source: File) -> Footage:
    """What a file or a folder holds.

    Raises:
        ConfigError: a film, and PyAV is not installed.
        DataError: nothing that can be read.
    """
    path = source.path
    if path.is_dir():
        return folder.read(path, mixed=source.fit is not None)
    name = path.name.lower()
    if name.endswith(STACKS):
        return stack.read(path)
    if name.endswith(IDX):
        return idx.read(path)
    if name.endswith(folder.SUFFIXES):
        return folder.read_one(path)
    if name.endswith(FILMS):
        return _film(path)
    raise DataError(str(path), f"a file named '{path.name}'", READABLE)


def is_footage(path: Path) -> bool:
    """Whether a file's name promises pictures in a row."""
    return path.name.lower().endswith((*STACKS, *IDX, *FILMS)) and not path.name.startswith(".") and path.is_file()


def pictures(shots: Iterable[Shot], source: File, size: Size, fps: float) -> Iterator[U8]:
    """The pictures of a source, each (H, W), one for each moment.

    Args:
        shots: of the source, or some of them.
        source: says how they are fitted.
        size: H and W.
        fps: moments per second.

    Raises:
        DataError: one of them cannot be read, or has no such part.
    """
    lasts = None if source.fps is None else 1 / source.fps
    place = str(source.path)
    fitted = (Shot(prepared(shot.pixels, size, source, place), lasts or shot.lasts) for shot in shots)
    return resampled(fitted, fps)


def _film(path: Path) -> Footage:
    try:
        from engine.footage import video
    except ImportError as error:
        raise missing(str(path), error) from error
    return video.read(path)


def missing(place: str, error: ImportError) -> ConfigError:
    """What is said where PyAV cannot be imported."""
    return ConfigError(place, f"no PyAV ({error})", "it to be installed", "pip install 'figurant[video]'")
