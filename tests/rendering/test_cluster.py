"""The same takes from a cluster, though a machine of it dies; and one line where there is no cluster."""

import builtins
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rendering.asking import call, contents, fine, job, refused

from engine import __version__
from engine.schema.errors import ConfigError
from export import cluster
from export.render import open_dance

MANY = ("--seconds", "4", "--takes", "48", "--format", "bvh", "--format", "npz")
MEMORY = 100 << 20
"""Bytes of a node's object store."""

UNITS = "from export import batch; batch.UNIT = 2; from export.cli import main; main()"
"""The command, with units so small that both nodes have many."""


@pytest.fixture
def two_nodes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A head and another node of one processor each, on this machine."""
    from ray.cluster_utils import Cluster  # noqa: PLC0415 (no other test needs it)

    node: dict[str, Any] = {"num_cpus": 1, "object_store_memory": MEMORY}
    made: Any = Cluster(initialize_head=True, head_node_args={**node, "include_dashboard": False})
    try:
        made.add_node(**node)
        monkeypatch.setenv("RAY_ADDRESS", made.address)
        yield made
    finally:
        made.shutdown()


def begun(words: tuple[str, ...]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", UNITS, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def takes(folder: Path) -> list[Path]:
    return list(folder.glob("seed-*.npz"))


@pytest.mark.slow
def test_a_cluster_that_loses_a_node_gives_what_one_process_gives(two_nodes: Any, tmp_path: Path) -> None:
    words = ("render", "dance", *MANY, "-o", str(tmp_path / "cluster"), "--cluster")
    running = begun(words)
    try:
        until = time.monotonic() + 90
        while len(takes(tmp_path / "cluster")) < 6:
            assert running.poll() is None
            assert time.monotonic() < until
            time.sleep(0.01)
        two_nodes.remove_node(next(iter(two_nodes.worker_nodes)), allow_graceful=False)
        there = len(takes(tmp_path / "cluster"))
        said, complained = running.communicate(timeout=90)
    finally:
        running.kill()
    assert there < 48, "the node died too late to matter"
    assert (running.returncode, complained) == (0, f"show it with: {open_dance('dance').loaded.spec.credit}\n")
    assert said == f"{tmp_path / 'cluster' / 'index.json'}: 48 takes\n"
    fine(call("render", "dance", *MANY, "--jobs", "1", "-o", tmp_path / "alone"))
    assert contents(tmp_path / "cluster") == contents(tmp_path / "alone")


@pytest.mark.slow
def test_an_error_on_a_node_is_one_line(two_nodes: Any, tmp_path: Path) -> None:
    assert two_nodes.address
    refused(
        call("render", "dance", *MANY[:4], "--format", "csv", "--device", "abacus", "--cluster", "-o", tmp_path),
        "abacus",
    )


def test_without_ray_the_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    taken = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "ray":
            raise ModuleNotFoundError("No module named 'ray'", name="ray")
        return taken(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    refused(call("render", "dance", *MANY, "--cluster", "-o", tmp_path / "out"), "pip install 'figurant[cluster]'")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_without_a_cluster_the_line_says_how_to_start_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    refused(call("render", "dance", *MANY, "--cluster", "-o", tmp_path), "--cluster", "'ray start --head'")


def test_a_unit_gives_its_files_back_and_leaves_nothing() -> None:
    ((take, found),) = cluster._unit(job(".csv", ".bvh"), __version__, [7])
    assert take.seed == 7
    assert [len(content) for content in found] == [file.bytes for file in take.files]


def test_a_machine_with_another_version_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"version 0\.0\.1"):
        cluster._unit(job(".csv"), "0.0.1", [7])
