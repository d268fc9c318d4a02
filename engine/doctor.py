"""Is this machine fit for a show? Each finding with a way out."""

import errno
import socket
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

import onnxruntime

from engine.bundled import MODELS
from engine.cache import Cache
from engine.checks import machine
from engine.checks.finding import Finding
from engine.inference.device import CUDA, driver_devices
from engine.inference.open_model import open_model
from engine.inference.vet import load
from engine.schema.errors import EngineError
from engine.schema.show import CONTROL_PORT, OSCQUERY_PORT, SCREEN_PORT

EXTRAS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("films and cameras", "av", "video", ()),
    ("NDI", "cyndilib", "ndi", ()),
    ("Spout", "SpoutGL", "spout", ("win32",)),
    ("Syphon", "syphon", "syphon", ("darwin",)),
    ("virtual cameras", "pyvirtualcam", "v4l2", ("linux",)),
)
"""What pictures may come from or go to, the package that it needs, the extra that brings it, and where it works."""

FRAMES_PORT = 9100
"""Where frames go unless a show says otherwise."""


def examine(
    cache: Cache, play: Callable[[Path], None], system: Callable[[], Iterable[Finding]] = machine.examine
) -> Iterator[Finding]:
    """Look at everything that a show needs, one after the other.

    Args:
        cache: of the kernels, as it was chosen at the start.
        play: computes a frame of a model; raises EngineError where that does not work.
        system: tells of rights, the timer and power.
    """
    yield kernels(cache)
    yield runtime()
    yield cuda(driver_devices(), onnxruntime.get_available_providers())
    yield from system()
    yield frames_port(FRAMES_PORT)
    yield control_port("controls", CONTROL_PORT)
    yield control_port("OSCQuery", OSCQUERY_PORT, socket.SOCK_STREAM)
    yield control_port("pictures", SCREEN_PORT, socket.SOCK_STREAM)
    yield from extras(sys.platform)
    yield from bundled(MODELS, play)


def kernels(cache: Cache) -> Finding:
    """Whether a start has to compile."""
    count = cache.kernels()
    if not cache.lasting:
        hint = "set NUMBA_CACHE_DIR to a folder that can be written"
        return Finding("Numba cache", good=False, text="no lasting folder: every start compiles", hint=hint)
    if count == 0:
        hint = "the first show starts slowly, the next ones do not"
        return Finding("Numba cache", good=False, text=f"{cache.folder}, empty", hint=hint)
    return Finding("Numba cache", good=True, text=f"{cache.folder}, {count} kernels")


def runtime() -> Finding:
    """Version and providers of ONNX Runtime."""
    offered = ", ".join(name.removesuffix("ExecutionProvider") for name in onnxruntime.get_available_providers())
    return Finding("ONNX Runtime", good=True, text=f"{onnxruntime.__version__}, built for {offered}")


def cuda(devices: int, offered: list[str]) -> Finding:
    """Whether a model can run on a GPU; without one it is no fault."""
    if devices == 0:
        return Finding("CUDA", good=True, text="no NVIDIA driver with a device: models run on the CPU")
    if CUDA not in offered:
        hint = "pip install 'figurant[cuda]'"
        return Finding("CUDA", good=False, text=f"{devices} devices, but an ONNX Runtime without CUDA", hint=hint)
    return _try_cuda(devices, MODELS)


def _try_cuda(devices: int, folder: Path) -> Finding:
    """Libraries that do not load show only when a model is opened."""
    for path in sorted(folder.glob("*.onnx")):
        try:
            open_model(load(path), 1, "cuda").close()
        except EngineError as error:
            return Finding("CUDA", good=False, text=f"{devices} devices; {error.found}", hint=error.hint)
    return Finding("CUDA", good=True, text=f"{devices} devices")


def extras(system: str) -> Iterator[Finding]:
    """What some sources and screens of pictures need beside the engine; without it they alone are missing."""
    for name, package, extra, systems in EXTRAS:
        if systems and system not in systems:
            continue
        if find_spec(package) is not None:
            yield Finding(name, good=True, text=f"{package} is installed")
        else:
            yield Finding(name, good=True, text=f"not here: pip install 'figurant[{extra}]' brings it")


def frames_port(port: int) -> Finding:
    """Whether somebody listens for frames; sending needs no free port, so both answers are good."""
    free = _free(port)
    text = f"{port} is free: no receiver listens on this machine yet" if free else f"{port}: a receiver listens"
    return Finding("frames", good=True, text=text)


def control_port(name: str, port: int, kind: socket.SocketKind = socket.SOCK_DGRAM) -> Finding:
    """Whether a port that the show itself listens at is free."""
    if _free(port, kind):
        return Finding(name, good=True, text=f"{port} is free")
    hint = "end the program that holds it, or give it another port"
    return Finding(name, good=False, text=f"{port} is taken", hint=hint)


def _free(port: int, kind: socket.SocketKind = socket.SOCK_DGRAM) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def bundled(folder: Path, play: Callable[[Path], None]) -> Iterator[Finding]:
    """Whether the models that come along can be played."""
    found = sorted(folder.glob("*.onnx"))
    if not found:
        yield Finding("bundled models", good=False, text=f"none in {folder}", hint="install figurant again")
    for path in found:
        yield _bundled(path, play)


def _bundled(path: Path, play: Callable[[Path], None]) -> Finding:
    name = f"model {path.stem}"
    began = time.perf_counter()
    try:
        play(path)
    except EngineError as error:
        return Finding(name, good=False, text=str(error), hint="install figurant again")
    return Finding(name, good=True, text=f"plays; loaded in {time.perf_counter() - began:.1f} s")
