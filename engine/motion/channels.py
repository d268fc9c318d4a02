"""Joints as TouchDesigner's channels are called."""

import re
from collections.abc import Iterable

KINECT = {
    "pelvis": "hip",
    "chest": "spine",
    "neck": "neck",
    "head": "head",
    **{
        f"{side}_{joint}": f"{name}_{side}"
        for side in ("l", "r")
        for joint, name in {
            "shoulder": "shoulder",
            "elbow": "elbow",
            "wrist": "wrist",
            "hand": "hand",
            "hip": "hip",
            "knee": "knee",
            "ankle": "ankle",
            "toe": "foot",
        }.items()
    },
}
"""Our joints as TouchDesigner's Kinect CHOP calls them."""

_FOREIGN = re.compile(r"[^a-z0-9_-]")


def channels(names: Iterable[str]) -> list[str]:
    """A channel name for each joint: the Kinect's, or its own in lower case with only what a channel may hold."""
    found: list[str] = []
    for name in names:
        low = name.lower()
        plain = KINECT.get(low) or _FOREIGN.sub("_", low) or "_"
        same = (plain if turn == 1 else f"{plain}_{turn}" for turn in range(1, len(found) + 2))
        found.append(next(free for free in same if free not in found))
    return found
