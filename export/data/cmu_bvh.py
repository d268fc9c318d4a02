"""The CMU dances from the BVH files they were made of: the documented way to the derived archive.

Rate 60 fps whatever the files say, the T-pose at the start of subjects 60 and 61 dropped, 20 joints, 30 fps, legs of
0.85 m per subject, the feet on the floor, every clip from x = z = 0, frames with marker errors marked invalid.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.schema.errors import DataError
from export.data import bvh, cmu
from export.data.clip import Clip, Mask
from export.data.place import locate
from export.data.splits import trial
from export.data.transform import floor, origin, resample, scale_subjects

FOLDERS = ("cmu_dance/original/05_iclone_bvh", "cmu_dance/original/60_61_daz_bvh")
"""Where the files lie in the data folder."""

TRUE_FPS = 60.0
"""Of subjects 05, 60 and 61, from CMU's index; the headers of 60 and 61 say 120."""

FPS = 30.0
"""Of the archive."""

LEG = 0.85
"""Hip to knee to ankle, metres."""

TPOSE_FRAMES = 3
"""Dropped at the start of the DAZ-friendly files: the first frame is a T-pose, the next two blend out of it."""

GLITCH_SPEED = 9.0
"""Metres per second relative to the pelvis that no joint of these dancers reaches."""

GLITCH_BEFORE, GLITCH_AFTER = 3, 4
"""Frames before and after the start of a glitch that are marked with it."""


def read(folders: Sequence[str | Path] = FOLDERS) -> list[Clip]:
    """All dances, processed like the archive.

    Raises:
        DataError: a folder is missing or a file is broken.
    """
    clips = [original(path) for folder in folders for path in sorted(locate(folder).glob("*.bvh*"))]
    return [finish(clip) for clip in scale_subjects(clips, LEG)]


def original(path: str | Path) -> Clip:
    """One file at 30 fps, in the size it was recorded in.

    Raises:
        DataError: a broken file, or one that is not named after a CMU trial.
    """
    name = trial(Path(path).name)
    if not name:
        raise DataError(str(path), "a name that is no CMU trial", "a name like 60_04_scaled.bvh.gz")
    subject = name[:2]
    daz = subject in ("60", "61")
    clip = resample(bvh.read(path, fps=TRUE_FPS, drop=TPOSE_FRAMES if daz else 0), FPS)
    genre = cmu.genre(subject)
    return replace(clip, name=name, subject=subject, genre=genre, licence=cmu.LICENCE, credit=cmu.CREDIT)


def finish(clip: Clip) -> Clip:
    """A scaled clip on the floor, from x = z = 0, with the marker errors of subjects 60 and 61 marked."""
    placed = origin(floor(clip))
    return placed if clip.subject == "05" else replace(placed, valid=~glitches(placed))


def glitches(clip: Clip, speed: float = GLITCH_SPEED) -> Mask:
    """(T,) True near every frame in which a joint moves faster than `speed` m/s relative to the root."""
    local = clip.positions - clip.positions[:, clip.skeleton.root, None]
    fast = (np.linalg.norm(np.diff(local, axis=0), axis=-1) * clip.fps > speed).any(1)
    bad = np.zeros(len(clip), np.bool_)
    for frame in np.flatnonzero(fast):
        bad[max(0, frame - GLITCH_BEFORE) : frame + GLITCH_AFTER + 1] = True
    return bad
