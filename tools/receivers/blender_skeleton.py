"""A dancer in Blender: an empty for each joint and a mesh of lines for the bones. Nothing has to be installed.

1. In a terminal:   engine serve --out "native://127.0.0.1:9100?space=blender"
2. In Blender:      open the tab Scripting, then this file, and press the triangle (Run Script).
3. To stop:         run it again with START = False.

With space=blender the engine sends Blender's own axes (z up, metres), so nothing is converted here. To drive a
character, give its bones a constraint Copy Location or Damped Track to the empties.
"""

import socket
import struct
from collections.abc import Iterator
from typing import Any

import bpy

START = True
HOST, PORT = "127.0.0.1", 9100
PERFORMER = 1  # p1, p2, ...
INTERVAL = 1 / 60
"""Seconds between two looks at what has arrived."""


def messages(packet: bytes) -> Iterator[tuple[str, list[Any]]]:
    """Each message of an OSC datagram: its address and its arguments, numbers and texts."""
    if packet.startswith(b"#bundle\0"):  # a time of 8 bytes, then packets, each led by its size
        at = 16
        while at < len(packet):
            (size,) = struct.unpack_from(">i", packet, at)
            yield from messages(packet[at + 4 : at + 4 + size])
            at += 4 + max(size, 0)
        return
    address, at = text(packet, 0)
    types, at = text(packet, at)
    arguments: list[Any] = []
    for kind in types[1:]:
        if kind == "s":
            word, at = text(packet, at)
            arguments.append(word)
        else:  # i: a whole number, f: a float
            arguments += struct.unpack_from(">" + kind, packet, at)
            at += 4
    yield address, arguments


def text(packet: bytes, at: int) -> tuple[str, int]:
    """Text that ends with a zero, and where the next multiple of 4 bytes begins."""
    end = packet.index(0, at)
    return packet[at:end].decode(), at + (end - at) // 4 * 4 + 4


class Skeleton:
    """What has arrived, and the objects that show it."""

    def __init__(self) -> None:
        self.frame = 0
        self.names: list[str] = []
        self.parents: list[int] = []
        self.joints: list[Any] = []
        self.lines: Any = None
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((HOST, PORT))
        self.socket.setblocking(False)

    def update(self) -> float:
        """Take what has arrived, and come again: Blender calls this every INTERVAL."""
        while True:
            try:
                packet = self.socket.recv(65536)
            except OSError:  # nothing more
                break
            try:
                for address, arguments in messages(packet):
                    self.take(address, arguments)
            except (ValueError, TypeError, IndexError, RecursionError, struct.error):
                continue  # no OSC, or not the engine's
        return INTERVAL

    def take(self, address: str, arguments: list[Any]) -> None:
        start = f"/engine/p{PERFORMER}/"
        if not address.startswith(start):
            return
        name = address[len(start) :]
        if name == "frame":
            self.frame = arguments[0]
        elif name == "skeleton/names":
            self.names = arguments
        elif name == "skeleton/parents":
            self.parents = arguments
        elif name == "pos" and len(self.names) == len(arguments) // 3:
            self.place(arguments)

    def place(self, positions: list[float]) -> None:
        """Move the empties and the lines. Positions: x y z of each joint."""
        if len(self.joints) != len(self.names):
            self.joints = [empty(f"p{PERFORMER} {name}") for name in self.names]
        for number, joint in enumerate(self.joints):
            joint.location = positions[3 * number : 3 * number + 3]
        if self.lines is None and len(self.parents) == len(self.names):
            self.lines = lines(f"p{PERFORMER} skeleton", self.parents)
        if self.lines is not None:
            self.lines.vertices.foreach_set("co", positions)
            self.lines.update()

    def close(self) -> None:
        self.socket.close()


def empty(name: str) -> Any:  # noqa: ANN401 - Blender's own types
    """The empty of this name, made where there is none."""
    found = bpy.data.objects.get(name)
    if found is None:
        found = bpy.data.objects.new(name, None)
        found.empty_display_size = 0.05
        bpy.context.scene.collection.objects.link(found)
    return found


def lines(name: str, parents: list[int]) -> Any:  # noqa: ANN401
    """A mesh with a point for each joint and an edge from each joint to its parent."""
    mesh = bpy.data.meshes.new(name)
    edges = [(joint, parent) for joint, parent in enumerate(parents) if parent >= 0]
    mesh.from_pydata([(0, 0, 0)] * len(parents), edges, [])
    shown = bpy.data.objects.get(name)
    if shown is None:
        shown = bpy.data.objects.new(name, mesh)
        bpy.context.scene.collection.objects.link(shown)
    shown.data = mesh
    return mesh


def stop() -> None:
    """End what an earlier run of this script has started."""
    earlier = bpy.app.driver_namespace.pop("skeleton", None)
    if earlier is not None:
        if bpy.app.timers.is_registered(earlier.update):
            bpy.app.timers.unregister(earlier.update)
        earlier.close()


stop()
if START:
    skeleton = bpy.app.driver_namespace["skeleton"] = Skeleton()
    bpy.app.timers.register(skeleton.update, persistent=True)
