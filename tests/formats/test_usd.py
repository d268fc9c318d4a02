from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pxr import Gf, Usd, UsdGeom, UsdSkel, UsdValidation
from recordings import CREDIT, MADE, bare, gaps, keys, recorded

from engine.schema.errors import DataError
from engine.schema.skeleton import Skeleton
from export.formats import usd
from export.formats.options import Options
from export.recording import Recording

SUFFIXES = [".usda", ".usdc"]


def written(recording: Recording, folder: Path, suffix: str = ".usdc") -> Usd.Stage:
    path = folder / f"dance{suffix}"
    usd.write(recording, path, Options())
    return Usd.Stage.Open(str(path))


def complaints(stage: Usd.Stage) -> list[str]:
    """What every check that comes with USD says, the ones that `usdchecker` runs among them."""
    checks = UsdValidation.ValidationRegistry().GetOrLoadAllValidators()
    assert len(checks) > 20
    return [each.GetErrorAsString() for each in UsdValidation.ValidationContext(checks).Validate(stage)]


def skinned(stage: Usd.Stage, performer: str, frame: int) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.float64]]:
    """Positions of the joints by name, and the corners of the skin (V, 3), as UsdSkel has them at a frame."""
    world = stage.GetDefaultPrim().GetPath().AppendChild(performer)
    root, cache = UsdSkel.Root.Get(stage, world), UsdSkel.Cache()
    cache.Populate(root, Usd.PrimDefaultPredicate)
    body = stage.GetPrimAtPath(world.AppendChild("body"))
    query = cache.GetSkelQuery(UsdSkel.Skeleton(UsdSkel.BindingAPI(body).GetInheritedSkeleton()))
    moved = query.ComputeJointWorldTransforms(UsdGeom.XformCache(frame))
    places = {
        str(joint).split("/")[-1]: np.array(each.ExtractTranslation())
        for joint, each in zip(query.GetJointOrder(), moved, strict=True)
    }
    points = UsdGeom.Mesh(body).GetPointsAttr().Get()
    assert cache.GetSkinningQuery(body).ComputeSkinnedPoints(query.ComputeSkinningTransforms(frame), points, frame)
    return places, np.array(points, np.float64)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_joints_are_where_they_were(suffix: str, tmp_path: Path) -> None:
    recording = recorded(30, performers=2)
    stage = written(recording, tmp_path, suffix)
    assert recording.rig is not None
    for performance in recording.performers:
        assert performance.joints is not None
        for frame in (0, 13, 29):
            joints = performance.joints[frame]
            places, corners = skinned(stage, f"p{performance.number}", frame)
            found = np.array([places[name] for name in recording.rig.joints])
            np.testing.assert_allclose(found, joints, atol=1e-5)
            near = np.linalg.norm(corners[:, None] - joints, axis=-1)
            assert near.min(0).max() < 0.16
            assert near.min(1).max() < 0.3


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("recording", [gaps(), bare(gaps()), recorded(1)], ids=["bones", "markers", "pose"])
def test_every_check_of_usd_is_content(recording: Recording, suffix: str, tmp_path: Path) -> None:
    assert complaints(written(recording, tmp_path, suffix)) == []


def test_the_checks_find_faults(tmp_path: Path) -> None:
    stage = written(recorded(2), tmp_path)
    stage.ClearDefaultPrim()
    UsdGeom.Mesh.Get(stage, "/toy_dance/p1/body").GetPrim().RemoveAPI(UsdSkel.BindingAPI)
    assert len(complaints(stage)) > 1


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_it_says_what_it_is(suffix: str, tmp_path: Path) -> None:
    stage = written(recorded(40, fps=23.976), tmp_path, suffix)
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1
    assert UsdGeom.GetStageUpAxis(stage) == "Y"
    assert (stage.GetTimeCodesPerSecond(), stage.GetFramesPerSecond()) == (23.976, 23.976)
    assert (stage.GetStartTimeCode(), stage.GetEndTimeCode()) == (0, 39)
    layer = stage.GetRootLayer()
    assert layer.comment == CREDIT
    assert layer.customLayerData == {"name": "toy dance", "credit": CREDIT, "licence": "CC0", "made": MADE}
    assert stage.GetDefaultPrim().GetName() == "toy_dance"


def test_who_is_not_there_is_not_seen(tmp_path: Path) -> None:
    stage = written(gaps(30), tmp_path)
    second = UsdGeom.Imageable(stage.GetPrimAtPath("/toy_dance/p2/body"))
    seen = [second.ComputeVisibility(frame) for frame in (0, 9, 10, 19, 20, 29)]
    assert seen == ["invisible", "invisible", "inherited", "inherited", "invisible", "invisible"]
    assert UsdGeom.Imageable(stage.GetPrimAtPath("/toy_dance/p1/body")).ComputeVisibility(0) == "inherited"


def test_markers_are_balls(tmp_path: Path) -> None:
    recording = bare(gaps(30))
    stage, skeleton = written(recording, tmp_path), recording.skeleton
    assert skeleton is not None
    for performance in recording.performers:
        for marker, name in enumerate(skeleton.names):
            each = UsdGeom.Mesh(stage.GetPrimAtPath(f"/toy_dance/p{performance.number}/{name}"))
            found = UsdGeom.XformCache(15).GetLocalToWorldTransform(each.GetPrim()).Transform(Gf.Vec3d(0, 0, 0))
            np.testing.assert_allclose(found, performance.positions[15, marker], atol=1e-6)


def test_names_that_usd_does_not_allow(tmp_path: Path) -> None:
    names = ("left foot", "left-foot", "3", "material")
    parents, offsets = (-1, 0, 1, 2), ((0.0, 0.5, 0.0),) * 4
    odd = Skeleton(names=names, parents=parents, offsets=offsets, facing=((0, 1),), rigid=False)
    whole = bare(recorded(3))
    (dancer,) = whole.performers
    four = replace(dancer, positions=dancer.positions[:, :4])
    stage = written(replace(whole, name="1. F", skeleton=odd, performers=(four,)), tmp_path)
    inside = [each.GetName() for each in stage.GetDefaultPrim().GetChildren()[0].GetChildren()]
    assert stage.GetDefaultPrim().GetName() == "_1__F"
    assert inside == ["left_foot", "left_foot_", "_3", "material_", "material"]
    assert complaints(stage) == []


@pytest.mark.parametrize("nothing", [keys(), recorded(0)], ids=["keys", "no frames"])
def test_no_bodies(nothing: Recording, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"\.usda|frame"):
        usd.write(nothing, tmp_path / "none.usda", Options())
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("_little_room")
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_full_disk_is_an_error_of_the_system(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="File too large"):
        usd.write(recorded(20), tmp_path / f"dance{suffix}", Options())


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        usd.write(recorded(2), tmp_path / "none" / "dance.usdc", Options())
