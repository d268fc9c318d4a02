"""Bodies as binary glTF 2.0 (.glb), for Blender, three.js and every 3-D viewer; metres, Y up, facing +Z.

Each performer is a tree of the rig's bones in a T-pose with a skinned mannequin; one animation moves them all. Marker
bodies without a rig are a ball for each marker. A performer who is not there has the size 0.
"""

from pathlib import Path

import numpy as np
import pygltflib as gltf

from engine import __version__
from engine.motion.rig import Rig
from engine.schema.frame import F32
from export.formats import needs
from export.formats.body_mesh import BALL, ROUGHNESS, Mesh, ball, body_mesh, colour
from export.formats.glb_blob import Blob
from export.formats.moving import Motion, at_rest, label, motion
from export.formats.options import Options
from export.recording import Performance, Recording


def write(recording: Recording, path: Path, options: Options) -> None:  # noqa: ARG001 - no option is about GLB
    """Write all bodies.

    Raises:
        DataError: nobody dances in it, it has no frame, or a rig whose rotations are missing.
    """
    skeleton = needs.bodies(recording, path)
    stage = _Stage(recording)
    if recording.rig is None:
        surface = stage.mesh(ball(BALL))
        for index, performance in enumerate(recording.performers):
            stage.markers(index, performance, skeleton.names, surface)
    else:
        rig, solved = needs.solved(recording, path)
        surface = stage.mesh(body_mesh(rig), rig)
        for index, (performance, body) in enumerate(zip(recording.performers, solved, strict=True)):
            stage.dancer(index, performance, motion(rig, body), rig, surface)
    path.write_bytes(stage.encoded())


