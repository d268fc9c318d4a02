"""The dance of 55 optical markers (dancing-with-robots, `dance.npy`): markers first, scaled, z up and mirrored.

Each axis is scaled to 0..1 by its own range. Unscaled, the third number is the height in a left-handed space: swapping
it with the second gives Y up and puts left on the left again. The capture's floor is y = 0 and stays so.
"""

from collections import deque
from dataclasses import replace

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.motion.core20 import CORE20
from engine.motion.heading import canonical
from engine.motion.markers import MARKERS, centres
from engine.schema.errors import DataError
from engine.schema.frame import F32
from engine.schema.skeleton import Contact, Skeleton, Vector
from export.data.clip import Clip, check_finite
from export.data.measure import standing_height

F64 = NDArray[np.float64]

LICENCE = "none given: all rights reserved, for tests on your own machine only"

ROOT = "mbwt"
"""Middle of the back of the waist: of the markers on the pelvis the one that the tree branches from."""

FACING = (("lfwt", "rfwt"), ("lbwt", "rbwt"), ("lfsh", "rfsh"))
"""Pairs on pelvis and shoulders that give the left-right axis."""

CONTACTS = ("lhel", "ltoe", "rhel", "rtoe")
"""Markers on heels and toes."""

SLACK = 0.01
"""By how much scaled numbers may leave 0..1."""


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """What `skeleton55.json` says; keys that are not needed are passed over.

    Attributes:
        marker_names_npy_order: name of each of the J rows.
        fps: frames per second.
        min: metres at 0, for each axis.
        range: metres from 0 to 1, for each axis.
        edges_mst: the J - 1 shortest links that join all markers.
    """

    marker_names_npy_order: tuple[str, ...]
    fps: float
    min: Vector
    range: Vector
    edges_mst: tuple[tuple[int, int], ...]


def describes(text: bytes) -> bool:
    """Whether a JSON is meant to be such a description."""
    return b'"marker_names_npy_order"' in text


def parse(place: str, text: bytes) -> Description:
    """Read a description.

    Raises:
        DataError: no JSON, a key missing or of a wrong type.
    """
    try:
        return msgspec.json.decode(text, type=Description)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DataError(place, str(error), "marker names, fps, min, range and edges_mst") from error


def clip(place: str, name: str, scaled: F64, description: Description, fps: float | None = None) -> Clip:
    """Metres, Y up, un-mirrored, with a skeleton measured from the recording itself.

    Args:
        place: the file, for messages.
        name: of the clip.
        scaled: (J, T, 3) as in the file.
        description: what they are.
        fps: the true frame rate where the description's is wrong.

    Raises:
        DataError: another shape, NaN, numbers that are not scaled, edges that join no tree.
    """
    names = tuple(marker.lower() for marker in description.marker_names_npy_order)
    if scaled.shape[0] != len(names):
        found = f"positions have the shape {scaled.shape}"
        raise DataError(place, found, f"({len(names)}, frames, 3), markers first, as the description says")
    bare = _bare(place, names, description.edges_mst)
    check_finite(place, scaled.transpose(1, 0, 2), bare)
    low, high = float(scaled.min()), float(scaled.max())
    if low < -SLACK or high > 1 + SLACK:
        raise DataError(place, f"numbers from {low:.3g} to {high:.3g}", "every axis scaled to 0..1")
    mirrored = scaled.transpose(1, 0, 2) * np.array(description.range) + np.array(description.min)
    positions = mirrored[..., [0, 2, 1]].astype(np.float32)
    rate = description.fps if fps is None else fps
    skeleton = _measured(bare, positions, rate)
    return Clip(name=name, positions=positions, fps=rate, skeleton=skeleton, licence=LICENCE, source=place)


def reduce(clip: Clip) -> Clip:
    """The centres of the 20 joints, as `engine.motion.markers` finds them.

    Raises:
        DataError: a marker is missing.
    """
    joints = centres(clip.skeleton)
    if joints is None:
        missing = sorted(MARKERS - {name.lower() for name in clip.skeleton.names})
        raise DataError(clip.place, f"no markers {', '.join(missing[:6])}", "the 55-marker set")
    return replace(clip, positions=joints(clip.positions), skeleton=CORE20)


def _bare(place: str, names: tuple[str, ...], edges: tuple[tuple[int, int], ...]) -> Skeleton:
    """The tree without lengths."""
    needed = {ROOT, *CONTACTS, *(marker for pair in FACING for marker in pair)}
    if not needed <= set(names):
        raise DataError(place, f"no markers {', '.join(sorted(needed - set(names))[:6])}", "the 55-marker set")
    return Skeleton(
        names=names,
        parents=_parents(place, names, edges),
        offsets=((0.0, 0.0, 0.0),) * len(names),
        facing=tuple((names.index(left), names.index(right)) for left, right in FACING),
        rigid=False,
    )


def _parents(place: str, names: tuple[str, ...], edges: tuple[tuple[int, int], ...]) -> tuple[int, ...]:
    near: dict[int, list[int]] = {marker: [] for marker in range(len(names))}
    for a, b in edges:
        if a not in near or b not in near:
            raise DataError(f"{place}: edges_mst", f"({a}, {b})", f"markers 0 to {len(names) - 1}")
        near[a].append(b)
        near[b].append(a)
    root = names.index(ROOT)
    parents = {root: -1}
    queue = deque([root])
    while queue:
        at = queue.popleft()
        for child in near[at]:
            if child not in parents:
                parents[child] = at
                queue.append(child)
    if len(parents) != len(names) or len(edges) != len(names) - 1:
        found = f"{len(edges)} edges that reach {len(parents)} of {len(names)} markers"
        raise DataError(f"{place}: edges_mst", found, f"a tree of {len(names) - 1} edges")
    return tuple(parents[marker] for marker in range(len(names)))


def _measured(bare: Skeleton, positions: F32, fps: float) -> Skeleton:
    """Mean directions as the body sees them, mean lengths, the root's median height, the standing heights."""
    local, _ = canonical(positions.astype(np.float64), bare)
    offsets: list[Vector] = []
    for joint, parent in enumerate(bare.parents):
        if parent < 0:
            offsets.append((0.0, float(np.median(local[:, joint, 1])), 0.0))
            continue
        bones = local[:, joint] - local[:, parent]
        mean = bones.mean(0)
        x, y, z = mean * (np.linalg.norm(bones, axis=-1).mean() / np.linalg.norm(mean))
        offsets.append((float(x), float(y), float(z)))
    contacts = tuple(
        Contact(joint=joint, height=standing_height(positions[:, joint], fps))
        for joint in map(bare.names.index, CONTACTS)
    )
    return msgspec.structs.replace(bare, offsets=tuple(offsets), contacts=contacts)
