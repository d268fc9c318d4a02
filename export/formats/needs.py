"""What a format cannot do without, each missing thing said in one line."""

from pathlib import Path

from engine.motion.rig import Rig
from engine.schema.errors import ConfigError, DataError
from engine.schema.frame import Body
from engine.schema.skeleton import Skeleton
from export.formats.options import Options
from export.recording import Outline, Recording

POSITIONS = "write .csv, .npz, .c3d or .clip, which need positions only"


def bodies(recording: Recording, path: Path) -> Skeleton:
    """The skeleton of a recording in which somebody moves.

    Raises:
        DataError: it has no bodies, or no frame.
    """
    if recording.skeleton is None or not recording.performers:
        hint = "write .mid or .csv" if recording.notes else ""
        raise DataError(str(path), "a recording without bodies", f"at least one, as {path.suffix} holds movement", hint)
    if recording.frames == 0:
        raise DataError(str(path), "a recording of 0 frames", "at least one frame")
    return recording.skeleton


def bones(outline: Outline, path: Path) -> None:
    """Refuse bodies without bones that rotate, for a format that holds nothing else.

    Raises:
        DataError: there are only points.
    """
    if outline.points and not outline.rigged:
        raise _unsolved(path)


def _unsolved(path: Path) -> DataError:
    points = "bodies of points whose rotations are not known"
    return DataError(str(path), points, f"rotations, as {path.suffix} holds bones that turn", POSITIONS)


def solved(recording: Recording, path: Path) -> tuple[Rig, tuple[Body, ...]]:
    """The rig, and each performer's joints (T, B, 3) and bones (T, K, 4), of a recording whose rotations are known.

    Raises:
        DataError: as `bodies`, or the rotations of some body are not known.
    """
    bodies(recording, path)
    found = tuple(
        Body(one.joints, one.bones) for one in recording.performers if one.joints is not None and one.bones is not None
    )
    if recording.rig is None or len(found) < len(recording.performers):
        raise _unsolved(path)
    return recording.rig, found


def one_body(recording: Recording, path: Path) -> None:
    """Refuse several performers, for a format that holds one.

    Raises:
        DataError: there are several.
    """
    if len(recording.performers) > 1:
        found = f"{len(recording.performers)} performers"
        raise DataError(str(path), found, f"one, as {path.suffix} holds one body", "write one file for each")


def scale(options: Options, path: Path) -> float:
    """How many of the wanted unit a metre has.

    Raises:
        ConfigError: an unknown unit.
    """
    units = {"cm": 100.0, "m": 1.0}
    if options.unit not in units:
        raise ConfigError(str(path), f"the unit '{options.unit}'", " or ".join(units))
    return units[options.unit]
