"""What a show's frames depend on beside its models and its seed: the sources that compute them, and the machine."""

import hashlib
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import engine

CPU_INFO = Path("/proc/cpuinfo")

PACKAGE = Path(engine.__file__).parent

COMPUTING = ("numpy", "numba", "llvmlite", "onnxruntime-gpu", "onnxruntime")
"""Packages whose versions a frame's bits may depend on."""


@cache
def build() -> str:
    """SHA-256 of the engine's sources, by their contents: the same wherever they lie. It takes some milliseconds."""
    found = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        data = path.read_bytes()
        found.update(f"{path.relative_to(PACKAGE).as_posix()} {len(data)}\n".encode() + data)
    return found.hexdigest()


def machine() -> str:
    """Processor, system and versions in one line."""
    words = [processor(), f"{platform.system()} {platform.machine()}", f"Python {platform.python_version()}"]
    return "; ".join([*words, *(f"{name} {found}" for name, found in versions(COMPUTING).items())])


def versions(packages: tuple[str, ...]) -> dict[str, str]:
    """Versions of those of these packages that are installed."""
    found = dict[str, str]()
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def processor() -> str:
    """What the processor is called."""
    if CPU_INFO.exists():
        lines = (line.partition(":") for line in CPU_INFO.read_text().splitlines())
        names = [value.strip() for key, _, value in lines if key.strip() == "model name"]
        if names:
            return names[0]
    return platform.processor() or platform.machine()
