"""A GLB file as a viewer plays it (glTF 2.0): where its nodes and its skinned corners are at a frame."""

import struct
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

F64 = NDArray[np.float64]

TYPES = {5121: np.uint8, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
WIDTHS = {"SCALAR": 1, "VEC3": 3, "VEC4": 4, "MAT4": 16}


class Player(NamedTuple):
    """A file's description and its bytes."""

    document: dict[str, Any]
    binary: bytes

    def array(self, accessor: int) -> NDArray[Any]:
        """The elements of an accessor, (N, width)."""
        described = self.document["accessors"][accessor]
        view = self.document["bufferViews"][described["bufferView"]]
        assert view["byteOffset"] % 4 == 0
        count = described["count"] * WIDTHS[described["type"]]
        found = np.frombuffer(self.binary, TYPES[described["componentType"]], count, view["byteOffset"])
        return found.reshape(described["count"], -1)

    @property
    def channels(self) -> dict[tuple[int, str], dict[str, Any]]:
        """The sampler of each node's path that moves."""
        animation = self.document["animations"][0]
        channels = [(each["target"], animation["samplers"][each["sampler"]]) for each in animation["channels"]]
        return {(target["node"], target["path"]): sampler for target, sampler in channels}

    def times(self) -> F64:
        """Seconds of the keys, which all channels share."""
        (found,) = {sampler["input"] for sampler in self.channels.values()}
        return self.array(found)[:, 0].astype(np.float64)

    def node(self, name: str, among: int = 0) -> int:
        """The node of a name; the how-manieth of those that have it."""
        return [at for at, node in enumerate(self.document["nodes"]) if node.get("name") == name][among]

    def worlds(self, key: int) -> F64:
        """Transforms (N, 4, 4) of all nodes at a key."""
        channels, nodes = self.channels, self.document["nodes"]
        found = np.tile(np.eye(4), (len(nodes), 1, 1))

        def value(node: int, path: str, otherwise: list[float]) -> F64:
            sampler = channels.get((node, path))
            if sampler is None:
                return np.array(nodes[node].get(path, otherwise), np.float64)
            assert sampler["interpolation"] == ("STEP" if path == "scale" else "LINEAR")
            return np.asarray(self.array(sampler["output"])[key], np.float64)

        def place(node: int, above: F64) -> None:
            local = np.eye(4)
            local[:3, :3] = Rotation.from_quat(value(node, "rotation", [0, 0, 0, 1])).as_matrix()
            local[:3, :3] *= value(node, "scale", [1, 1, 1])
            local[:3, 3] = value(node, "translation", [0, 0, 0])
            found[node] = above @ local
            for child in nodes[node].get("children", []):
                place(child, found[node])

        for top in self.document["scenes"][self.document["scene"]]["nodes"]:
            place(top, np.eye(4))
        return found

    def skinned(self, name: str, key: int) -> F64:
        """Corners (V, 3) of the mesh node of this name at a key."""
        node = self.document["nodes"][self.node(name)]
        skin = self.document["skins"][node["skin"]]
        (primitive,) = self.document["meshes"][node["mesh"]]["primitives"]
        points, carried, weights = (
            self.array(primitive["attributes"][each]) for each in ("POSITION", "JOINTS_0", "WEIGHTS_0")
        )
        inverse = self.array(skin["inverseBindMatrices"]).reshape(-1, 4, 4).transpose(0, 2, 1)
        moved = self.worlds(key)[skin["joints"]] @ inverse
        mixed = np.einsum("vi,vijk->vjk", weights, moved[carried])
        return np.asarray(np.einsum("vjk,vk->vj", mixed, np.c_[points, np.ones(len(points))]))[:, :3]


def play(path: Path) -> Player:
    """Open a file."""
    data = path.read_bytes()
    magic, version, length, size, kind = struct.unpack_from("<4sIII4s", data)
    assert (magic, version, length, kind) == (b"glTF", 2, len(data), b"JSON")
    described = msgspec.json.decode(data[20 : 20 + size])
    binary, word = struct.unpack_from("<I4s", data, 20 + size)
    assert word == b"BIN\0"
    assert binary == described["buffers"][0]["byteLength"]
    return Player(described, data[28 + size :])
