"""NumPy's own files: .npz with everything that a recording has, each array by its name; .npy with places alone.

Units and axes stand in the .npz as text. An .npy holds no text: (P, T, J, 3) float32 places, metres, Y up; of pictures
(T, H, W) uint8, 0 black.
"""

from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.schema.errors import DataError
from engine.schema.note import Note
from export.formats import needs
from export.formats.options import Options
from export.lengths import SECOND
from export.recording import Pictures, Recording

PICTURES = True

UNITS = (
    "positions in metres, times in seconds, quaternions x y z w, right-handed, Y up, facing +Z; frames grey, 0 black,"
    " the top row first"
)

Arrays = dict[str, NDArray[np.generic]]


def write(recording: Recording, path: Path, options: Options) -> None:  # noqa: ARG001 (formats share their signature)
    """Write all performers and notes.

    Raises:
        DataError: nothing to write; for .npy, no bodies.
    """
    with path.open("wb") as file:  # numpy would add its own suffix to a name
        if path.suffix.lower() == ".npy":
            np.save(file, _one(recording, path), allow_pickle=False)
        else:
            np.savez(file, allow_pickle=False, **_arrays(recording, path))


def _one(recording: Recording, path: Path) -> NDArray[np.generic]:
    """What stands alone in a file."""
    if recording.pictures is not None:
        return recording.pictures.lanes[0].pixels
    needs.bodies(recording, path)
    return np.stack([one.positions for one in recording.performers])


def _arrays(recording: Recording, path: Path) -> Arrays:
    if not recording.performers and not recording.notes and recording.pictures is None:
        raise DataError(str(path), "a recording without bodies and notes", "something that moves or sounds")
    texts = {name: getattr(recording, name) for name in ("name", "credit", "licence", "made")}
    found: Arrays = {name: np.array(text) for name, text in (texts | {"units": UNITS}).items()}
    found["fps"] = np.array(recording.fps)
    if recording.performers:
        found |= _bodies(recording, path)
    if recording.notes:
        found |= _notes(recording)
    if recording.pictures is not None:
        found |= _pictures(recording.pictures)
    return found


def _pictures(pictures: Pictures) -> Arrays:
    """`frames` (T, H, W) uint8, or such an array for each lane by its name; `latents` (T, D) in standard deviations."""
    lanes = pictures.lanes
    found: Arrays = {lane.name if len(lanes) > 1 else "frames": lane.pixels for lane in lanes}
    if pictures.given:
        found["given"] = np.array(pictures.given)
    return found if pictures.latents is None else found | {"latents": pictures.latents}


def _bodies(recording: Recording, path: Path) -> Arrays:
    """`positions` (P, T, J, 3), `root`, `present`, and what else is known of all bodies, each (P, T, ...)."""
    skeleton = needs.bodies(recording, path)
    found: Arrays = {
        "performers": np.array([one.number for one in recording.performers]),
        "joints": np.array(skeleton.names),
        "parents": np.array(skeleton.parents),
        "skeleton": np.array(msgspec.json.encode(skeleton).decode()),
    }
    for name in ("present", "positions", "root", "rotations"):
        parts = [getattr(one, name) for one in recording.performers]
        if all(part is not None for part in parts):
            found[name] = np.stack(parts)
    if recording.rig is not None and all(one.bones is not None for one in recording.performers):
        found["bones"] = np.array(recording.rig.names)
        found["bone_parents"] = recording.rig.parents
        found["bone_offsets"] = recording.rig.offsets
        found["bone_rotations"] = np.stack([one.bones for one in recording.performers if one.bones is not None])
    return found


def _notes(recording: Recording) -> Arrays:
    """Keys and pedal in their order; a velocity of 0: the key comes up."""
    keys = [(timed.at, timed.event) for timed in recording.notes if isinstance(timed.event, Note)]
    pedal = [(timed.at, timed.event) for timed in recording.notes if not isinstance(timed.event, Note)]
    return {
        "note_time": np.array([at for at, _ in keys]) / SECOND,
        "note_number": np.array([note.number for _, note in keys], np.uint8),
        "note_velocity": np.array([note.velocity for _, note in keys], np.uint8),
        "pedal_time": np.array([at for at, _ in pedal]) / SECOND,
        "pedal_value": np.array([moved.value for _, moved in pedal], np.uint8),
    }
