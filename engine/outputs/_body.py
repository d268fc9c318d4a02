"""What the profiles share: a line of the address table, prepared datagrams, and who may leave."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.contracts import Status
from engine.kept import Kept
from engine.kernel import kernel
from engine.schema.errors import ConfigError
from engine.schema.frame import F32, Frame
from engine.schema.model import ModelSpec
from engine.schema.skeleton import Skeleton
from engine.wire import osc

LARGEST = 1e12
"""Of the sum of the squares of a part's numbers: nobody dances 1000 km away, and what is computed from such numbers is
still finite in float32."""

COUNTER = 0x7FFFFFFF
"""Numbers of frames and milliseconds begin again at 0 after this: an OSC int has 31 bits and a sign. That is after 25
days of milliseconds, and after 414 of frames at 60 fps."""

EACH_FRAME, AT_TIMES, EACH_SECOND = "each frame", "at the start, every 2 s and on request", "once a second"
"""When an address is sent."""


class Address(NamedTuple):
    """One line of the address table.

    Attributes:
        path: as the first performer sends it, below the usual root.
        types: type tags; of one joint where `times` is not 0.
        times: how often the types stand for each joint; 0: once, however many joints.
        carries: what the arguments are.
        when: it is sent.
    """

    path: str
    types: str
    times: int
    carries: str
    when: str


class Refused(NamedTuple):
    """What was kept off the wire since the start.

    Attributes:
        broken: frames of a performer with a number that is not finite; nothing of that performer was sent.
        rotations: frames of a performer whose rotations do not fit a datagram; its positions were sent.
        signals: signals and labels with numbers that are not finite, with too many, or without an address.
    """

    broken: int
    rotations: int
    signals: int = 0


class Floats:
    """Datagrams of which only floats change.

    Args:
        messages: in order, with the values to begin with.

    Attributes:
        values: (n,) float32, the floats of all messages in order; what is written here leaves with the next `put`.

    Raises:
        WireError: a message is too long for any datagram.
    """

    def __init__(self, messages: Sequence[bytes]) -> None:
        parts = [osc.PreparedDatagram(group) for group in osc.split(messages)]
        self.values: F32 = np.concatenate([part.words[part.places] for part in parts]).astype(np.float32)
        shares = np.split(self.values, np.cumsum([len(part.places) for part in parts])[:-1])
        self._patches = [(part.words, part.places, share) for part, share in zip(parts, shares, strict=True)]
        self._data = [part.data for part in parts]

    def put(self) -> list[bytearray]:
        """The datagrams with these values."""
        for words, places, share in self._patches:
            words[places] = share
        return self._data


class Gate:
    """Lets the sound bodies of a frame through and counts the others.

    A guard stands before every output, so a number that is not finite is a defect by the time it comes here. That
    performer's frame is left out: an exception would stop the other performers too, and a receiver that sees a gap
    keeps the last good pose.

    Args:
        joints: J.

    Attributes:
        broken: frames of a performer that were left out.
    """

    def __init__(self, joints: int) -> None:
        self._shapes = Kept(lambda count: ((count, joints, 3), (count, 7), (count, joints, 4)))
        self.broken = 0
        _sane(np.zeros((1, 3), np.float32))  # compiled now

    def check(self, frame: Frame) -> None:
        """Compare the shapes of a frame's arrays; errors as for `sound`."""
        (positions, root, rotations, _), expected = frame.pose, self._shapes[len(frame.performers)]
        fits = positions.shape == expected[0] and root.shape == expected[1]
        if fits and (rotations is None or rotations.shape == expected[2]):
            return
        name, found, wanted = next(
            (name, part.shape, shape)
            for name, part, shape in zip(frame.pose._fields, frame.pose[:3], expected, strict=False)
            if part is not None and part.shape != shape
        )
        raise ValueError(f"{name} of shape {found}; expected {wanted}")

    def sound(self, frame: Frame, *parts: F32 | None) -> Sequence[tuple[int, int]]:
        """Row in the pose and number of each performer all of whose numbers in these parts of it are finite.

        Raises:
            ValueError: arrays of another shape than the frame's performers and J promise.
        """
        self.check(frame)
        everyone = list(enumerate(frame.performers))
        given = [part for part in parts if part is not None]
        if all(map(_sane, given)):
            return everyone
        good = [each for each in everyone if all(_sane(part[each[0]]) for part in given)]
        self.broken += len(everyone) - len(good)
        return good


def _sane(part: F32) -> bool:
    """Whether every number is finite and of a size that bodies have.

    The sum of their squares tells about all of them at once: what is not finite makes it inf or nan.
    """
    return squares(part.reshape(-1)) < LARGEST


@kernel
def squares(numbers: F32) -> float:
    """The sum of the squares of numbers (N,)."""
    total = 0.0
    for number in numbers:
        total += np.float64(number) * number
    return total


def skeleton(spec: ModelSpec, place: str) -> Skeleton:
    """The skeleton of a model.

    Raises:
        ConfigError: it has none.
    """
    if spec.skeleton is None:
        raise ConfigError(place, f"the model {spec.name!r} without a skeleton", "a model that moves a body")
    return spec.skeleton


def figures(status: Status) -> list[tuple[str, float]]:
    """The numbers of the state by name; one that is not finite is left out."""
    numbers = {name: getattr(status, name) for name in ("fps", "late", "skipped", "p99_ms", "clients")}
    return [(name, float(number)) for name, number in numbers.items() if math.isfinite(number)]
