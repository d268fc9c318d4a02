"""What was found."""

from typing import NamedTuple


class Finding(NamedTuple):
    """What was found.

    Attributes:
        name: of what was looked at.
        good: whether it can stay as it is.
        text: what it is like.
        hint: what to do.
    """

    name: str
    good: bool
    text: str
    hint: str = ""
