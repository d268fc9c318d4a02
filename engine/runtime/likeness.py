"""Whether two frames are equal, bit for bit."""

from collections.abc import Iterator

import numpy as np

from engine.schema.frame import F32, Frame


def difference(found: Frame, expected: Frame) -> str:
    """The first thing that is different, in words; '' where nothing is.

    Args:
        found: has everything.
        expected: rotations and solved bodies are compared where it has some; the keys of a piano are not.
    """
    for name in ("sequence", "milliseconds", "performers", "quality"):
        one, two = getattr(found, name), getattr(expected, name)
        if one != two:
            return f"{name} {one} instead of {two}"
    for name, own, other in _arrays(found, expected):
        if own is None or own.shape != other.shape:
            return f"{name} of another shape"
        if own.tobytes() != other.tobytes():
            return f"{name} {_distance(own, other, expected.performers)}"
    return ""


def _arrays(found: Frame, expected: Frame) -> Iterator[tuple[str, F32 | None, F32]]:
    one, two = found.pose, expected.pose
    yield "positions", one.positions, two.positions
    yield "roots", one.root, two.root
    if two.rotations is not None:
        yield "rotations", one.rotations, two.rotations
    if two.body is not None:
        yield "rigs' joints", None if one.body is None else one.body.joints, two.body.joints
        yield "bones", None if one.body is None else one.body.bones, two.body.bones


def _distance(one: F32, two: F32, performers: tuple[int, ...]) -> str:
    """How far apart they are, and who is first."""
    away = np.abs(one.astype(np.float64) - two)
    bits = one.view(np.uint32) != two.view(np.uint32)
    first = performers[int(np.argmax(bits.reshape(len(one), -1).any(1)))]
    return f"of performer {first} differ by up to {away.max():.3g}"
