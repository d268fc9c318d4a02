"""What a frame tells of where memories are on their maps: `Adds` of a stage, one for each act that has a memory."""

from collections.abc import Callable

from engine.kept import Kept
from engine.schema.frame import F32, Frame, Signal


class BodiesMap:
    """Tells of the performers of a frame: `<act>/path` of the one with the lowest number, and `p<n>/path` of each.

    The latter are told where several perform.

    Args:
        act: name of the act.
    """

    def __init__(self, act: str) -> None:
        self._name = f"{act}/path"
        self._names = Kept(lambda number: f"p{number}/path")

    def frame(self, frame: Frame, *, hold: bool) -> Frame:
        """The frame with what its `path` says; one that is held says what it said."""
        del hold
        path, numbers = frame.path, frame.performers
        if path is None or not numbers:
            return frame
        told = [Signal(self._name, path[0])]
        if len(numbers) > 1:
            told += [Signal(self._names[number], path[row], number) for row, number in enumerate(numbers)]
        return frame._replace(signals=(*frame.signals, *told))


class OwnMap:
    """Tells of an act that plays by itself, beside bodies or without: `<act>/path`.

    Args:
        act: name of the act.
        path: where the memory of the model that plays now is, (D,); None where it has no map.
    """

    def __init__(self, act: str, path: Callable[[], F32 | None]) -> None:
        self._name, self._path = f"{act}/path", path

    def frame(self, frame: Frame, *, hold: bool) -> Frame:
        """The frame with what the act says; held, it says where it stays."""
        del hold
        path = self._path()
        if path is None:
            return frame
        return frame._replace(signals=(*frame.signals, Signal(self._name, path)))
