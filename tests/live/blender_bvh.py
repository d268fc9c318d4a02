"""Run inside Blender: import a BVH file and write where its bones begin, our axes, metres: (T, names, 3)."""

import builtins
import json
import sys

import bpy
import numpy as np

file, names, out = sys.argv[sys.argv.index("--") + 1 :]
plain_open = builtins.open


def old_open(path, mode="r", *more, **options):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN002, ANN003, ANN201
    """Blender 3.4 opens the file in a mode that Python 3.11 no longer has."""
    return plain_open(path, mode.replace("U", ""), *more, **options)


builtins.open = old_open  # type: ignore[assignment]

bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.import_anim.bvh(filepath=file, global_scale=0.01, update_scene_fps=True)
body, scene = bpy.context.object, bpy.context.scene
first, last = (int(frame) for frame in body.animation_data.action.frame_range)
found = []
for frame in range(first, last + 1):
    scene.frame_set(frame)
    places = [body.matrix_world @ body.pose.bones[name].head for name in json.loads(names)]
    found.append([[place.x, place.z, -place.y] for place in places])
np.savez(out, positions=found, fps=scene.render.fps)
