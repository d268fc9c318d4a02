"""From a source as it is written to a feed of pictures; what reads them is only imported for shows that have one."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from engine.footage.ahead import Ahead
from engine.footage.feed import Feed
from engine.schema.errors import ConfigError
from engine.schema.frame import U8
from engine.schema.model import Size
from engine.source import Bodies, Camera, File, parse


def open_feed(
    source: str, size: Size, *, fps: float, say: Callable[[str], None], folder: Path, opened: ExitStack
) -> Feed:
    """Open what a source names, and read ahead; the first picture is there when it comes back.

    Args:
        source: a film, a stack of arrays, a folder of pictures, `camera` or `camera:NAME`; options may stand behind it,
            such as `?fit=contain&invert=true`.
        size: that the pictures are fitted to.
        fps: the model's frames per second; a film that has a rate of its own is played at its own speed.
        say: tells a person, once, that a file is broken in the middle, or that a camera is gone or back; it is called
            by the thread that reads.
        folder: from which a path is looked for.
        opened: closes the feed.

    Raises:
        ConfigError: no such file or camera, an option that there is not, or `bodies`, which are no feed.
        DataError: a file that holds no pictures.
    """
    asked = parse(source, folder, "source")
    if isinstance(asked, Bodies):
        raise ConfigError("source", f"'{source}'", "a film, a stack of arrays, a folder of pictures or a camera")
    if isinstance(asked, Camera):
        return _camera(asked, size, say, opened)
    return _file(asked, size, fps, say, opened)


def _file(asked: File, size: Size, fps: float, say: Callable[[str], None], opened: ExitStack) -> Feed:
    from engine.footage.open_footage import open_footage, pictures

    footage = open_footage(asked)
    feed = Ahead(footage.place, lambda: pictures(footage.shots(), asked, size, fps), say)
    opened.callback(feed.close)
    feed.start()
    return feed


def _camera(asked: Camera, size: Size, say: Callable[[str], None], opened: ExitStack) -> Feed:
    from engine.footage.fit import prepared
    from engine.footage.open_footage import missing

    try:
        from engine.footage import camera
    except ImportError as error:
        raise missing("source: camera", error) from error
    device = camera.find(asked.name)

    def prepare(picture: U8) -> U8:
        return prepared(picture, size, asked, device.label)

    feed = camera.CameraFeed(device, prepare, say)
    opened.callback(feed.close)
    feed.start()
    return feed
