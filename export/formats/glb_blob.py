"""Arrays in the binary part of a GLB file, and how glTF 2.0 describes them (section 3.6)."""

from typing import Any

import numpy as np
import pygltflib as gltf
from numpy.typing import NDArray

_COMPONENTS = {
    np.dtype(np.float32): gltf.FLOAT,
    np.dtype(np.uint8): gltf.UNSIGNED_BYTE,
    np.dtype(np.uint16): gltf.UNSIGNED_SHORT,
    np.dtype(np.uint32): gltf.UNSIGNED_INT,
}


class Blob:
    """Arrays one behind the other, each described in a document."""

    def __init__(self, document: gltf.GLTF2) -> None:
        self._document = document
        self._pieces: list[bytes] = []
        self._size = 0

    def add(self, array: NDArray[Any], kind: str, *, target: int | None = None, bounds: bool = False) -> int:
        """Put an array (N,) or (N, ...) behind the others.

        Args:
            array: of float32, uint8, uint16 or uint32.
            kind: what an element is: `SCALAR`, `VEC3`, `VEC4`, `MAT4`.
            target: what the graphics card takes it for; None for what it never sees.
            bounds: whether the description says the smallest and the greatest element.

        Returns:
            The index of its accessor.
        """
        piece = np.ascontiguousarray(array).tobytes()
        view = gltf.BufferView(buffer=0, byteOffset=self._size, byteLength=len(piece), target=target)
        self._document.bufferViews.append(view)
        padded = piece + bytes(-len(piece) % 4)
        self._pieces.append(padded)
        self._size += len(padded)
        described = gltf.Accessor(
            bufferView=len(self._document.bufferViews) - 1,
            componentType=_COMPONENTS[array.dtype],
            count=len(array),
            type=kind,
            min=array.min(0, keepdims=True).ravel().tolist() if bounds else None,
            max=array.max(0, keepdims=True).ravel().tolist() if bounds else None,
        )
        self._document.accessors.append(described)
        return len(self._document.accessors) - 1

    def close(self) -> None:
        """Give the document all the bytes."""
        self._document.buffers = [gltf.Buffer(byteLength=self._size)]
        self._document.set_binary_blob(b"".join(self._pieces))
