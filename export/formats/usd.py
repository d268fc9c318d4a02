"""Bodies as Universal Scene Description (.usda text, .usdc binary); metres, Y up, facing +Z.

Each performer is a `SkelRoot` with the rig's bones in a T-pose, a skinned mannequin and a `SkelAnimation` (UsdSkel);
marker bodies without a rig are a ball for each marker. A performer who is not there is invisible.
"""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from pxr import Sdf, Tf, Usd, UsdGeom

from engine import __version__
from export.formats import needs, usd_body
from export.formats.body_mesh import BALL, ball, body_mesh, colour
from export.formats.moving import label, motion
from export.formats.options import Options
from export.formats.usd_body import Place
from export.recording import Performance, Recording


def write(recording: Recording, path: Path, options: Options) -> None:  # noqa: ARG001 - no option is about USD
    """Write all bodies; the suffix says whether as text.

    Raises:
        DataError: nobody dances in it, it has no frame, or a rig whose rotations are missing.
        OSError: the file could not be written.
    """
    skeleton = needs.bodies(recording, path)
    layer = Sdf.Layer.CreateAnonymous(path.suffix.lower())
    stage = Usd.Stage.Open(layer)
    world = _world(stage, recording)
    if recording.rig is None:
        for place, performance in _places(stage, world, recording):
            _presence(usd_body.markers(place, skeleton.names, performance.positions, ball(BALL)), performance)
    else:
        rig, solved = needs.solved(recording, path)
        mesh = body_mesh(rig)
        for (place, performance), body in zip(_places(stage, world, recording), solved, strict=True):
            _presence(usd_body.dancer(place, rig, motion(rig, body), mesh), performance)
    _export(layer, path)


def _world(stage: Usd.Stage, recording: Recording) -> Sdf.Path:
    """Say what holds for the whole file, and make the one prim that everything hangs on."""
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.y)
    UsdGeom.SetStageMetersPerUnit(stage, UsdGeom.LinearUnits.meters)
    stage.SetTimeCodesPerSecond(recording.fps)
    stage.SetFramesPerSecond(recording.fps)
    stage.SetStartTimeCode(0)
    stage.SetEndTimeCode(recording.frames - 1)
    layer = stage.GetRootLayer()
    layer.comment = recording.credit
    layer.documentation = f"{recording.name}, by figurant {__version__}"
    said = {"name": recording.name, "credit": recording.credit, "licence": recording.licence, "made": recording.made}
    layer.customLayerData = said
    world = UsdGeom.Xform.Define(
        stage, Sdf.Path.absoluteRootPath.AppendChild(usd_body.identifier(recording.name or "recording"))
    )
    stage.SetDefaultPrim(world.GetPrim())
    return world.GetPath()


def _places(stage: Usd.Stage, world: Sdf.Path, recording: Recording) -> Iterator[tuple[Place, Performance]]:
    """A place below the world, and a colour, for each performer."""
    for index, performance in enumerate(recording.performers):
        yield Place(stage, world.AppendChild(label(performance)), colour(index)), performance


def _presence(top: UsdGeom.Imageable, performance: Performance) -> None:
    """Hide a performer while it is not there; said at the frames where that changes."""
    if performance.present.all():
        return
    seen, before = top.CreateVisibilityAttr(), None
    for at, present in enumerate(performance.present.tolist()):
        if present != before:
            seen.Set(UsdGeom.Tokens.inherited if present else UsdGeom.Tokens.invisible, at)
        before = present


def _export(layer: Sdf.Layer, path: Path) -> None:
    path.touch()  # a folder that is not there is the system's own error, which is clearer than USD's
    try:
        layer.Export(str(path))
    except Tf.ErrorException as error:
        said = str(error.args[0].commentary)
        number = errno.ENOSPC if os.strerror(errno.ENOSPC) in said else errno.EIO
        raise OSError(number, said, str(path)) from error
