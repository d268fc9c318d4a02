"""What a skeleton looks like with flesh on it: limbs, chest, hips and a head, found by structure, not by names."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.schema.skeleton import Skeleton

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]
Points = NDArray[np.floating]

MIDDLE, LEFT, RIGHT = range(3)

TALL = 1.65
"""Height in metres of the body that the radii below are measured on."""

LEG = (0.08, 0.055, 0.038, 0.026)
"""Radii at hip, knee, ankle and toe, metres."""

ARM = (0.052, 0.041, 0.03, 0.024)
"""Radii at shoulder, elbow, wrist and hand, metres."""

TRUNK = 0.092
"""Radius of the spine where shoulders or hips hang above or below it."""

CHEST, HIPS = (0.058, 0.115), (0.07, 0.08)
"""Radii of the trunk at shoulders and in the chest, at hips and in the pelvis."""

BEHIND, UNDER = 0.07, 0.3
"""Metres that a trunk and hips are drawn farther away than they are, so that limbs hang on them instead of in them."""

WAIST = 0.07
"""Radius of the spine at the root."""

NECK = 0.045

SKULL = 0.102
"""Radius of a head."""

CROWN = 0.05
"""From the head's joint to the middle of its upper half."""

STICK = 0.014
"""Radius of bones of which nothing is known."""


class Part(NamedTuple):
    """What is drawn at once: an arm, a leg, the trunk, the head.

    Attributes:
        side: MIDDLE, LEFT or RIGHT.
        pieces: indices of strokes; where there are several the piece is their hull.
        joints: whose depths tell what stands before what.
        back: metres that are added to their depth.
        head: whether it is the head.
    """

    side: int
    pieces: tuple[tuple[int, ...], ...]
    joints: I64
    back: float = 0.0
    head: bool = False


class Shape(NamedTuple):
    """N strokes between the J joints of a skeleton and, where it has a head, a joint of its own at J.

    Attributes:
        starts: (N,) joints.
        ends: (N,) joints; a disc ends where it starts.
        thick: (N,) radii at the starts, metres.
        thin: (N,) radii at the ends.
        parts: what the strokes belong to.
        head: neck and head of the body; None where it has none.
        tips: ends of the left and right limbs, joints; trails follow them.
        sides: of the tips.
        tall: metres.
    """

    starts: I64
    ends: I64
    thick: F64
    thin: F64
    parts: tuple[Part, ...]
    head: tuple[int, int] | None
    tips: tuple[int, ...]
    sides: tuple[int, ...]
    tall: float

    def joints(self, points: Points) -> F64:
        """Joints (..., J + 1, 3) or (..., J, 3): those of a body (..., J, 3), and the middle of its head."""
        whole = np.asarray(points, np.float64)
        if self.head is None:
            return whole
        neck, head = whole[..., self.head[0], :], whole[..., self.head[1], :]
        along = head - neck
        length = np.maximum(np.linalg.norm(along, axis=-1, keepdims=True), 1e-6)
        crown = head + along / length * (CROWN * self.tall / TALL)
        return np.concatenate([whole, crown[..., None, :]], -2)


class _Strokes:
    """Collects strokes and says which they are."""

    def __init__(self, scale: float) -> None:
        self.scale = scale
        self.found: list[tuple[int, int, float, float]] = []

    def add(self, start: int, end: int, thick: float, thin: float) -> int:
        self.found.append((start, end, thick * self.scale, thin * self.scale))
        return len(self.found) - 1


def shape(skeleton: Skeleton, tall: float) -> Shape:
    """The shape of a skeleton whose body is `tall` metres."""
    strokes = _Strokes(tall / TALL)
    if skeleton.rigid and skeleton.facing:
        parts, head = _body(skeleton, strokes)
    else:
        parts, head = (_sticks(skeleton, strokes),), None
    starts, ends, thick, thin = (np.array(column) for column in zip(*strokes.found, strict=True))
    tips = _tips(skeleton)
    sides = _sides(skeleton)
    return Shape(starts, ends, thick, thin, parts, head, tips, tuple(sides[tip] for tip in tips), tall)


def _sticks(skeleton: Skeleton, strokes: _Strokes) -> Part:
    edges = skeleton.edges or ((skeleton.root, skeleton.root),)
    pieces = tuple((strokes.add(parent, child, STICK, STICK),) for parent, child in edges)
    return Part(MIDDLE, pieces, np.arange(len(skeleton.names)))


def _body(skeleton: Skeleton, strokes: _Strokes) -> tuple[tuple[Part, ...], tuple[int, int] | None]:
    sides = _sides(skeleton)
    limbs = tuple(_limb(skeleton, joint, strokes, sides) for pair in skeleton.facing for joint in pair)
    head = _head(skeleton, sides)
    trunk = _trunk(skeleton, sides, strokes)
    if head is None:
        return (*limbs, *trunk), None
    ball = strokes.add(head[1], len(skeleton.names), SKULL * 0.9, SKULL)
    return (*limbs, *trunk, Part(MIDDLE, ((ball,),), np.array(head[1:]), head=True)), head


