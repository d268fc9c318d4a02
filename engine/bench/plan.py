"""What is to be measured, checked before anything is."""

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from engine import bundled
from engine.bench.candidates import REFERENCES
from engine.bench.step import HOT
from engine.inference.device import CUDA, choose
from engine.inference.vet import load
from engine.schema.errors import ConfigError, DeviceError

SECTIONS = ("step", "parts", "clock", "crowd", "start", "footprint", "recording", "pictures", "signs")

DRAWN = ("step", "clock", "crowd")
"""Sections that there are pictures of."""

PACES = (HOT, "30", "60")

BATCHES = {"cpu": (1, 8, 64, 256), "cuda": (1, 64, 1024, 4096)}
"""What is measured by default, by device."""

USUAL = {"cpu": PACES, "cuda": (HOT, "60")}
"""Likewise."""

CLOCKS = (30.0, 60.0, 120.0)
"""Frames per second at which clocks are measured where they are asked for; among everything else the middle one."""

ALONE = (1,)
"""What is measured by default at a pace: it takes ten times as long as without a pause."""

LARGEST = {"cpu": 4096, "cuda": 65536}
"""Performers in a batch; on the processor the full heads of all candidates have to fit into memory together."""


class Asked(NamedTuple):
    """The options of the command line; empty where nothing was said."""

    models: Sequence[str] = ()
    batches: Sequence[int] = ()
    paces: Sequence[str] = ()
    sections: Sequence[str] = ()
    seconds: float | None = None
    device: str = "cpu"
    plot: Path | None = None
    json: Path | None = None


class Plan(NamedTuple):
    """What is measured.

    Attributes:
        sections: of the report.
        models: reference models by name, others by path.
        steps: for each pace the batches.
        clocks: frames per second.
        seconds: of every single measurement; None: what suits each.
        device: `cpu` or `cuda`.
        plot: file of the picture; None: none.
        json: file of the figures; likewise.
    """

    sections: tuple[str, ...]
    models: tuple[str, ...]
    steps: tuple[tuple[str, tuple[int, ...]], ...]
    clocks: tuple[float, ...]
    seconds: float | None
    device: str
    plot: Path | None
    json: Path | None


def make(asked: Asked) -> Plan:
    """Check what was asked for, and add what was not said.

    Raises:
        ConfigError: an option makes no sense, a file is missing or cannot be written, or Matplotlib is needed.
        ModelError: a file is no model.
        DeviceError: no such device, or it is not there.
    """
    _check_choices("--part", asked.sections, SECTIONS)
    _check_choices("--pace", asked.paces, PACES)
    if asked.seconds is not None and not 0 < asked.seconds <= 86400:
        raise ConfigError("--seconds", f"{asked.seconds:g}", "more than 0 and at most a day")
    _check_device(asked.device)
    for batch in asked.batches:
        if not 1 <= batch <= LARGEST[asked.device]:
            raise ConfigError("--batch", str(batch), f"1 to {LARGEST[asked.device]}")
    sections = _sections(asked)
    if asked.device != "cpu" and sections != SECTIONS[:1]:
        raise ConfigError("--part", f"{', '.join(sections)} on a GPU", SECTIONS[0])
    for place, path in (("--json", asked.json), ("--plot", asked.plot)):
        if path is not None:
            _check_place(place, path)
    if asked.plot is not None:
        _check_plot(sections, asked.plot)
    models = tuple(dict.fromkeys(_model(name) for name in asked.models or REFERENCES))
    clocks = CLOCKS if "clock" in asked.sections else CLOCKS[1:2]
    return Plan(sections, models, _steps(asked), clocks, asked.seconds, asked.device, asked.plot, asked.json)


def _sections(asked: Asked) -> tuple[str, ...]:
    """What was named; the step where something is said about it or on a GPU, else everything."""
    if asked.sections:
        return tuple(name for name in SECTIONS if name in asked.sections)
    only = asked.models or asked.batches or asked.paces or asked.device != "cpu"
    return ("step",) if only else SECTIONS


def _steps(asked: Asked) -> tuple[tuple[str, tuple[int, ...]], ...]:
    batches = tuple(dict.fromkeys(asked.batches)) or BATCHES[asked.device]
    if asked.batches or asked.paces or asked.device != "cpu":
        return tuple((pace, batches) for pace in PACES if pace in (asked.paces or USUAL[asked.device]))
    return tuple((pace, batches if pace == HOT else ALONE) for pace in PACES)


def _check_choices(place: str, found: Sequence[str], known: Sequence[str]) -> None:
    for each in found:
        if each not in known:
            raise ConfigError(place, repr(each), ", ".join(known))


def _check_device(device: str) -> None:
    if device not in BATCHES:
        raise DeviceError("--device", repr(device), ", ".join(BATCHES))
    if device == "cuda" and CUDA not in choose(device):
        raise DeviceError("--device", "no CUDA", "a CUDA device")


def _check_place(place: str, path: Path) -> None:
    if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise ConfigError(place, f"'{path}' cannot be written", "a file in a folder that is there")


def _check_plot(sections: Sequence[str], path: Path) -> None:
    if not set(sections) & set(DRAWN):
        raise ConfigError("--plot", f"nothing to draw of {', '.join(sections)}", f"one of {', '.join(DRAWN)}")
    if find_spec("matplotlib") is None:
        raise ConfigError("--plot", "Matplotlib is not installed", "it", "pip install 'figurant[export]'")
    from engine.bench.plot import kind  # noqa: PLC0415 (Matplotlib takes a second, and may be missing)

    kind(path)


def _model(name: str) -> str:
    """The name of a reference model, or the path of a file that is a model."""
    if name in REFERENCES:
        return name
    path = bundled.find_model(name, Path(), "--model")
    load(path)
    return str(path)
