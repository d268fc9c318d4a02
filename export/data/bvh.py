"""BVH files, plain or .gz: a hierarchy of joints and their angles, turned into positions in metres.

The format: https://research.cs.wisc.edu/graphics/Courses/cs-838-1999/Jeff/BVH.html . It leaves open in which unit
lengths are and whether position channels add to a joint's OFFSET or replace it; see `read`.
"""

import gzip
import math
import re
import zlib
from pathlib import Path

import numpy as np

from engine.motion.core20 import CORE20
from engine.schema.errors import DataError
from engine.schema.skeleton import Skeleton, Vector
from export.data import rigs
from export.data.bvh_pose import Translation, world
from export.data.bvh_text import Bvh, Node, parse
from export.data.clip import Clip, check_finite, check_fps, single
from export.data.pairs import pairs
from export.data.place import locate
from export.data.transform import floor
from export.data.units import UNITS, metres

REACH = (0.7, 1.75)
"""Longest chain of bones from the root of a person, child to giant, in metres. The ends lie less than 2.54 times
apart, so that at most one unit fits."""

ROUNDED = 2e-4
"""Frame times are written with few digits: 0.016667 s is 60 fps. 29.97 fps is 1e-3 away from 30 and is left alone."""


def read(
    path: str | Path,
    *,
    fps: float | None = None,
    unit: str | float | None = None,
    drop: int = 0,
    own: bool = False,
    translation: Translation = "auto",
) -> Clip:
    """Read one file; the feet are put on the floor, x and z stay as they were recorded.

    Args:
        path: a .bvh or .bvh.gz; a relative one that does not exist here is looked for in the data folder.
        fps: the true frame rate where the file's own is wrong.
        unit: of lengths: 'm', 'cm', 'mm', 'in' or metres per unit; left out, the one that fits a person.
        drop: frames to leave out at the start, such as a T-pose.
        own: keep the file's own joints even if they are of a rig that gives the 20 joints of `CORE20`.
        translation: whether position channels 'add' to OFFSET or 'replace' it; 'auto' tells for each joint.

    Raises:
        DataError: an unreadable or broken file, see `parse`; a unit that cannot be told; too few frames; a bad rate.
    """
    found = locate(path)
    bvh = parse(str(found), _text(found))
    if not 0 <= drop <= len(bvh.values) - 2:
        raise DataError(str(found), f"{len(bvh.values)} frames, {drop} to drop", "at least 2 frames to stay")
    length = metres(str(found), unit) if unit is not None else _metres(str(found), bvh)
    rate = fps if fps is not None else _rate(str(found), bvh.seconds)
    return floor(_clip(found, bvh._replace(values=bvh.values[drop:]), rate, length, translation, own=own))


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
        return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8", "replace")
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(str(path), f"{type(error).__name__}: {error}", "a BVH file, plain or gzip") from error


def _clip(path: Path, bvh: Bvh, fps: float, length: float, translation: Translation, *, own: bool) -> Clip:
    names = tuple(node.name for node in bvh.nodes)
    rig = None if own else rigs.detect(names)
    sources = rig or tuple((name,) for name in names)
    joints = [[names.index(name) for name in source] for source in sources]
    positions = world(bvh, sorted({index for joint in joints for index in joint}), translation)
    with np.errstate(over="ignore", invalid="ignore"):
        mapped = np.stack([np.mean([positions[index] for index in joint], axis=0) for joint in joints], 1) * length
    skeleton = CORE20 if rig else _skeleton(str(path), bvh.nodes, length)
    check_finite(str(path), mapped, skeleton)
    name = re.sub(r"\.bvh(\.gz)?$", "", path.name, flags=re.IGNORECASE)
    return Clip(name=name, positions=single(mapped), fps=fps, skeleton=skeleton, source=str(path))


def _rate(place: str, seconds: float) -> float:
    if seconds <= 0:
        raise DataError(f"{place}: Frame Time", f"{seconds:g}", "more than 0 seconds", "or give the true fps")
    rate = 1 / seconds
    whole = round(rate)
    rate = float(whole) if whole and abs(rate / whole - 1) < ROUNDED else rate
    check_fps(place, rate)
    return rate


def _metres(place: str, bvh: Bvh) -> float:
    """The unit in which the body is of a person's size."""
    reach = [0.0]
    for node in bvh.nodes[1:]:
        reach.append(reach[node.parent] + math.hypot(*node.offset))
    fitting = [unit for unit in UNITS.values() if REACH[0] <= max(reach) * unit <= REACH[1]]
    if not fitting:
        found = f"the longest chain of bones measures {max(reach):g}"
        raise DataError(f"{place}: unit", found, f"a person in {', '.join(UNITS)}", "name the unit")
    return fitting[0]


def _skeleton(place: str, nodes: tuple[Node, ...], length: float) -> Skeleton:
    parents = tuple(node.parent for node in nodes)
    facing = _facing(tuple(node.name for node in nodes), parents)
    if not facing:
        found = f"no left and right joints among {', '.join(node.name for node in nodes)[:80]}"
        raise DataError(
            place, found, "names of hips or shoulders that differ only in the side, such as lThigh and rThigh"
        )
    return Skeleton(
        names=tuple(node.name for node in nodes),
        parents=parents,
        offsets=tuple(_scaled(node.offset, length) for node in nodes),
        facing=facing,
    )


def _scaled(offset: Vector, length: float) -> Vector:
    return (offset[0] * length, offset[1] * length, offset[2] * length)


def _facing(names: tuple[str, ...], parents: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """Pairs that hang on one joint of the trunk: hips and collars; eyes turn with the head and are left out."""
    on_head: list[bool] = []
    for name, parent in zip(names, parents, strict=True):
        on_head.append("head" in name.lower() or (parent >= 0 and on_head[parent]))
    return tuple((left, right) for left, right in pairs(names) if parents[left] == parents[right] and not on_head[left])
