"""A stream of pictures over HTTP (Motion JPEG) that any browser shows, and many media servers.

`/` is a page with the pictures in the whole window, `/stream.mjpg` the stream alone, `/frame.png` and `/frame.jpg` the
newest picture. A part of the stream has its frame's number in `X-Sequence` and the seconds since the start of the show
in `X-Timestamp`.
"""

from collections.abc import Callable

from engine import imagery
from engine.schema import show
from engine.schema.kinds import Text
from engine.schema.model import Size


class Options(show.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be asked of the stream.

    Attributes:
        allow: addresses and networks that may come in; needed away from loopback.
    """

    allow: tuple[Text, ...] = ()


def create(
    screen: show.Screen,
    size: Size,
    *,
    fps: float,  # noqa: ARG001 (pictures leave as they come)
    name: str,
    say: Callable[[str], object],
) -> imagery.Screen:
    """A stream of pictures; it is on loopback, and at the screen's host too where that is somewhere else.

    Raises:
        ConfigError: the pictures would be too large.
        TransportError: the port is taken, or the address cannot be listened at.
    """
    from engine.images.look import look
    from engine.screens._page import page
    from engine.screens._stream import Stream

    allow = screen.options.allow if isinstance(screen.options, Options) else ()
    shown = look(screen, size)
    return Stream(screen, size, look=shown, page=page(name, shown.by), allow=allow, say=say)
