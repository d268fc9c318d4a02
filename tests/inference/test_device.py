"""Which device is asked for, on machines that have it or not."""

import ctypes

import onnxruntime
import pytest

from engine.inference import device as here
from engine.inference.device import CPU, CUDA, choose, driver_devices
from engine.schema.errors import DeviceError


def machine(monkeypatch: pytest.MonkeyPatch, *, offered: bool, devices: int) -> None:
    names = [CUDA, CPU] if offered else [CPU]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: names)
    monkeypatch.setattr(here, "driver_devices", lambda: devices)


@pytest.mark.parametrize(
    ("device", "offered", "devices", "expected"),
    [
        ("cpu", True, 1, (CPU,)),
        ("auto", True, 1, (CUDA, CPU)),
        ("cuda", True, 2, (CUDA, CPU)),
        ("auto", True, 0, (CPU,)),
        ("auto", False, 1, (CPU,)),
    ],
)
def test_cuda_is_asked_for_only_where_it_is(
    monkeypatch: pytest.MonkeyPatch, *, device: str, offered: bool, devices: int, expected: tuple[str, ...]
) -> None:
    machine(monkeypatch, offered=offered, devices=devices)
    assert choose(device) == expected


@pytest.mark.parametrize(
    ("device", "offered", "devices", "message"),
    [
        ("cuda", True, 0, "device: no NVIDIA driver with a device; expected a CUDA device"),
        ("cuda", False, 1, "device: an ONNX Runtime without CUDA; expected a CUDA device"),
        ("tpu", True, 1, "device: 'tpu'; expected cpu, cuda, auto"),
    ],
)
def test_a_device_that_is_not_there_is_one_line(
    monkeypatch: pytest.MonkeyPatch, *, device: str, offered: bool, devices: int, message: str
) -> None:
    machine(monkeypatch, offered=offered, devices=devices)
    with pytest.raises(DeviceError) as caught:
        choose(device)
    assert str(caught.value).startswith(message)


def test_a_missing_driver_has_no_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", missing)
    assert driver_devices.__wrapped__() == 0


class Driver:
    """NVIDIA's driver as far as it is asked."""

    def __init__(self, code: int) -> None:
        self.code = code

    def cuInit(self, flags: int) -> int:  # noqa: N802 (the driver's name)
        assert flags == 0
        return self.code

    def cuDeviceGetCount(self, count: object) -> int:  # noqa: N802 (the driver's name)
        count._obj.value = 3  # type: ignore[attr-defined]
        return 0


@pytest.mark.parametrize(("code", "devices"), [(0, 3), (100, 0)])
def test_the_driver_is_asked(monkeypatch: pytest.MonkeyPatch, code: int, devices: int) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: Driver(code))
    assert driver_devices.__wrapped__() == devices