def _sides(skeleton: Skeleton) -> list[int]:
    """Where each joint belongs: what hangs on a left joint of a pair that faces is on the left."""
    sides = [MIDDLE] * len(skeleton.names)
    for left, right in skeleton.facing:
        sides[left], sides[right] = LEFT, RIGHT
    for joint in skeleton.order:
        parent = skeleton.parents[joint]
        if parent >= 0 and sides[joint] == MIDDLE:
            sides[joint] = sides[parent]
    return sides


def _limb(skeleton: Skeleton, top: int, strokes: _Strokes, sides: list[int]) -> Part:
    """What hangs on a shoulder or hip."""
    legs = {leg.hip for leg in skeleton.legs}
    radii = LEG if top in legs else ARM
    depth = {top: 0}
    pieces: list[tuple[int, ...]] = []
    for joint in skeleton.order:
        parent = skeleton.parents[joint]
        if parent in depth and joint not in depth:
            depth[joint] = depth[parent] + 1
            thick, thin = (radii[min(level, 3)] for level in (depth[parent], depth[joint]))
            pieces.append((strokes.add(parent, joint, thick, thin),))
    if not pieces:
        pieces.append((strokes.add(top, top, radii[0], radii[0]),))
    joints = sorted(depth, key=lambda joint: depth[joint])
    # Of a leg it is the thigh that the trunk may hide, of an arm what hangs on the upper arm.
    shown = joints[:2] if top in legs else joints[1:] or joints
    return Part(sides[top], tuple(pieces), np.array(shown))


def _trunk(skeleton: Skeleton, sides: list[int], strokes: _Strokes) -> tuple[Part, ...]:
    """Spine and neck with the chest, and hips: a plate for each pair that faces."""
    carrying = {ancestor for pair in skeleton.facing for joint in pair for ancestor in _above(skeleton, joint)}
    tops = {joint for pair in skeleton.facing for joint in pair}
    legs = {leg.hip for leg in skeleton.legs}
    spine: list[tuple[int, ...]] = []
    for parent, child in skeleton.edges:
        if child not in tops and sides[child] == MIDDLE:
            thick, thin = (TRUNK if joint in carrying else NECK for joint in (parent, child))
            thick = WAIST if parent == skeleton.root else min(thick, 1.3 * thin)
            spine.append((strokes.add(parent, child, thick, thin),))
    spine += [_plate(skeleton, pair, strokes, CHEST) for pair in skeleton.facing if pair[0] not in legs]
    hips = tuple(_plate(skeleton, pair, strokes, HIPS) for pair in skeleton.facing if pair[0] in legs)
    joints = np.array(sorted(carrying or tops))
    trunk = Part(MIDDLE, tuple(spine), joints, back=BEHIND * strokes.scale)
    return tuple(part for part in (trunk, Part(MIDDLE, hips, joints, back=UNDER * strokes.scale)) if part.pieces)


def _plate(skeleton: Skeleton, pair: tuple[int, int], strokes: _Strokes, radii: tuple[float, float]) -> tuple[int, ...]:
    """Discs at a pair of joints and at what they hang on."""
    around, inside = radii
    parents = {skeleton.parents[joint] for joint in pair} - {-1}
    discs = [strokes.add(joint, joint, around, around) for joint in pair]
    return (*discs, *(strokes.add(joint, joint, inside, inside) for joint in sorted(parents)))


def _above(skeleton: Skeleton, joint: int) -> Iterable[int]:
    while (joint := skeleton.parents[joint]) >= 0:
        yield joint


def _head(skeleton: Skeleton, sides: list[int]) -> tuple[int, int] | None:
    """Neck and head: the highest joint at rest that ends the middle of the body."""
    height: dict[int, float] = {}
    for joint in skeleton.order:
        height[joint] = skeleton.offsets[joint][1] + height.get(skeleton.parents[joint], 0.0)
    ends = set(range(len(sides))) - set(skeleton.parents) - {skeleton.root}
    middle = [joint for joint in ends if sides[joint] == MIDDLE]
    if not middle:
        return None
    head = max(middle, key=lambda joint: height[joint])
    return skeleton.parents[head], head


def _tips(skeleton: Skeleton) -> tuple[int, ...]:
    """Hands and feet: the joint at the end of each limb, or of a leg its ankle's toe."""
    tips = []
    for top in (joint for pair in skeleton.facing for joint in pair):
        below = [joint for joint in range(len(skeleton.names)) if top in _above(skeleton, joint)]
        tips.append(max(below, key=lambda joint: len(list(_above(skeleton, joint))), default=top))
    return tuple(tips)
