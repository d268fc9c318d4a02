"""Samples of gloves: `/engine/in/glove` with a number for each channel, and at will the sample's own in front."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from engine.wire.decode import Value


class Sent(NamedTuple):
    """A sample.

    Attributes:
        values: as many as were expected; NaN where one is missing.
        number: of the sample; None where it has none.
    """

    values: Sequence[float]
    number: int | None = None


def read_sample(arguments: Sequence[Value], count: int) -> Sent:
    """A sample of `count` numbers; nil stands for one that is missing.

    Raises:
        ValueError: they are fewer, more, or text.
    """
    number, values = None, arguments
    if len(arguments) == count + 1 and type(arguments[0]) is int:
        number, values = arguments[0], arguments[1:]
    if len(values) != count:
        raise ValueError(f"{len(arguments)} values; expected {count}, or a whole number and {count}")
    return Sent(tuple(map(_number, values)), number)


def _number(given: Value) -> float:
    if isinstance(given, str):
        raise ValueError(f"{given[:40]!r}; expected a number")  # noqa: TRY004 (what came from outside is a ValueError)
    return math.nan if given is None else float(given)
