"""What the doctor says about good and bad machines."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import toy

from engine import doctor
from engine.cache import Cache
from engine.checks.finding import Finding
from engine.inference.device import CUDA
from engine.open_act import try_out
from engine.schema.errors import DeviceError

STEADY = Finding("timer", good=True, text="steady")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(doctor, "MODELS", tmp_path)
    toy.write(tmp_path / "dance.onnx")
    return tmp_path


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        yield receiver.getsockname()[1]


@pytest.mark.parametrize("system", ["linux", "win32", "darwin"])
def test_what_pictures_need_is_told_where_it_can_be_had(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "find_spec", lambda name: name if name == "av" else None)
    found = {finding.name: finding.text for finding in doctor.extras(system)}
    own = {"linux": "virtual cameras", "win32": "Spout", "darwin": "Syphon"}[system]
    assert list(found) == ["films and cameras", "NDI", own]
    assert found["films and cameras"] == "av is installed"
    assert found["NDI"] == "not here: pip install 'figurant[ndi]' brings it"


def test_everything_is_looked_at_and_what_is_wrong_has_a_way_out(folder: Path) -> None:
    found = list(doctor.examine(Cache(folder, lasting=True), try_out, system=lambda: [STEADY]))
    machine, ports = ["Numba cache", "ONNX Runtime", "CUDA", "timer"], ["frames", "controls", "OSCQuery", "pictures"]
    names = [*machine, *ports, *[each.name for each in doctor.extras(sys.platform)], "model dance"]
    assert [finding.name for finding in found] == names
    assert all(finding.good or finding.hint for finding in found)


def test_the_cache_is_warm_cold_or_fleeting(tmp_path: Path) -> None:
    assert not doctor.kernels(Cache(tmp_path, lasting=True)).good
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "kernel.nbc").touch()
    warm = doctor.kernels(Cache(tmp_path, lasting=True))
    assert (warm.good, warm.text) == (True, f"{tmp_path}, 1 kernels")
    assert not doctor.kernels(Cache(tmp_path, lasting=False)).good


def test_a_machine_without_a_gpu_is_no_fault() -> None:
    assert doctor.cuda(0, [CUDA]).good


def test_a_gpu_that_the_runtime_cannot_use_is_one() -> None:
    assert not doctor.cuda(1, ["CPUExecutionProvider"]).good


@pytest.mark.usefixtures("folder")
def test_a_gpu_whose_libraries_do_not_load_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise DeviceError("device", "CUDA libraries that do not load", "CUDA", "a hint")

    monkeypatch.setattr(doctor, "open_model", refuse)
    found = doctor.cuda(2, [CUDA])
    assert found == Finding("CUDA", good=False, text="2 devices; CUDA libraries that do not load", hint="a hint")


def test_a_port_that_is_taken_is_told(taken: int) -> None:
    assert doctor.frames_port(taken) == Finding("frames", good=True, text=f"{taken}: a receiver listens")
    assert not doctor.control_port("controls", taken).good


def test_a_port_that_is_free_is_told(taken: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    assert free != taken
    assert "no receiver listens" in doctor.frames_port(free).text
    assert doctor.control_port("controls", free).good


def test_a_bundled_model_is_played(folder: Path) -> None:
    (folder / "broken.onnx").write_bytes(b"no model")
    broken, dance = doctor.bundled(folder, try_out)
    assert (broken.name, broken.good) == ("model broken", False)
    assert "not an ONNX model" in broken.text
    assert (dance.name, dance.good) == ("model dance", True)


def test_no_bundled_model_is_a_fault(tmp_path: Path) -> None:
    assert [finding.good for finding in doctor.bundled(tmp_path, try_out)] == [False]
