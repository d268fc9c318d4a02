"""Shows in virtual time that are steered by a script, and frames that stay."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from engine.controls.letter import Letter, Source
from engine.schema.frame import Frame, Image
from engine.wire.decode import Message, Value

HERE = Source("osc", "127.0.0.1", 5000, trusted=True)

Said = tuple[str, tuple[Value, ...]]
"""An address and arguments."""

Lines = Mapping[int, Sequence[Said]]
"""What is said at which look, which is before which frame."""


class Heard(NamedTuple):
    bad: int = 0


class Script:
    """A listener that hears at each look what the script says; at every so many looks the errands are done."""

    port, lost, behind = 9101, 0, False
    addresses: Sequence[tuple[str, int]] = ()
    sockets: Sequence[str] = ()
    handles: Sequence[int] = ()
    counters = Heard()

    def __init__(self, lines: Lines, every: int = 1) -> None:
        self.errands: Callable[[], object] | None = None
        self._lines, self._look, self._every = lines, -1, every

    def drain(self) -> Sequence[Letter]:
        self._look += 1
        if self.errands is not None and self._look % self._every == 0:
            self.errands()
        return [Letter((Message(*said),), HERE) for said in self._lines.get(self._look, ())]

    def send(self, _datagram: bytes, _host: str, _port: int) -> bool:
        return True

    def close(self) -> None:
        pass


def kept(frame: Frame) -> Frame:
    """With arrays of its own."""
    pose, image = frame.pose.only(range(len(frame.performers))), frame.image
    if image is not None:
        image = Image(image.pixels.copy(), None if image.latent is None else image.latent.copy())
    return frame._replace(pose=pose, image=image)


def at_random(asked: Sequence[Said], seed: int, until: int) -> dict[int, Sequence[Said]]:
    """Now and then one or two of these, up to a look."""
    draw = np.random.default_rng(seed)
    lines: dict[int, Sequence[Said]] = {}
    look = 5
    while look < until:
        lines[look] = [asked[chosen] for chosen in draw.integers(len(asked), size=draw.integers(1, 3))]
        look += int(draw.integers(1, 15))
    return lines
