import contextlib
import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.motion.core20 import CORE20
from engine.motion.heading import heading
from engine.schema.errors import DataError
from export.data import bvh, rigs


def _write(folder: Path, text: str, name: str = "small.bvh") -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


@pytest.mark.parametrize("name", ["small.bvh", "small.bvh.gz", "small.BVH"])
def test_a_file_becomes_a_clip(tmp_path: Path, bvh_text: str, name: str) -> None:
    clip = bvh.read(_write(tmp_path, bvh_text, name))
    assert (clip.name, clip.fps, clip.positions.shape) == ("small", 30.0, (3, 5, 3))
    assert clip.skeleton.facing == ((1, 3),)
    assert clip.skeleton.offsets[2] == (0.0, -0.8, 0.0)
    expected = np.array([[0.1, 0.8, 0.0], [0.2, 0.8, 0.0], [0.2, 0.0, 0.0], [0.0, 0.8, 0.0], [0.0, 0.0, 0.0]])
    np.testing.assert_allclose(clip.positions[1], expected, atol=1e-6)
    np.testing.assert_allclose(heading(clip.positions, clip.skeleton), [0, 0, np.pi / 2], atol=1e-6)


def test_the_rate_can_be_corrected_and_frames_dropped(tmp_path: Path, bvh_text: str) -> None:
    clip = bvh.read(_write(tmp_path, bvh_text), fps=60.0, drop=1)
    assert (clip.fps, len(clip)) == (60.0, 2)
    assert clip.positions[0, 0, 0] == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("seconds", "fps"),
    [("0.008333", 120.0), ("0.016667", 60.0), ("0.0416667", 24.0), ("0.0333667", 29.97), ("0.04", 25.0)],
)
def test_a_rounded_frame_time_gives_the_whole_rate(tmp_path: Path, bvh_text: str, seconds: str, fps: float) -> None:
    clip = bvh.read(_write(tmp_path, bvh_text.replace("0.0333333", seconds)))
    assert clip.fps == pytest.approx(fps, rel=1e-5)
    assert (clip.fps == fps) == fps.is_integer()


@pytest.mark.parametrize("seconds", ["0", "-0.1", "0.0001"])
def test_an_impossible_frame_time_is_refused_unless_corrected(tmp_path: Path, bvh_text: str, seconds: str) -> None:
    path = _write(tmp_path, bvh_text.replace("0.0333333", seconds))
    with pytest.raises(DataError, match=rf"{path}.*expected more than 0"):
        bvh.read(path)
    assert bvh.read(path, fps=30.0).fps == 30.0


def test_an_impossible_correction_is_refused(tmp_path: Path, bvh_text: str) -> None:
    with pytest.raises(DataError, match="fps: -1; expected more than 0"):
        bvh.read(_write(tmp_path, bvh_text), fps=-1.0)


def _in_units(text: str, per_metre: float) -> str:
    for length in ("0.1", "-0.8", "0.9", "0.2"):
        text = text.replace(f" {length} ", f" {float(length) * per_metre} ")
    return text


@pytest.mark.parametrize("unit", ["m", "cm", "mm", "in"])
def test_the_unit_is_told_by_the_size_of_a_person(tmp_path: Path, bvh_text: str, unit: str) -> None:
    text = _in_units(bvh_text, 1 / {"m": 1, "cm": 0.01, "mm": 0.001, "in": 0.0254}[unit])
    clip = bvh.read(_write(tmp_path, text))
    assert clip.positions[0, 0, 1] == pytest.approx(0.8)
    np.testing.assert_allclose(clip.positions, bvh.read(_write(tmp_path, text), unit=unit).positions)


def test_a_unit_can_be_named_and_must_be_where_no_person_fits(tmp_path: Path, bvh_text: str) -> None:
    path = _write(tmp_path, _in_units(bvh_text, 1 / 0.056))
    with pytest.raises(DataError, match=r"unit: the longest chain of bones measures .* \(name the unit\)"):
        bvh.read(path)
    assert bvh.read(path, unit=0.056).positions[0, 0, 1] == pytest.approx(0.8)
    with pytest.raises(DataError, match="unit: 'feet'; expected m, cm, mm, in or metres per unit"):
        bvh.read(path, unit="feet")


