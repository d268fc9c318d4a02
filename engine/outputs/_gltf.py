"""Nodes of a glTF 2.0 binary file (.glb, .vrm): names, places at rest, and the bones that a VRM extension points to.

Only the header and the JSON chunk are read; meshes and pictures are passed over (glTF 2.0, sections 4.4 and 5.25; VRM
0.x `extensions.VRM`; VRM 1.0 `extensions.VRMC_vrm`).
"""

import struct
from pathlib import Path
from typing import Annotated, BinaryIO

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from engine.schema.errors import DataError

F64 = NDArray[np.float64]

MAGIC = b"glTF"

LONGEST = 64 * 2**20
"""Bytes of JSON that are read; a VRM with many blend shapes has 5 MB of it."""

MOST = 20_000
"""Nodes of a file; an avatar has some hundreds."""

_HEADER = struct.Struct("<4sII")
_CHUNK = struct.Struct("<I4s")


class Node(msgspec.Struct):
    """A node: a matrix (column by column), or a translation, a rotation x y z w and a scale, against its parent."""

    name: str = ""
    children: Annotated[list[int], Meta(max_length=MOST)] = []
    translation: tuple[float, float, float] = (0.0, 0.0, 0.0)
    rotation: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 1.0)
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0)
    matrix: Annotated[list[float], Meta(min_length=16, max_length=16)] | None = None


class Bone0(msgspec.Struct):
    """A bone of VRM 0.x."""

    bone: str
    node: int


class Humanoid0(msgspec.Struct, rename="camel"):
    """The humanoid of VRM 0.x."""

    human_bones: list[Bone0] = []


class Vrm0(msgspec.Struct):
    """VRM 0.x; its models face -Z."""

    humanoid: Humanoid0 = msgspec.field(default_factory=Humanoid0)


class Bone1(msgspec.Struct):
    """A bone of VRM 1.0."""

    node: int


class Humanoid1(msgspec.Struct, rename="camel"):
    """The humanoid of VRM 1.0."""

    human_bones: dict[str, Bone1] = {}


class Vrm1(msgspec.Struct):
    """VRM 1.0; its models face +Z, as those of glTF."""

    humanoid: Humanoid1 = msgspec.field(default_factory=Humanoid1)


class Extensions(msgspec.Struct):
    """What tells a VRM from any other file."""

    vrm0: Vrm0 | None = msgspec.field(default=None, name="VRM")
    vrm1: Vrm1 | None = msgspec.field(default=None, name="VRMC_vrm")


class Gltf(msgspec.Struct):
    """What is read of a file."""

    nodes: Annotated[list[Node], Meta(max_length=MOST)] = []
    extensions: Extensions = msgspec.field(default_factory=Extensions)


def read(path: Path) -> Gltf:
    """The description in a .glb or .vrm file.

    Raises:
        DataError: it cannot be read, or is no such file.
    """
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(_json(file, path), type=Gltf)
    except OSError as error:
        raise DataError(str(path), f"it cannot be read ({error.strerror})", "a file that can be read") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DataError(str(path), f"broken JSON ({error})", "a glTF 2.0 binary file") from error


def places(gltf: Gltf, place: str) -> F64:
    """Where each node stands at rest, (N, 3) in the file's axes; inf or nan where its numbers are too large.

    Raises:
        DataError: the nodes are no trees.
    """
    count = len(gltf.nodes)
    children = [child for node in gltf.nodes for child in node.children]
    if any(not 0 <= child < count for child in children) or len(set(children)) < len(children):
        raise DataError(place, "a node with no place in the tree", "nodes with one parent each")
    with np.errstate(all="ignore"):
        worlds = {node: _matrix(gltf.nodes[node]) for node in set(range(count)).difference(children)}
        waiting = list(worlds)
        for node in waiting:
            for child in gltf.nodes[node].children:
                worlds[child] = worlds[node] @ _matrix(gltf.nodes[child])
                waiting.append(child)
    if len(worlds) < count:
        raise DataError(place, "nodes in a circle", "nodes with one parent each")
    return np.array([worlds[node][:3, 3] for node in range(count)]).reshape(-1, 3)


def _json(file: BinaryIO, path: Path) -> bytes:
    """The bytes of the JSON chunk."""
    head = file.read(_HEADER.size + _CHUNK.size)
    if len(head) < _HEADER.size + _CHUNK.size or not head.startswith(MAGIC):
        raise DataError(str(path), f"{len(head)} bytes that begin with {head[:4]!r}", "a glTF 2.0 binary file")
    _, version, _ = _HEADER.unpack_from(head)
    length, kind = _CHUNK.unpack_from(head, _HEADER.size)
    if version != 2 or kind != b"JSON" or length > LONGEST:
        found = f"version {version} with a first chunk {kind!r} of {length} bytes"
        raise DataError(str(path), found, f"version 2 with a first chunk b'JSON' of at most {LONGEST} bytes")
    data = file.read(length)
    if len(data) < length:
        raise DataError(str(path), f"{len(data)} of {length} bytes of JSON", "a whole file")
    return data


def _matrix(node: Node) -> F64:
    """A node against its parent, (4, 4) for columns."""
    if node.matrix is not None:
        return np.array(node.matrix).reshape(4, 4).T
    x, y, z, w = node.rotation
    made = np.eye(4)
    made[:3, :3] = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    made[:3, :3] *= node.scale
    made[:3, 3] = node.translation
    return made
