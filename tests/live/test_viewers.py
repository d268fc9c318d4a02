"""Other people's programs open the 3-D files: the validator of glTF's makers, and Blender."""

import json
import os
import subprocess
from pathlib import Path

import msgspec
import numpy as np
import pytest
from live.receiving import need
from recordings import bare, gaps, recorded

from export.formats import glb
from export.formats.options import Options
from export.recording import Recording

pytestmark = pytest.mark.live

FOLDER = "GLTF_VALIDATOR"
"""Names the folder in which `npm install gltf-validator` was run."""

VALIDATE = """
const [validator, files] = [require('gltf-validator'), require('fs')];
validator.validateBytes(new Uint8Array(files.readFileSync(process.argv[1])))
    .then(report => console.log(JSON.stringify(report.issues)));
"""

LOOK = """
import bpy, json, sys
path, out, frames = sys.argv[-3], sys.argv[-2], json.loads(sys.argv[-1])
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.context.scene.render.fps = 30
bpy.ops.import_scene.gltf(filepath=path)
found = []
for frame in frames:
    bpy.context.scene.frame_set(frame)
    bodies = [each for each in bpy.data.objects if each.type == 'ARMATURE']
    bones = {body.name: {bone.name: [*(body.matrix_world @ bone.head)] for bone in body.pose.bones} for body in bodies}
    seen = bpy.context.evaluated_depsgraph_get()
    skins = {each.name: each.evaluated_get(seen).to_mesh().vertices for each in bpy.data.objects if each.type == 'MESH'}
    heights = {name: max(corner.co.z for corner in corners) for name, corners in skins.items()}
    found.append({'bones': bones, 'heights': heights})
with open(out, 'w') as file:
    json.dump(found, file)
"""


class Seen(msgspec.Struct):
    """A frame in Blender, Z up: places of the bones of each armature, and how high each mesh reaches."""

    bones: dict[str, dict[str, tuple[float, float, float]]]
    heights: dict[str, float]


@pytest.fixture(scope="module")
def validator() -> dict[str, str]:
    """The environment in which node finds the validator."""
    need("node", "nodejs")
    folder = Path(os.environ.get(FOLDER, ".")) / "node_modules"
    if not (folder / "gltf-validator").is_dir():
        reason = f"no gltf-validator in the folder that {FOLDER} names (npm install gltf-validator)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return os.environ | {"NODE_PATH": str(folder)}


@pytest.mark.parametrize(
    "recording",
    [recorded(60, 3), gaps(), bare(gaps()), recorded(1)],
    ids=["three", "gaps", "markers", "pose"],
)
def test_the_validator_finds_nothing(recording: Recording, validator: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "dance.glb"
    glb.write(recording, path, Options())
    said = subprocess.run(["node", "-e", VALIDATE, path], env=validator, capture_output=True, text=True, check=True)
    assert msgspec.json.decode(said.stdout)["messages"] == []


def test_the_validator_finds_faults(validator: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "dance.glb"
    glb.write(recorded(5), path, Options())
    path.write_bytes(path.read_bytes().replace(b'"VEC4"', b'"VEC3"', 1))
    said = subprocess.run(["node", "-e", VALIDATE, path], env=validator, capture_output=True, text=True, check=True)
    assert msgspec.json.decode(said.stdout)["numErrors"] > 0


def test_blender_shows_the_dance(tmp_path: Path) -> None:
    recording, path, out, frames = gaps(60), tmp_path / "dance.glb", tmp_path / "seen.json", [5, 30]
    glb.write(recording, path, Options())
    script = tmp_path / "look.py"
    script.write_text(LOOK)
    command = [need("blender", "blender"), "-b", "--factory-startup", "--python-exit-code", "1", "--python", str(script)]
    subprocess.run([*command, "--", path, out, json.dumps(frames)], check=True, capture_output=True, timeout=60)
    assert recording.rig is not None
    for frame, seen in zip(frames, msgspec.json.decode(out.read_bytes(), type=list[Seen]), strict=True):
        for performance in recording.performers:
            if performance.present[frame] and performance.joints is not None:
                bones = seen.bones[f"p{performance.number}"]
                found = np.array([bones[name] for name in recording.rig.joints])
                turned = np.stack([found[:, 0], found[:, 2], -found[:, 1]], 1)
                np.testing.assert_allclose(turned, performance.joints[frame], atol=1e-3)
                assert 1.4 < seen.heights[f"p{performance.number} body"] < 2.0
