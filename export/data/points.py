"""Raw arrays of joints or markers: an .npy or .npz of positions and a JSON that says what they are.

The JSON is named after the array, `dance.skeleton.json` for `dance.npy`, or is the only `skeleton*.json` beside it. It
holds a `Layout`, or the description of the 55-marker dance that `export.data.markers` reads. An .npz whose `joints` are
those of `CORE20` needs none.
"""

import re
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.motion.core20 import CORE20
from engine.schema.errors import DataError, ModelError
from engine.schema.skeleton import Skeleton
from export.data import arrays, markers
from export.data.clip import Clip, check_finite, check_shape, single
from export.data.place import locate
from export.data.units import metres

F64 = NDArray[np.float64]


class Layout(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an array (T, J, 3) of positions is.

    Attributes:
        skeleton: the J joints, offsets in metres.
        fps: frames per second.
        unit: of the positions: 'm', 'cm', 'mm', 'in' or metres per unit.
        up: 'y', or 'z' for a right-handed space whose third number is the height.
        subject: who moves.
        genre: what is danced.
        licence: under which terms.
        credit: line that the licence asks for.
    """

    skeleton: Skeleton
    fps: float
    unit: str | float = "m"
    up: Literal["y", "z"] = "y"
    subject: str = ""
    genre: str = ""
    licence: str = ""
    credit: str = ""


def read(
    path: str | Path,
    *,
    layout: str | Path | None = None,
    fps: float | None = None,
    unit: str | float | None = None,
) -> Clip:
    """Read one array file.

    Args:
        path: an .npy or .npz; a relative one that does not exist here is looked for in the data folder.
        layout: the JSON; left out, it is looked for beside the array.
        fps: the true frame rate where the description's is wrong.
        unit: of the positions where the description's is wrong; see `Layout`.

    Raises:
        DataError: no array, no or a broken description, an array that does not fit it, NaN.
    """
    found = locate(path)
    loaded = arrays.load(found)
    positions = _positions(found, loaded)
    described = None if layout is None else locate(layout)
    if described is None and _is_core20(loaded):
        return _clip(found, positions, Layout(skeleton=CORE20, fps=_fps(found, loaded, fps)), fps, unit)
    described = described or _beside(found)
    text = _text(described)
    if markers.describes(text):
        if unit is not None:
            raise DataError(f"{found}: unit", str(unit), "none, as these numbers have their own range")
        return markers.clip(str(found), _name(found), positions, markers.parse(str(described), text), fps)
    return _clip(found, positions, _parse(described, text), fps, unit)


def _clip(path: Path, positions: F64, layout: Layout, fps: float | None, unit: str | float | None) -> Clip:
    check_shape(str(path), positions, layout.skeleton)
    check_finite(str(path), positions, layout.skeleton)
    upright = positions if layout.up == "y" else positions[..., [0, 2, 1]] * np.array([1.0, 1.0, -1.0])
    return Clip(
        name=_name(path),
        positions=single(upright * metres(str(path), layout.unit if unit is None else unit)),
        fps=layout.fps if fps is None else fps,
        skeleton=layout.skeleton,
        subject=layout.subject,
        genre=layout.genre,
        licence=layout.licence,
        credit=layout.credit,
        source=str(path),
    )


def _positions(path: Path, loaded: arrays.Arrays) -> F64:
    if "positions" not in loaded:
        raise DataError(str(path), f"the arrays {', '.join(loaded)}", "an array named positions")
    positions = loaded["positions"]
    if positions.ndim != 3 or positions.shape[-1] != 3 or positions.dtype.kind not in "fiu":
        found = f"positions are {positions.dtype} {positions.shape}"
        raise DataError(str(path), found, "numbers (frames, joints, 3)")
    return positions.astype(np.float64)


def _is_core20(loaded: arrays.Arrays) -> bool:
    joints = loaded.get("joints")
    return joints is not None and tuple(joints.ravel().tolist()) == CORE20.names


def _fps(path: Path, loaded: arrays.Arrays, fps: float | None) -> float:
    stored = loaded.get("fps")
    if fps is not None:
        return fps
    if stored is None or stored.shape != () or stored.dtype.kind not in "fiu":
        raise DataError(f"{path}: fps", "no number" if stored is None else f"{stored.dtype} {stored.shape}", "a number")
    return float(stored.astype(np.float64))


def _beside(path: Path) -> Path:
    named = path.with_name(f"{_name(path)}.skeleton.json")
    if named.is_file():
        return named
    others = sorted(path.parent.glob("skeleton*.json"))
    if len(others) == 1:
        return others[0]
    found = "no description of the points" if not others else f"{len(others)} descriptions named skeleton*.json"
    raise DataError(str(path), found, f"{named.name} beside it, or one skeleton*.json")


def _text(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(str(path), str(error.strerror), "a readable file") from error


def _parse(path: Path, text: bytes) -> Layout:
    try:
        return msgspec.json.decode(text, type=Layout)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DataError(
            str(path), str(error), "a skeleton with names, parents, offsets and facing, and an fps"
        ) from error
    except ModelError as error:
        raise DataError(f"{path}: {error.place}", error.found, error.expected) from error


def _name(path: Path) -> str:
    return re.sub(r"\.np[yz]$", "", path.name, flags=re.IGNORECASE)
