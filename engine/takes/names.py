"""Names of take files: sorted by name they are sorted by time."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from engine.takes.values import Header

SUFFIX = ".mcap"

MOST = 1000
"""Files that may be asked for with the same name."""


def stem(header: Header) -> str:
    """Local time of the first frame and the name of the act: `20261121-201300.123-dance`.

    It comes from the header and not from a clock, so a show in virtual time gives the same names.
    """
    moment = header.started + round(header.first / header.fps * 1e9)
    seconds, rest = divmod(moment, 10**9)
    local = datetime.fromtimestamp(seconds, UTC).astimezone()
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", header.name).strip("-") or "take"
    return f"{local:%Y%m%d-%H%M%S}.{rest // 10**6:03d}-{name}"


def candidates(folder: Path, header: Header) -> Iterator[Path]:
    """Files that a take may have, the best first; after it `..._2`, `..._3`."""
    name = stem(header)
    yield folder / f"{name}{SUFFIX}"
    for number in range(2, MOST + 1):
        yield folder / f"{name}_{number}{SUFFIX}"
