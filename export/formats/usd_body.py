"""One performer in a USD stage: its bones, how they move, and what is seen of it."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pxr import Gf, Sdf, Tf, Usd, UsdGeom, UsdShade, UsdSkel, Vt

from engine.motion.rig import Rig
from engine.schema.frame import F32
from export.formats.body_mesh import ROUGHNESS, Mesh
from export.formats.moving import Motion, at_rest

F64 = NDArray[np.float64]

ROOM = 0.25
"""What of a body is seen around its joints or markers, metres; half a head is the most."""


class Place(NamedTuple):
    """Where a performer stands in a stage, and its colour."""

    stage: Usd.Stage
    path: Sdf.Path
    colour: tuple[float, float, float]


def dancer(place: Place, rig: Rig, moved: Motion, mesh: Mesh) -> UsdGeom.Imageable:
    """A performer with bones.

    Returns:
        Its `SkelRoot`.
    """
    top = UsdSkel.Root.Define(place.stage, place.path)
    top.CreateExtentAttr(_extent(moved.joints, ROOM))
    skeleton = UsdSkel.Skeleton.Define(place.stage, place.path.AppendChild("skeleton"))
    joints, rest = _joints(rig), at_rest(rig)
    skeleton.CreateJointsAttr(joints)
    skeleton.CreateBindTransformsAttr(_shifts(rest))
    skeleton.CreateRestTransformsAttr(_shifts(rig.offsets))
    animation = UsdSkel.Animation.Define(place.stage, skeleton.GetPath().AppendChild("animation"))
    animation.CreateJointsAttr(joints)
    _animate(animation, rig, moved)
    bound = UsdSkel.BindingAPI.Apply(skeleton.GetPrim())
    bound.CreateAnimationSourceRel().SetTargets([animation.GetPath()])
    body = _surface(place, "body", mesh)
    _coloured(place, [body])
    skin = UsdSkel.BindingAPI.Apply(body.GetPrim())
    skin.CreateSkeletonRel().SetTargets([skeleton.GetPath()])
    skin.CreateGeomBindTransformAttr(Gf.Matrix4d(1.0))
    skin.CreateJointIndicesPrimvar(constant=False, elementSize=1).Set(
        Vt.IntArray.FromNumpy(mesh.bones.astype(np.int32))
    )
    weights = np.ones(len(mesh.bones), np.float32)
    skin.CreateJointWeightsPrimvar(constant=False, elementSize=1).Set(Vt.FloatArray.FromNumpy(weights))
    return top


def markers(place: Place, names: Sequence[str], positions: F32, mesh: Mesh) -> UsdGeom.Imageable:
    """A performer of markers alone, positions (T, J, 3) metres.

    Returns:
        The `Xform` that holds them.
    """
    top = UsdGeom.Xform.Define(place.stage, place.path)
    balls = [_surface(place, name, mesh) for name in _names(names)]
    for marker, each in enumerate(balls):
        shift = each.AddTranslateOp(UsdGeom.XformOp.PrecisionFloat)
        _sample(shift.GetAttr(), (Gf.Vec3f(*where) for where in positions[:, marker].tolist()))
    _coloured(place, balls)
    return top


def _animate(animation: UsdSkel.Animation, rig: Rig, moved: Motion) -> None:
    """Where and how the bones are against their parents at each frame."""
    offsets = rig.offsets.astype(np.float32)
    places = np.tile(offsets, (len(moved.root), 1, 1))
    places[:, 0] = moved.root
    animation.CreateScalesAttr(Vt.Vec3hArray([Gf.Vec3h(1, 1, 1)] * len(rig.names)))
    _sample(animation.CreateTranslationsAttr(), map(Vt.Vec3fArray.FromNumpy, places))
    _sample(animation.CreateRotationsAttr(), map(Vt.QuatfArray.FromNumpy, moved.rotations))


def _sample(attribute: Usd.Attribute, values: Iterable[object]) -> None:
    """Give an attribute one value for each frame."""
    for at, value in enumerate(values):
        attribute.Set(value, at)


def _surface(place: Place, name: str, mesh: Mesh) -> UsdGeom.Mesh:
    surface = UsdGeom.Mesh.Define(place.stage, place.path.AppendChild(name))
    surface.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(mesh.positions))
    surface.CreateFaceVertexCountsAttr(Vt.IntArray(len(mesh.triangles), 3))
    surface.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(mesh.triangles.ravel().astype(np.int32)))
    surface.CreateNormalsAttr(Vt.Vec3fArray.FromNumpy(mesh.normals))
    surface.SetNormalsInterpolation(UsdGeom.Tokens.vertex)
    surface.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    surface.CreateExtentAttr(_extent(mesh.positions, 0.0))
    surface.CreateDisplayColorAttr([Gf.Vec3f(*place.colour)])
    return surface


def _coloured(place: Place, surfaces: Sequence[UsdGeom.Mesh]) -> None:
    """Give surfaces the performer's colour, as a material that every renderer knows (UsdPreviewSurface)."""
    material = UsdShade.Material.Define(place.stage, place.path.AppendChild("material"))
    shader = UsdShade.Shader.Define(place.stage, material.GetPath().AppendChild("surface"))
    shader.CreateIdAttr("UsdPreviewSurface")
    shader.CreateInput("diffuseColor", Sdf.ValueTypeNames.Color3f).Set(Gf.Vec3f(*place.colour))
    shader.CreateInput("roughness", Sdf.ValueTypeNames.Float).Set(ROUGHNESS)
    material.CreateSurfaceOutput().ConnectToSource(shader.ConnectableAPI(), "surface")
    for surface in surfaces:
        UsdShade.MaterialBindingAPI.Apply(surface.GetPrim()).Bind(material)


def _joints(rig: Rig) -> list[str]:
    """Paths of the bones, as UsdSkel names them: `pelvis/chest_base/chest`."""
    paths: list[str] = []
    for name, parent in zip(_names(rig.names), rig.parents.tolist(), strict=True):
        paths.append(name if parent < 0 else f"{paths[parent]}/{name}")
    return paths


def identifier(text: str) -> str:
    """The nearest name that USD allows; a digit in front is kept behind a `_`."""
    return str(Tf.MakeValidIdentifier(f"_{text}" if text[:1].isdigit() else text))


def _names(names: Sequence[str]) -> list[str]:
    """Names that USD allows, still different from each other."""
    found: list[str] = []
    for name in names:
        allowed = identifier(name)
        while allowed in (*found, "material"):
            allowed += "_"
        found.append(allowed)
    return found


def _shifts(places: F64) -> Vt.Matrix4dArray:
    return Vt.Matrix4dArray([Gf.Matrix4d(1.0).SetTranslate(Gf.Vec3d(*place)) for place in places.tolist()])


def _extent(places: F32, room: float) -> Vt.Vec3fArray:
    corners = np.stack([places.reshape(-1, 3).min(0) - room, places.reshape(-1, 3).max(0) + room])
    return Vt.Vec3fArray.FromNumpy(corners.astype(np.float32))
