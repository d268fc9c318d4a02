"""Other people's programs open the 3-D files: the validator of glTF's makers, three.js, and Blender."""

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

VARIABLE = "NPM_PACKAGES"
"""Names the folder in which `npm install gltf-validator three` was run."""

VALIDATE = """
const [modules, path] = process.argv.slice(1);
require(`${modules}/gltf-validator`).validateBytes(new Uint8Array(require('fs').readFileSync(path)))
    .then(report => console.log(JSON.stringify(report.issues)));
"""

PLAY = """
const [modules, path, seconds] = process.argv.slice(1);
const bytes = new Uint8Array(require('fs').readFileSync(path)).buffer;
async function play() {
    const three = await import(`${modules}/three/build/three.module.js`);
    const {GLTFLoader} = await import(`${modules}/three/examples/jsm/loaders/GLTFLoader.js`);
    const {scene, animations} = await new GLTFLoader().parseAsync(bytes, '');
    const mixer = new three.AnimationMixer(scene);
    mixer.clipAction(animations[0]).play();
    mixer.setTime(Number(seconds));
    scene.updateMatrixWorld(true);
    const found = {}, place = new three.Vector3();
    scene.traverse(each => { if (each.isBone) found[each.name] = each.getWorldPosition(place).toArray(); });
    console.log(JSON.stringify(found));
}
play();
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


def ran(script: str, package: str, *arguments: object) -> bytes:
    """What a script of node says that uses a package of npm."""
    node, modules = need("node", "nodejs"), Path(os.environ.get(VARIABLE, ".")).resolve() / "node_modules"
    if not (modules / package).is_dir():
        reason = f"no {package} in the folder that {VARIABLE} names (npm install {package})"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    command = [node, "-e", script, str(modules), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout


@pytest.mark.parametrize(
    "recording",
    [recorded(60, 3), gaps(), bare(gaps()), recorded(1)],
    ids=["three", "gaps", "markers", "pose"],
)
def test_the_validator_finds_nothing(recording: Recording, tmp_path: Path) -> None:
    path = tmp_path / "dance.glb"
    glb.write(recording, path, Options())
    assert msgspec.json.decode(ran(VALIDATE, "gltf-validator", path))["messages"] == []


def test_the_validator_finds_faults(tmp_path: Path) -> None:
    path = tmp_path / "dance.glb"
    glb.write(recorded(5), path, Options())
    path.write_bytes(path.read_bytes().replace(b'"VEC4"', b'"VEC3"', 1))
    assert msgspec.json.decode(ran(VALIDATE, "gltf-validator", path))["numErrors"] > 0


def test_threejs_plays_the_dance(tmp_path: Path) -> None:
    recording, path, frame = recorded(60), tmp_path / "dance.glb", 37
    glb.write(recording, path, Options())
    found = msgspec.json.decode(ran(PLAY, "three", path, frame / recording.fps), type=dict[str, list[float]])
    (dancer,) = recording.performers
    assert recording.rig is not None
    assert dancer.joints is not None
    np.testing.assert_allclose([found[name] for name in recording.rig.joints], dancer.joints[frame], atol=1e-3)


def test_blender_shows_the_dance(tmp_path: Path) -> None:
    recording, path, out, frames = gaps(60), tmp_path / "dance.glb", tmp_path / "seen.json", [5, 30]
    glb.write(recording, path, Options())
    script = tmp_path / "look.py"
    script.write_text(LOOK)
    command = [
        need("blender", "blender"),
        "-b",
        "--factory-startup",
        "--python-exit-code",
        "1",
        "--python",
        str(script),
    ]
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
