"""What a body is made of."""

from itertools import pairwise

import msgspec

from engine.schema.errors import ModelError

Vector = tuple[float, float, float]


class Leg(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The joints of one leg as indices; `toe` hangs on `ankle`, `ankle` on `knee`, `knee` on `hip`."""

    hip: int
    knee: int
    ankle: int
    toe: int


class Hinge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A joint that bends about one axis, such as an elbow; its plane fixes the twist of the bone above it.

    `axis` is the one that it flexes about, right-handed, in the rest pose.
    """

    joint: int
    axis: Vector


class Contact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A joint that touches the floor, and its height above it, metres, when it stands."""

    joint: int
    height: float


class Skeleton(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tree of J joints (or optical markers) at rest.

    Attributes:
        names: J unique names.
        parents: index of each joint's parent, -1 for the one root; any order.
        offsets: (J, 3) metres from the parent at rest: Y up, facing +Z, left is +X. Their lengths are the bones.
        facing: (left, right) pairs whose differences span the left-right axis of the body.
        legs: chains that foot locking may bend; may be empty.
        contacts: joints that touch the floor; may be empty.
        hinges: elbows and knees; may be empty.
        rigid: whether bones keep their length (joints do; skin markers only nearly).
    """

    names: tuple[str, ...]
    parents: tuple[int, ...]
    offsets: tuple[Vector, ...]
    facing: tuple[tuple[int, int], ...]
    legs: tuple[Leg, ...] = ()
    contacts: tuple[Contact, ...] = ()
    hinges: tuple[Hinge, ...] = ()
    rigid: bool = True

    def __post_init__(self) -> None:
        """Refuse a tree that is none.

        Raises:
            ModelError: lengths differ, names repeat, an index is outside, there is not exactly one root, or a cycle.
        """
        count = len(self.names)
        if not (count == len(self.parents) == len(self.offsets)) or count == 0:
            found = f"{count} names, {len(self.parents)} parents, {len(self.offsets)} offsets"
            raise ModelError("skeleton", found, "the same number of each, at least one")
        if len(set(self.names)) != count:
            raise ModelError("skeleton.names", "a name that stands twice", "unique names")
        indices = [i for pair in self.facing for i in pair]
        indices += [i for leg in self.legs for i in (leg.hip, leg.knee, leg.ankle, leg.toe)]
        indices += [contact.joint for contact in self.contacts]
        indices += [hinge.joint for hinge in self.hinges]
        if any(not 0 <= i < count for i in indices) or any(not -1 <= p < count for p in self.parents):
            raise ModelError("skeleton", "a joint index outside the skeleton", f"0 to {count - 1}")
        if self.parents.count(-1) != 1:
            raise ModelError("skeleton.parents", f"{self.parents.count(-1)} roots", "exactly one (-1)")
        if len(self.order) != count:
            raise ModelError("skeleton.parents", "a cycle", "a tree")
        for leg in self.legs:
            chain = (leg.hip, leg.knee, leg.ankle, leg.toe)
            if any(self.parents[child] != parent for parent, child in pairwise(chain)):
                raise ModelError("skeleton.legs", str(chain), "a chain of parents and children")

    @property
    def order(self) -> tuple[int, ...]:
        """Indices with every parent before its children, root first."""
        found = [self.parents.index(-1)]
        for joint in found:
            found.extend(child for child, parent in enumerate(self.parents) if parent == joint)
        return tuple(found)

    @property
    def root(self) -> int:
        """Index of the root."""
        return self.parents.index(-1)

    @property
    def edges(self) -> tuple[tuple[int, int], ...]:
        """(parent, child) of every bone, in the order of the children."""
        return tuple((parent, child) for child, parent in enumerate(self.parents) if parent >= 0)