class _Stage:
    """A document that is being put together."""

    def __init__(self, recording: Recording) -> None:
        said = {"name": recording.name, "fps": recording.fps, "frames": recording.frames, "unit": "metre"}
        said |= {"licence": recording.licence, "made": recording.made}
        asset = gltf.Asset(generator=f"figurant {__version__}", copyright=recording.credit or None, extras=said)
        scene = gltf.Scene(name=recording.name or None, nodes=[])
        self._document = gltf.GLTF2(asset=asset, scene=0, scenes=[scene])
        self._nodes, self._top = self._document.nodes, scene.nodes
        self._blob = Blob(self._document)
        times = np.arange(recording.frames, dtype=np.float64) / recording.fps
        self._times = times.astype(np.float32)
        self._when = self._blob.add(self._times, gltf.SCALAR, bounds=True)
        self._animation = gltf.Animation(name=recording.name or None)

    def mesh(self, mesh: Mesh, rig: Rig | None = None) -> gltf.Primitive:
        """A surface's arrays, with the bones that carry it where it has a rig."""
        vertices = gltf.ARRAY_BUFFER
        triangles = mesh.triangles.ravel()
        small = triangles.astype(np.uint16) if len(mesh.positions) < 2**16 - 1 else triangles
        indices = self._blob.add(small, gltf.SCALAR, target=gltf.ELEMENT_ARRAY_BUFFER)
        attributes = gltf.Attributes(
            POSITION=self._blob.add(mesh.positions, gltf.VEC3, target=vertices, bounds=True),
            NORMAL=self._blob.add(mesh.normals, gltf.VEC3, target=vertices),
        )
        if rig is not None:
            carried = np.zeros((len(mesh.bones), 4), np.uint8 if len(rig.names) < 2**8 else np.uint16)
            carried[:, 0] = mesh.bones
            weights = np.tile(np.array([1, 0, 0, 0], np.float32), (len(carried), 1))
            attributes.JOINTS_0 = self._blob.add(carried, gltf.VEC4, target=vertices)
            attributes.WEIGHTS_0 = self._blob.add(weights, gltf.VEC4, target=vertices)
        return gltf.Primitive(attributes=attributes, indices=indices)

    def dancer(self, index: int, performance: Performance, moved: Motion, rig: Rig, surface: gltf.Primitive) -> None:
        """A performer with bones."""
        top, body = self._performer(performance), self._coloured(index, performance, surface)
        first = len(self._nodes)
        for bone, name in enumerate(rig.names):
            children = [first + int(each) for each in np.flatnonzero(rig.parents == bone)]
            place = (moved.root[0] if bone == 0 else rig.offsets[bone]).tolist()
            turned = moved.rotations[0, bone].tolist()
            self._nodes.append(gltf.Node(name=name, children=children, translation=place, rotation=turned))
        self._nodes[top].children = [first]
        self._move(first, "translation", moved.root)
        for bone in np.flatnonzero(moved.moving).tolist():
            self._move(first + bone, "rotation", moved.rotations[:, bone])
        inverse = np.tile(np.eye(4, dtype=np.float32), (len(rig.names), 1, 1))
        inverse[:, 3, :3] = -at_rest(rig)  # columns lie one behind the other
        bound = self._blob.add(inverse.reshape(-1, 16), gltf.MAT4)
        joints = [*range(first, len(self._nodes))]
        self._document.skins.append(
            gltf.Skin(name=label(performance), inverseBindMatrices=bound, joints=joints, skeleton=first)
        )
        # A skinned mesh stands beside its bones: transforms above it would have no meaning (section 3.7.3.3).
        skin = len(self._document.skins) - 1
        self._top.append(len(self._nodes))
        self._nodes.append(gltf.Node(name=f"{label(performance)} body", mesh=body, skin=skin))

    def markers(self, index: int, performance: Performance, names: tuple[str, ...], surface: gltf.Primitive) -> None:
        """A performer of markers alone."""
        top, body = self._performer(performance), self._coloured(index, performance, surface)
        for marker, name in enumerate(names):
            places = performance.positions[:, marker]
            self._nodes[top].children.append(len(self._nodes))
            self._nodes.append(gltf.Node(name=name, mesh=body, translation=places[0].tolist()))
            self._move(len(self._nodes) - 1, "translation", places)

    def encoded(self) -> bytes:
        """The file."""
        self._document.animations = [self._animation] if self._animation.channels else []
        self._blob.close()
        return b"".join(self._document.save_to_bytes())

    def _performer(self, performance: Performance) -> int:
        node = len(self._nodes)
        self._nodes.append(gltf.Node(name=label(performance)))
        self._top.append(node)
        if not performance.present.all():
            there = np.repeat(performance.present.astype(np.float32)[:, None], 3, 1)
            self._move(node, "scale", there, gltf.ANIM_STEP)
        return node

    def _coloured(self, index: int, performance: Performance, surface: gltf.Primitive) -> int:
        """A mesh for a performer: the arrays are everybody's, the colour is its own."""
        look = gltf.PbrMetallicRoughness(
            baseColorFactor=[*colour(index), 1.0], metallicFactor=0.0, roughnessFactor=ROUGHNESS
        )
        self._document.materials.append(gltf.Material(name=label(performance), pbrMetallicRoughness=look))
        material = len(self._document.materials) - 1
        own = gltf.Primitive(attributes=surface.attributes, indices=surface.indices, material=material)
        self._document.meshes.append(gltf.Mesh(name=label(performance), primitives=[own]))
        return len(self._document.meshes) - 1

    def _move(self, node: int, path: str, values: F32, way: str = gltf.ANIM_LINEAR) -> None:
        """Let a node follow values (T, 3) or (T, 4)."""
        kind = gltf.VEC4 if path == "rotation" else gltf.VEC3
        sampler = gltf.AnimationSampler(input=self._when, output=self._blob.add(values, kind), interpolation=way)
        self._animation.samplers.append(sampler)
        target = gltf.AnimationChannelTarget(node=node, path=path)
        self._animation.channels.append(gltf.AnimationChannel(sampler=len(self._animation.samplers) - 1, target=target))
