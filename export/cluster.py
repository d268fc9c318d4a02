"""A batch on the machines of a Ray cluster; one process, the driver, writes every file, and each of them once."""

import logging
import os
import tempfile
from collections.abc import Generator, Sequence
from contextlib import redirect_stdout
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from engine import __version__
from engine.schema.errors import ConfigError, EngineError
from export import whole
from export.batch import Job, Runner, Take, work

RETRIES = 20
"""How often a unit is begun again after the machine that worked on it is gone."""

AHEAD = 2
"""Units for each processor that are handed out at once: one in work and one that waits, as results take memory."""

CLUSTER = "a cluster: 'ray start --head' on this machine, and 'ray start --address=...' on the others"
INSTALL = "pip install 'figurant[cluster]'"

Result = list[tuple[Take, list[bytes]]]
"""Takes of a unit with the contents of their files."""


def runner() -> Runner:
    """Connect to the cluster that runs on this machine, or that the variable RAY_ADDRESS names.

    Raises:
        ConfigError: Ray is not installed, or there is no cluster.
    """
    try:
        import ray  # noqa: PLC0415 (only who asks for a cluster needs it)
    except ModuleNotFoundError as error:
        raise ConfigError("--cluster", "no Ray", "Ray to be installed, here and on each machine", INSTALL) from error
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # silences a warning of Ray's own
    try:
        ray.init(address="auto", log_to_driver=False, logging_level=logging.CRITICAL)
    except ConnectionError as error:
        raise ConfigError("--cluster", "no cluster that runs", CLUSTER) from error
    except (RuntimeError, ValueError) as error:  # such as another version of Ray or Python there
        raise ConfigError("--cluster", f"a cluster that cannot be used ({_line(error)})", CLUSTER) from error
    return _run


def _run(job: Job, seeds: Sequence[int], folder: Path) -> Generator[list[Take]]:
    """Each unit as it is done; what a machine had that is gone is done again by another one."""
    import ray  # noqa: PLC0415

    # A thread of Ray's prints there what it thinks of each machine that goes, hundreds of lines; nobody else does.
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        try:
            there: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
            processors = max(1, int(there.get("CPU", 1)))
            begin = partial(ray.remote(num_cpus=1, max_retries=RETRIES)(_unit).remote, ray.put(job), __version__)
            units = iter(job.units(seeds, processors))
            waiting = [begin(unit) for unit in islice(units, AHEAD * processors)]
            while waiting:
                (done,), waiting = ray.wait(waiting, num_returns=1)
                result = _fetched(done)
                waiting += [begin(unit) for unit in islice(units, 1)]
                yield _put(result, folder)
        finally:
            ray.shutdown()


def _fetched(done: Any) -> Result:  # noqa: ANN401 (Ray has no types here)
    import ray  # noqa: PLC0415

    try:
        found: Result = ray.get(done)
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, EngineError):
            raise error.cause from None
        hint = f"{INSTALL}, of this version, on each machine"
        raise ConfigError(
            "--cluster", f"a machine that cannot work ({_line(error.cause)})", "figurant", hint
        ) from error
    except ray.exceptions.RayError as error:
        expected = "machines that stay; the same command goes on"
        raise ConfigError("--cluster", f"work that was lost ({_line(error)})", expected) from error
    return found


def _unit(job: Job, version: str, seeds: Sequence[int]) -> Result:
    """On a machine of the cluster: do a unit in a folder of its own, and give its files back."""
    if version != __version__:
        expected = f"version {version}, as where the work is handed out"
        raise ConfigError("--cluster", f"a machine with figurant {__version__}", expected)
    with tempfile.TemporaryDirectory(prefix="figurant-") as name:
        takes = work(job, seeds, Path(name), lambda _: None)
        return [(take, [(Path(name) / file.name).read_bytes() for file in take.files]) for take in takes]


def _put(result: Result, folder: Path) -> list[Take]:
    for take, contents in result:
        for file, content in zip(take.files, contents, strict=True):
            whole.write(folder / file.name, content)
    return [take for take, _ in result]


def _line(error: BaseException) -> str:
    """The first line of what another program says."""
    return f"{type(error).__name__}: {error}".partition("\n")[0][:200]
