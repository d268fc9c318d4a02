"""What fixes each joint's rotation: the direction that it turns to exactly, and what tells its twist about that."""

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.schema.skeleton import Hinge, Skeleton

F64 = NDArray[np.float64]

SHORT = 1e-6
"""Metres; what is shorter has no direction."""

ASKEW = 0.2
"""Sine of the angle between two rest directions from which on the second one tells a twist about the first."""

Link = tuple[int, int]
"""A direction in the body, as the joints (from, to)."""


class Aim(NamedTuple):
    """What a joint's rotation is made from; None where the body has nothing of the kind.

    Attributes:
        exact: the direction that the rotation hits exactly; None for a joint that turns with its parent.
        side: a second direction that fixes the twist about the first; beside a hinge a hint only, as a leg's foot is.
        hinge: the joint that `exact` leads to, where it bends about one axis, and the joint after it.
        axis: that axis at rest.
    """

    exact: Link | None = None
    side: Link | None = None
    hinge: Link | None = None
    axis: tuple[float, float, float] = (0.0, 0.0, 0.0)


class Body:
    """A skeleton at rest, as aims are found in it.

    Attributes:
        rest: (J, 3) positions at rest, metres, the root where its offset says.
        children: of each joint those that lie elsewhere than it does.
    """

    def __init__(self, skeleton: Skeleton) -> None:
        self.skeleton = skeleton
        self.rest: F64 = np.array(skeleton.offsets, np.float64)
        self._above: list[tuple[int, ...]] = [()] * len(skeleton.names)
        self.children: list[list[int]] = [[] for _ in skeleton.names]
        for joint in skeleton.order:
            parent = skeleton.parents[joint]
            self._above[joint] = (*(self._above[parent] if parent >= 0 else ()), joint)
            if parent >= 0:
                if np.linalg.norm(skeleton.offsets[joint]) > SHORT:
                    self.children[parent].append(joint)
                self.rest[joint] += self.rest[parent]

    def away(self, link: Link) -> F64:
        """Unit vector of a link at rest; zeros for one without a length."""
        vector: F64 = self.rest[link[1]] - self.rest[link[0]]
        length = np.linalg.norm(vector)
        return vector / length if length > SHORT else np.zeros(3)

    def askew(self, one: Link, other: Link) -> bool:
        """Whether the second direction tells a twist about the first."""
        return bool(np.linalg.norm(np.cross(self.away(one), self.away(other))) > ASKEW)

    def across(self, joint: int) -> Link | None:
        """The left-right pair, as (right, left), that branches at a joint; hips before what hangs on them."""
        for left, right in self.skeleton.facing:
            ways = self._above[left], self._above[right]
            if self._apart(joint, *ways) and np.linalg.norm(self.away((right, left))) > 0:
                return right, left
        return None

    def central(self, joint: int, pair: Link | None) -> int | None:
        """The child that goes on along the body: off the pair, and with the most joints after it."""
        limbs = {child for end in pair or () for child in self._above[end]}
        rest = [child for child in self.children[joint] if child not in limbs]
        return max(rest, key=self._weight, default=None)

    def _apart(self, joint: int, left: tuple[int, ...], right: tuple[int, ...]) -> bool:
        if joint not in left[:-1] or joint not in right[:-1]:
            return False
        return left[left.index(joint) + 1] != right[right.index(joint) + 1]

    def _weight(self, joint: int) -> int:
        return sum(joint in above for above in self._above)


def aims(skeleton: Skeleton) -> tuple[Aim, ...]:
    """The aim of each of the J joints."""
    body = Body(skeleton)
    return tuple(_aim(body, joint) for joint in range(len(skeleton.names)))


def hinges(skeleton: Skeleton) -> tuple[Hinge, ...]:
    """The declared hinges; of a skeleton that declares none, the knees of its legs."""
    knees = (Hinge(joint=leg.knee, axis=(1.0, 0.0, 0.0)) for leg in skeleton.legs)
    return skeleton.hinges or tuple(knees)


def _aim(body: Body, joint: int) -> Aim:
    children = body.children[joint]
    root = joint == body.skeleton.root
    if not children:
        return Aim()
    if len(children) == 1 and not root:
        return _limb(body, joint, children[0])
    pair = body.across(joint) or (_anywhere(body) if root else None)
    middle = body.central(joint, pair)
    along = [] if middle is None else [(joint, middle)]
    across = [pair] if pair else []
    first = across + along if root and len(children) > 1 else along + across
    links = first + [(joint, child) for child in children]
    return next(_frames(body, links), Aim(exact=links[0]))


def _frames(body: Body, links: list[Link]) -> Iterator[Aim]:
    """Every two directions of a joint that fix it, the best first."""
    for one, other in combinations(links, 2):
        if body.askew(one, other):
            yield Aim(exact=one, side=other)


def _anywhere(body: Body) -> Link | None:
    return next(((right, left) for left, right in body.skeleton.facing), None)


def _limb(body: Body, joint: int, child: int) -> Aim:
    """A joint with one bone: its twist is told by the hinge at the bone's end, and by the foot below that."""
    after = body.children[child]
    axis = next((hinge.axis for hinge in hinges(body.skeleton) if hinge.joint == child), None)
    exact = (joint, child)
    if axis is None or len(after) != 1 or np.linalg.norm(np.cross(axis, body.away(exact))) < ASKEW:
        return Aim(exact=exact)
    foot = next(((leg.ankle, leg.toe) for leg in body.skeleton.legs if leg.knee == child), None)
    side = foot if foot and body.askew(exact, foot) else None
    return Aim(exact=exact, side=side, hinge=(child, after[0]), axis=axis)
