"""Telling a person what a show is computed by, at its start and where that changes."""

from collections.abc import Callable, Sequence


class Computed:
    """Says it once, and once more when a GPU is lost.

    Args:
        providers: of each side of the show.
        say: takes one line for a person.
    """

    def __init__(self, providers: Sequence[Callable[[], str]], say: Callable[[str], object]) -> None:
        self._providers, self._say = providers, say
        self._said = ""

    def look(self) -> None:
        """Say it if it is new; a chore of the main thread."""
        found = "; ".join(dict.fromkeys(provider() for provider in self._providers))
        if found != self._said:
            self._said = found
            self._say(f"computed by {found}")