@pytest.mark.parametrize("drop", [-1, 2, 99])
def test_two_frames_must_stay(tmp_path: Path, bvh_text: str, drop: int) -> None:
    with pytest.raises(DataError, match=f"3 frames, {drop} to drop; expected at least 2 frames to stay"):
        bvh.read(_write(tmp_path, bvh_text), drop=drop)


def test_a_body_without_sides_is_refused(tmp_path: Path, bvh_text: str) -> None:
    text = bvh_text.replace("LeftUpLeg", "Tail").replace("RightUpLeg", "Trunk")
    with pytest.raises(DataError, match="no left and right joints among Hips, Tail"):
        bvh.read(_write(tmp_path, text))


def test_a_broken_gzip_is_refused(tmp_path: Path, bvh_text: str) -> None:
    path = tmp_path / "dance.bvh.gz"
    whole = gzip.compress(bvh_text.encode())
    for damaged in (bvh_text.encode(), whole[:-20], whole[:30] + b"\x00\xff\x00" + whole[33:], b""):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match=str(path)):
            bvh.read(path)


def test_a_binary_file_is_refused_with_its_first_line(tmp_path: Path) -> None:
    path = tmp_path / "dance.bvh"
    path.write_bytes(bytes(range(256)))
    with pytest.raises(DataError, match=r"dance.bvh:\d+: .*expected 'HIERARCHY'"):
        bvh.read(path)


def test_a_broken_line_is_told_with_the_file(tmp_path: Path, bvh_text: str) -> None:
    path = _write(tmp_path, bvh_text.replace("0.2 0", "nan 0"))
    with pytest.raises(DataError) as caught:
        bvh.read(path)
    assert str(caught.value) == f"{path}:30: nan for Hips Xposition; expected a finite number"


def test_angles_too_large_for_a_number_are_refused(tmp_path: Path, bvh_text: str) -> None:
    path = _write(tmp_path, bvh_text.replace("0.2 0 0", "1e39 0 0"))
    with pytest.raises(DataError, match="inf in frame 2, joint Hips, x"):
        bvh.read(path)


def _rig_text(rig: rigs.Rig) -> str:
    names = [name for group in rig for name in group if not name.endswith("_End")]
    joint = "JOINT {0} {{ OFFSET {1} 0 0 CHANNELS 3 Zrotation Xrotation Yrotation End Site {{ OFFSET 0 -0.5 0 }} }}"
    joints = [joint.format(name, 0.01 * place) for place, name in enumerate(names[1:], 1)]
    head = f"HIERARCHY ROOT {names[0]} {{ OFFSET 0 1 0 CHANNELS 3 Zrotation Xrotation Yrotation"
    zeros = " ".join(["0"] * 3 * len(names))
    return "\n".join([head, *joints, "}", "MOTION", "Frames: 2", "Frame Time: 0.05", zeros, zeros])


@pytest.mark.parametrize("rig", rigs.RIGS, ids=["daz", "iclone", "own"])
def test_a_known_rig_gives_the_20_joints(tmp_path: Path, rig: rigs.Rig) -> None:
    path = _write(tmp_path, _rig_text(rig))
    clip = bvh.read(path, unit="m")
    assert clip.skeleton == CORE20
    assert len(rig) == len(CORE20.names)
    own = bvh.read(path, unit="m", own=True)
    assert own.skeleton.names[0] == rig[0][0]
    middle = np.mean([own.positions[0, own.skeleton.names.index(name)] for name in rig[3]], axis=0)
    np.testing.assert_allclose(clip.positions[0, 3] - clip.positions[0, 0], middle - own.positions[0, 0], atol=1e-6)


def test_an_unknown_rig_is_none() -> None:
    assert rigs.detect({"Hips", "LeftUpLeg"}) is None


@given(
    st.integers(0, 900),
    st.integers(0, 12),
    st.text(max_size=6) | st.sampled_from(["1e308", "-9e999", "{", "}", "JOINT", "9" * 5000]),
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_but_a_data_error_escapes(tmp_path: Path, bvh_text: str, start: int, length: int, instead: str) -> None:
    text = bvh_text[:start] + instead + bvh_text[start + length :]
    path = tmp_path / "small.bvh"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    with contextlib.suppress(DataError):
        assert np.isfinite(bvh.read(path, unit="m").positions).all()
