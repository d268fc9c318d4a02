"""From screens as they are written to what shows pictures."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack

from engine import imagery, plugins
from engine.imagery import Shown
from engine.schema.frame import Image
from engine.schema.model import Size
from engine.schema.show import Screen


class Screens:
    """All screens of a show; whoever opened them closes them.

    Args:
        screens: that are open, with what each is called.
    """

    def __init__(self, screens: Sequence[tuple[str, imagery.Screen]]) -> None:
        self._screens = tuple(screens)

    @property
    def places(self) -> Sequence[str]:
        """Where the pictures can be seen, a line for each screen; for a person to read."""
        return [f"pictures at {screen.place}" for _, screen in self._screens]

    @property
    def counters(self) -> Shown:
        """What became of the pictures so far, of all screens together."""
        return Shown(*map(sum, zip(*(screen.counters for _, screen in self._screens), strict=True)))

    def lines(self) -> Sequence[str]:
        """What became of the pictures, a line for each screen; for a person to read."""
        return [f"{called}: {_told(screen.counters)}" for called, screen in self._screens]

    def show(self, image: Image, sequence: int, milliseconds: int) -> None:
        """Show a picture everywhere; the frame thread calls it, and nothing in it waits.

        Args:
            image: its arrays may be overwritten when this returns.
            sequence: number of the frame.
            milliseconds: since the start of the show.
        """
        for _, screen in self._screens:
            screen.show(image, sequence, milliseconds)


def _told(shown: Shown) -> str:
    return f"{shown.shown} pictures shown, {shown.left_out} left out, {shown.failed} failed"


def open_screens(
    screens: Sequence[Screen], size: Size, *, fps: float, name: str, say: Callable[[str], object], opened: ExitStack
) -> Screens:
    """Open screens.

    Args:
        screens: as they are written.
        size: of the pictures.
        fps: frames per second that will be shown.
        name: of the show, for people.
        say: takes one line for a person; any thread calls it.
        opened: closes them.

    Raises:
        EngineError: one of them cannot be opened.
    """
    made: list[tuple[str, imagery.Screen]] = []
    for written in screens:
        screen = plugins.screen(written.kind)(written, size, fps=fps, name=name, say=say)
        opened.callback(screen.close)
        made.append((str(written), screen))
    return Screens(made)
