import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.motion.core20 import CORE20
from engine.motion.heading import canonical
from engine.schema.errors import DataError
from export.data import markers, points
from export.data.pairs import partners

NAMES = ("MBWT", "LFWT", "RFWT", "LBWT", "RBWT", "LFSH", "RFSH", "LHEL", "LTOE", "RHEL", "RTOE")


def _description(**more: object) -> bytes:
    known: dict[str, object] = {
        "marker_names_npy_order": NAMES,
        "fps": 24,
        "min": [-1.0, -2.0, 0.0],
        "range": [2.0, 4.0, 2.0],
        "edges_mst": [[0, 3], [0, 4], [3, 1], [4, 2], [5, 1], [6, 2], [7, 3], [8, 7], [9, 4], [10, 9]],
        "up_axis": "a key that is passed over",
    }
    return json.dumps(known | more).encode()


def _scaled(frames: int = 5) -> NDArray[np.float64]:
    return np.random.default_rng(3).random((len(NAMES), frames, 3))


def _write(folder: Path, scaled: NDArray[np.float64], description: bytes) -> Path:
    np.save(folder / "dance.npy", scaled)
    (folder / "skeleton11.json").write_bytes(description)
    return folder / "dance.npy"


def test_numbers_are_unscaled_un_mirrored_and_stood_upright(tmp_path: Path) -> None:
    scaled = _scaled()
    clip = points.read(_write(tmp_path, scaled, _description()))
    assert (clip.fps, clip.licence) == (24.0, markers.LICENCE)
    x, y, z = scaled[3, 2]
    np.testing.assert_allclose(clip.positions[2, 3], [x * 2 - 1, z * 2, y * 4 - 2], rtol=1e-5)


def test_the_tree_hangs_on_the_waist(tmp_path: Path) -> None:
    skeleton = points.read(_write(tmp_path, _scaled(), _description())).skeleton
    assert skeleton.names == tuple(name.lower() for name in NAMES)
    assert skeleton.parents == (-1, 3, 4, 0, 0, 1, 2, 3, 7, 4, 9)
    assert [skeleton.names[contact.joint] for contact in skeleton.contacts] == list(markers.CONTACTS)
    assert skeleton.facing == ((1, 2), (3, 4), (5, 6))
    assert not skeleton.rigid


def test_offsets_have_the_mean_lengths(tmp_path: Path) -> None:
    clip = points.read(_write(tmp_path, _scaled(50), _description()))
    for parent, child in clip.skeleton.edges:
        lengths = np.linalg.norm(clip.positions[:, child] - clip.positions[:, parent], axis=-1)
        assert np.linalg.norm(clip.skeleton.offsets[child]) == pytest.approx(lengths.mean(), rel=1e-5)


def test_the_rate_can_be_corrected_but_there_is_no_unit(tmp_path: Path) -> None:
    path = _write(tmp_path, _scaled(), _description())
    assert points.read(path, fps=30.0).fps == 30.0
    with pytest.raises(DataError, match="unit: cm; expected none"):
        points.read(path, unit="cm")


def test_markers_that_come_second_are_refused(tmp_path: Path) -> None:
    path = _write(tmp_path, _scaled().transpose(1, 0, 2), _description())
    with pytest.raises(DataError, match=r"\(5, 11, 3\); expected \(11, frames, 3\), markers first"):
        points.read(path)


def test_numbers_that_are_not_scaled_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"numbers from .* to 3; expected every axis scaled to 0..1"):
        points.read(_write(tmp_path, np.append(_scaled(), np.full((11, 1, 3), 3.0), axis=1), _description()))


def test_nan_is_told_with_its_place(tmp_path: Path) -> None:
    scaled = _scaled()
    scaled[8, 3, 0] = np.inf
    with pytest.raises(DataError, match="inf in frame 3, joint ltoe, x"):
        points.read(_write(tmp_path, scaled, _description()))


def test_a_missing_marker_is_named(tmp_path: Path) -> None:
    names = ["TAIL" if name == "RTOE" else name for name in NAMES]
    with pytest.raises(DataError, match="no markers rtoe; expected the 55-marker set"):
        points.read(_write(tmp_path, _scaled(), _description(marker_names_npy_order=names)))
    clip = points.read(_write(tmp_path, _scaled(), _description()))
    with pytest.raises(DataError, match="dance: no markers ariel, c7, clav"):
        markers.reduce(clip)


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ([[0, 99]], r"edges_mst: \(0, 99\); expected markers 0 to 10"),
        ([[0, 1], [1, 2]], "edges_mst: 2 edges that reach 3 of 11 markers; expected a tree of 10 edges"),
    ],
)
def test_edges_that_are_no_tree_are_refused(tmp_path: Path, edges: list[list[int]], message: str) -> None:
    with pytest.raises(DataError, match=message):
        points.read(_write(tmp_path, _scaled(), _description(edges_mst=edges)))


def test_a_broken_description_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"skeleton11.json: Expected `array` of length 3 - at `\$.min`"):
        points.read(_write(tmp_path, _scaled(), _description(min=[1, 2])))


def test_the_real_dance_reduces_to_20_joints(data_dir: Path) -> None:
    clip = points.read(data_dir / "seed_dance55/dance.npy")
    assert (clip.positions.shape, clip.fps) == ((626, 55, 3), 24.0)
    reference = points.read(data_dir / "seed_dance55/seed_core20_24fps.npz")
    reduced = markers.reduce(clip)
    assert reduced.skeleton == CORE20
    away = np.linalg.norm(reduced.positions - reference.positions, axis=-1).mean(0)  # the reference: middles of markers
    low = ("pelvis", "l_hip", "r_hip")  # whose middles lie at the waist, above the joints
    assert away[[CORE20.names.index(name) for name in low]].max() < 0.13
    assert away[[CORE20.names.index(name) for name in CORE20.names if name not in low]].max() < 0.06


def test_left_is_left_in_the_real_dance(data_dir: Path) -> None:
    clip = points.read(data_dir / "seed_dance55/dance.npy")
    names = clip.skeleton.names
    heel, toe, left, right = (
        clip.positions[:, [names.index(name) for name in pair]].mean(1)
        for pair in (("lhel", "rhel"), ("ltoe", "rtoe"), ("lfwt", "lbwt"), ("rfwt", "rbwt"))
    )
    # with y up, the left of a body that faces along its toes is up x forward
    sideways = np.cross([0.0, 1.0, 0.0], toe - heel)
    assert (((left - right) * sideways).sum(-1) > 0).all()
    local, _ = canonical(clip.positions, clip.skeleton)
    assert (local[:, names.index("strn"), 2] > local[:, names.index("t10"), 2]).mean() > 0.95


def test_the_real_markers_stand_on_their_floor_and_are_no_mirror_image(data_dir: Path) -> None:
    clip = points.read(data_dir / "seed_dance55/dance.npy")
    assert [contact.height for contact in clip.skeleton.contacts] == pytest.approx(
        [0.029, 0.042, 0.028, 0.038], abs=1e-3
    )
    with pytest.raises(DataError, match="mirror: lihand hangs on lohand, rihand on riwr"):
        partners(clip.skeleton)
