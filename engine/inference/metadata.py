"""The description and the arrays of a model, to and from the metadata of its file."""

import base64
import binascii
import io
import math
import zipfile
import zlib
from collections.abc import Mapping
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.schema.errors import ModelError
from engine.schema.model import ARRAYS_KEY, FORMAT, SPEC_KEY, ModelSpec

Kind = TypeVar("Kind")
Arrays = Mapping[str, NDArray[np.generic]]

SPEC_LIMIT = 4 << 20
"""Bytes of JSON; a spec with a recipe and metrics has some thousand."""

ARRAYS_LIMIT = 256 << 20
"""Bytes of all arrays, unpacked; stored poses and a basis have some million."""

PART = 1 << 18
"""Characters of base64 that are decoded in one go, a multiple of 4: Python holds up every other thread meanwhile, and a
show may be playing in one."""

MEMBERS = 256
WIDTH = 1 << 20
"""Numbers along any axis of a model: more would be an attempt to exhaust the memory."""


class Version(msgspec.Struct):
    """The one field of a spec that every version has."""

    format: int


def pack(spec: ModelSpec, arrays: Arrays) -> dict[str, str]:
    """The metadata to write into a model file; `unpack` is the inverse. The same values give the same text.

    Raises:
        ModelError: an array holds Python objects.
    """
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            if array.dtype.hasobject:
                raise ModelError(f"{ARRAYS_KEY}: {name}", "Python objects", "an array of numbers or text")
            member = io.BytesIO()
            np.lib.format.write_array(member, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), member.getvalue(), zipfile.ZIP_DEFLATED)
    return {SPEC_KEY: msgspec.json.encode(spec).decode(), ARRAYS_KEY: base64.b64encode(stored.getvalue()).decode()}


def unpack(place: str, metadata: Mapping[str, str]) -> tuple[ModelSpec, dict[str, NDArray[np.generic]]]:
    """Read description and arrays.

    Args:
        place: what errors call the file.
        metadata: of the file.

    Raises:
        ModelError: there is no description, or one of another version, or it or an array is broken.
    """
    if SPEC_KEY not in metadata:
        raise ModelError(place, f"no {SPEC_KEY} in the metadata", "a model made by `engine-export onnx`")
    spec = _spec(f"{place}: {SPEC_KEY}", metadata[SPEC_KEY].encode())
    try:
        arrays = _arrays(metadata.get(ARRAYS_KEY, ""))
    except (ValueError, zipfile.BadZipFile, zlib.error, EOFError, binascii.Error) as error:
        raise ModelError(
            f"{place}: {ARRAYS_KEY}", str(error), "a sound .npz in base64, without Python objects"
        ) from error
    return spec, arrays


def _spec(place: str, text: bytes) -> ModelSpec:
    if len(text) > SPEC_LIMIT:
        raise ModelError(place, f"{len(text)} bytes", f"at most {SPEC_LIMIT}")
    version = _decode(place, text, Version).format
    if version != FORMAT:
        raise ModelError(place, f"version {version}", f"version {FORMAT}", "export the model again")
    spec = _decode(place, text, ModelSpec)
    _check(place, spec)
    return spec


def _decode(place: str, text: bytes, kind: type[Kind]) -> Kind:
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ModelError(place, str(error), "a model description") from error
    except ModelError as error:
        raise ModelError(f"{place}: {error.place}", error.found, error.expected, error.hint) from error


def _check(place: str, spec: ModelSpec) -> None:
    """Refuse numbers that no model can have."""
    if not 0 < spec.fps <= 1000:
        raise ModelError(f"{place}: fps", str(spec.fps), "more than 0, at most 1000")
    widths = {"features": spec.features, "head.components": spec.head.components, "head.dims": spec.head.dims}
    for name, width in widths.items():
        if not 1 <= width <= WIDTH:
            raise ModelError(f"{place}: {name}", str(width), f"1 to {WIDTH}")
    if spec.head.kind == "frame":
        size = (0, 0) if spec.image is None else (spec.image.height, spec.image.width)
        if spec.image is None or {spec.features, spec.head.dims} != {math.prod(size)} or spec.head.components != 1:
            found = f"{spec.features} features and {spec.head.dims} outputs for pictures of {size[0]} x {size[1]}"
            raise ModelError(f"{place}: image", found, "rows times columns of both, and one component")
    for index, tensor in enumerate(spec.state):
        sizes = [size for size in tensor.shape if size != -1]
        if len(sizes) != len(tensor.shape) - 1 or not all(size > 0 for size in sizes) or math.prod(sizes) > WIDTH:
            raise ModelError(
                f"{place}: state[{index}].shape", str(tensor.shape), "one -1, for the batch, and sizes > 0"
            )


def _arrays(text: str) -> dict[str, NDArray[np.generic]]:
    if not text:
        return {}
    parts = (text[at : at + PART] for at in range(0, len(text), PART))
    packed = b"".join(base64.b64decode(part, validate=True) for part in parts)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        members = archive.infolist()
        if len(members) > MEMBERS or sum(member.file_size for member in members) > ARRAYS_LIMIT:
            raise ValueError(f"more than {MEMBERS} arrays or {ARRAYS_LIMIT} bytes")
        return {member.filename.removesuffix(".npy"): _array(archive, member) for member in members}


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[np.generic]:
    """One array; its header is held against the bytes that are there before any memory is taken for it."""
    if member.flag_bits & 1 or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{member.filename}: encrypted or packed in a rare way")
    file = io.BytesIO(archive.read(member))
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError(f"{member.filename}: not version 1.0 of the .npy format")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
    if dtype.hasobject:
        raise ValueError(f"{member.filename}: Python objects")
    data = file.read()
    if math.prod(shape) * dtype.itemsize != len(data):
        raise ValueError(f"{member.filename}: {len(data)} bytes for {shape} {dtype}")
    return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C").copy()
