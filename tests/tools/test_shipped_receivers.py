"""The shipped receivers, as far as they can be held to the engine without their programs."""

import re
import runpy
import socket
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from engine.inference.vet import load
from engine.outputs import native
from engine.wire import osc

FOLDER = Path(__file__).parents[2] / "tools" / "receivers"
JOINTS = load(Path(str(files("engine.models") / "dance.onnx"))).spec.skeleton


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.*")), ids=lambda path: path.name)
def test_only_addresses_that_the_engine_sends_are_named(path: Path) -> None:
    known = {address.path for address in native.ADDRESSES}
    named = set(re.findall(r"/engine/p1(?:/[a-z]+)+|/engine/[a-z]{2,}(?:/[a-z]+)*", path.read_text()))
    assert {address for address in named if address not in known} == set()


@pytest.mark.parametrize("name", ["pure_data.pd", "README.md"])
def test_joints_are_listed_as_the_bundled_dancer_has_them(name: str) -> None:
    assert JOINTS is not None
    left = [joint.removeprefix("l_") for joint in JOINTS.names if joint.startswith("l_")]
    assert JOINTS.names == tuple(
        ["pelvis", "chest", "neck", "head"]
        + [f"{side}_{joint}" for limb in (left[:4], left[4:]) for side in "lr" for joint in limb]
    )
    listed = re.findall(r"\b(?:pelvis|chest|neck|head|[lr]_[a-z]+)\b", (FOLDER / name).read_text())
    expected = [joint for joint in JOINTS.names if name.endswith(".pd") or not joint.startswith("r_")]
    start = listed.index("chest") - 1
    assert listed[start : start + len(expected)] == expected


@pytest.fixture
def blender(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The Blender script, its functions by name, with something that stands for Blender."""
    bpy: Any = ModuleType("bpy")
    bpy.app = SimpleNamespace(driver_namespace={}, timers=SimpleNamespace(register=lambda *_, **__: None))
    monkeypatch.setitem(sys.modules, "bpy", bpy)
    monkeypatch.setattr(
        socket.socket, "bind", lambda made, _address, bind=socket.socket.bind: bind(made, ("127.0.0.1", 0))
    )
    script = runpy.run_path(str(FOLDER / "blender_skeleton.py"))
    monkeypatch.undo()
    return script


def test_the_blender_script_reads_what_was_encoded(blender: dict[str, Any]) -> None:
    blender["skeleton"].close()
    messages: Callable[[bytes], list[tuple[str, list[Any]]]] = blender["messages"]
    frame, names = osc.encode("/engine/p1/frame", 7, -1), osc.encode("/engine/p1/skeleton/names", "a", "four", "hüfte")
    pos = osc.encode("/engine/p1/pos", 0.5, -1.25)
    assert list(messages(osc.bundle([frame, pos, names]))) == [
        ("/engine/p1/frame", [7, -1]),
        ("/engine/p1/pos", [0.5, -1.25]),
        ("/engine/p1/skeleton/names", ["a", "four", "hüfte"]),
    ]
    assert list(messages(frame)) == [("/engine/p1/frame", [7, -1])]


def test_the_blender_script_survives_what_is_broken(blender: dict[str, Any]) -> None:
    skeleton = blender["skeleton"]
    nested = b"/a\0\0,\0\0\0"
    for _ in range(3000):
        nested = b"#bundle\0" + bytes(8) + len(nested).to_bytes(4, "big") + nested
    broken = [
        b"",
        b"\0",
        b"#bundle\0",
        b"/engine/p1/frame\0\0\0\0,\0\0\0",
        b"/a\0\0,i\0\0",
        b"/a\0\0,q\0\0\0\0\0\0",
        b"\xff\0\0\0",
        nested,
    ]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for datagram in [*broken, osc.encode("/engine/p1/frame", 9, 300)]:
            sender.sendto(datagram, skeleton.socket.getsockname())
            skeleton.update()
    assert skeleton.frame == 9
    skeleton.close()
