"""From a source as it is written to a feed of pictures."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from engine.footage.feed import Feed
from engine.schema.model import Size


def open_feed(
    source: str, size: Size, *, fps: float, say: Callable[[str], None], folder: Path, opened: ExitStack
) -> Feed:
    """Open what a source names, and read ahead; the first picture of a file is there when it comes back.

    Args:
        source: a film, a stack of arrays, a folder of pictures, `camera` or `camera:NAME`; behind a path may stand options
            such as `?fit=contain&invert=true`.
        size: that the pictures are fitted to.
        fps: the model's frames per second; a film that has a rate of its own is played at its own speed.
        say: tells a person, once, that a file is broken in the middle or that a camera is gone or back; any thread calls it.
        folder: from which a path is looked for.
        opened: closes the feed.

    Raises:
        ConfigError: no such file or camera, an option that there is not, or `bodies`, which no feed has.
        DataError: a file that holds no pictures.
    """
    raise NotImplementedError
