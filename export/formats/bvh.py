"""BVH: one body as a tree of joints with their angles.

The format (https://research.cs.wisc.edu/graphics/Courses/cs-838-1999/Jeff/BVH.html) has no place for a unit, axes, a
name or a credit. Lengths are centimetres, as most programs take them to be, unless the options say metres; Y is up and
the body at rest faces +Z. Angles stand in the order Z, X, Y, as in the format's own examples.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.motion import kinematics
from engine.motion.rig import Rig
from engine.schema.frame import Body
from export.formats import needs
from export.formats.angles import degrees
from export.formats.numbers import TOGETHER, rows
from export.formats.options import Options
from export.recording import Outline, Recording

F64 = NDArray[np.float64]

BODIES = 1
"""A file holds one."""

DIGITS = 5
"""Decimals of all numbers: 1e-5 degrees move what is 2 m away by 0.4 micrometres."""

STIFF = 5e-4
"""Metres that a joint may be away from where rotations alone put it; beyond, its place is written in every frame."""

SITE = 0.5
"""Length of a body's ends as a share of the bone before: fingers, toes, the top of the head."""

PLACE = "Xposition Yposition Zposition"
ANGLES = "Zrotation Xrotation Yrotation"

_FOREIGN = re.compile(r"[\s{}]+")


class _Plan(NamedTuple):
    """How a body is written.

    Attributes:
        order: of the rig's bones in the file, each before its children and beside them.
        placed: (K,) whether a bone has its place in every frame; only those whose joint it is.
        scale: units of length in a metre.
    """

    order: list[int]
    placed: NDArray[np.bool_]
    scale: float


def write(recording: Recording, path: Path, options: Options) -> None:
    """Write the only performer of a recording.

    A rig whose bones keep their length gives every joint three angles. One whose bones do not, as joints found between
    markers, gives each of them its place against its parent as well, which takes the place of OFFSET.

    Raises:
        DataError: no bodies, several, none whose rotations are known, or no frames.
        ConfigError: an unknown unit.
    """
    rig, bodies = needs.solved(recording, path)
    needs.one_body(recording, path)
    body = bodies[0]
    placed = rig.parents < 0
    if not _stiff(rig, body):
        placed = rig.helper < 0
    plan = _Plan(_depth_first(rig), placed, needs.scale(options, path))
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(_hierarchy(rig, plan))
        file.write(f"MOTION\nFrames: {recording.frames}\nFrame Time: {1 / recording.fps:.12f}\n")
        for values in _values(rig, body, plan):
            file.write(rows(values, DIGITS, " "))


def refuse(outline: Outline, path: Path) -> None:
    """Refuse bodies that have no bones.

    Raises:
        DataError: there are only points.
    """
    needs.bones(outline, path)


def _stiff(rig: Rig, body: Body) -> bool:
    """Whether rotations alone put every joint where it is."""
    for start in range(0, len(body.bones), TOGETHER):
        joints = body.joints[start : start + TOGETHER]
        made = kinematics.forward(rig, body.bones[start : start + TOGETHER], joints[:, rig.joint[0]])
        if np.abs(made - joints).max() > STIFF:
            return False
    return True


def _depth_first(rig: Rig) -> list[int]:
    """Bones as the file nests them."""
    found, open_ = [], [0]
    while open_:
        bone = open_.pop()
        found.append(bone)
        open_ += [int(child) for child in np.flatnonzero(rig.parents == bone)[::-1]]
    return found


def _hierarchy(rig: Rig, plan: _Plan) -> Iterator[str]:
    yield "HIERARCHY\n"
    depths = {-1: -1}
    for index, bone in enumerate(plan.order):
        parent = int(rig.parents[bone])
        depth = depths[bone] = depths[parent] + 1
        indent = "\t" * depth
        offset = np.zeros(3) if parent < 0 else rig.offsets[bone]
        channels = f"6 {PLACE} {ANGLES}" if plan.placed[bone] else f"3 {ANGLES}"
        yield f"{indent}{'JOINT' if depth else 'ROOT'} {_FOREIGN.sub('_', rig.names[bone])}\n{indent}{{\n"
        yield f"{indent}\tOFFSET {_vector(offset * plan.scale)}\n{indent}\tCHANNELS {channels}\n"
        following = plan.order[index + 1] if index + 1 < len(plan.order) else -1
        if following < 0 or rig.parents[following] != bone:
            end = _vector(offset * plan.scale * SITE)
            yield f"{indent}\tEnd Site\n{indent}\t{{\n{indent}\t\tOFFSET {end}\n{indent}\t}}\n"
            stays = depths[int(rig.parents[following])] + 1 if following >= 0 else 0
            yield "".join("\t" * at + "}\n" for at in range(depth, stays - 1, -1))


def _vector(vector: F64) -> str:
    return " ".join(f"{number:.{DIGITS}f}" for number in vector + 0.0)


def _values(rig: Rig, body: Body, plan: _Plan) -> Iterator[F64]:
    """The numbers (T, C) of the file, some frames at a time."""
    last: F64 | None = None
    starts = np.cumsum([0, *(6 if plan.placed[bone] else 3 for bone in plan.order)])
    for start in range(0, len(body.bones), TOGETHER):
        part = Body(*(array[start : start + TOGETHER] for array in body))
        angles = degrees(kinematics.local(rig, part.bones), "ZXY", last)
        last = angles[-1]
        values = np.empty((len(angles), starts[-1]))
        for bone, column in zip(plan.order, starts[:-1], strict=True):
            at = int(column)
            if plan.placed[bone]:
                values[:, at : at + 3] = plan.scale * _place(rig, part, bone)
                at += 3
            values[:, at : at + 3] = angles[:, bone]
        yield values


def _place(rig: Rig, body: Body, bone: int) -> F64:
    """Where the joint of a bone is (T, 3), metres, seen from its parent bone."""
    parent, here = int(rig.parents[bone]), body.joints[:, rig.joint[bone]].astype(np.float64)
    if parent < 0:
        return here
    away = here - body.joints[:, rig.joint[parent]]
    return kinematics.rotate(kinematics.conjugate(body.bones[:, parent]), away)
