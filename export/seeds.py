"""Seeds on a command line: `0-999`, `1,5,9`, or both."""

import re

from engine.schema.controls import STANDING
from engine.schema.errors import ConfigError

OPTION = "--seeds"
EXPECTED = "seeds such as 0-999 or 1,5,9"

MOST = 100_000
"""Takes of one folder at most; a file manager opens no larger one."""

SEED = next(control for control in STANDING if control.name == "seed")


def one(seed: int) -> int:
    """A seed that the engine takes.

    Raises:
        ConfigError: it is none.
    """
    if not SEED.low <= seed <= SEED.high:
        raise ConfigError("--seed", str(seed), f"a whole number from {SEED.low:.0f} to {SEED.high:.0f}")
    return seed


def read(text: str | None, takes: int | None, first: int) -> list[int]:
    """The seeds of a batch, in order, each once.

    Args:
        text: as it was written; None takes those from `first` on.
        takes: how many; None: as many as the text has.
        first: where they begin if there is no text.

    Raises:
        ConfigError: a text that is none, a seed twice, too many, or another number of takes.
    """
    if text is None:
        count = _few(1 if takes is None else takes)
        return [*range(one(first), one(first + count - 1) + 1)]
    found = [seed for part in text.split(",") for seed in _run(text, part)]
    if len(set(found)) != len(found):
        raise ConfigError(OPTION, f"a seed twice in '{text}'", "each once, as it stands for one dance")
    if takes is not None and takes != len(found):
        raise ConfigError("--takes", f"{takes}, with {len(found)} seeds", "as many as there are seeds, or one of both")
    return found


def _run(text: str, part: str) -> range:
    match = re.fullmatch(r"\s*(\d{1,10})\s*(?:-\s*(\d{1,10})\s*)?", part, re.ASCII)
    if match is None:
        raise ConfigError(OPTION, f"'{text}'", EXPECTED)
    first, last = one(int(match[1])), one(int(match[2] or match[1]))
    if last < first:
        raise ConfigError(OPTION, f"'{part.strip()}'", "the smaller one first")
    _few(last - first + 1)
    return range(first, last + 1)


def _few(count: int) -> int:
    if not 1 <= count <= MOST:
        raise ConfigError("--takes", str(count), f"1 to {MOST}")
    return count
