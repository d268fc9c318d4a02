"""Blender opens what is exported."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from live.receiving import need
from recordings import recorded

from export.formats import bvh
from export.formats.options import Options

pytestmark = pytest.mark.live

SCRIPT = Path(__file__).with_name("blender_bvh.py")


def test_blender_shows_every_joint_of_a_bvh_file_within_a_millimetre(tmp_path: Path) -> None:
    blender, recording = need("blender", "blender"), recorded(25)
    assert recording.rig is not None
    bvh.write(recording, tmp_path / "dance.bvh", Options())
    arguments = [str(tmp_path / "dance.bvh"), json.dumps(recording.rig.joints), str(tmp_path / "found.npz")]
    subprocess.run(
        [blender, "-b", "--python-exit-code", "1", "-P", str(SCRIPT), "--", *arguments], check=True, timeout=60
    )
    with np.load(tmp_path / "found.npz") as found:
        assert found["fps"] == 30
        np.testing.assert_allclose(found["positions"], recording.performers[0].positions, atol=1e-3)
