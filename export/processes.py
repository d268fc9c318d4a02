"""A batch on the processors of this machine."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing.synchronize import Event
from pathlib import Path

from engine.schema.errors import ConfigError
from export.batch import MEMORY, Job, Runner, Take, work


class StoppedError(Exception):
    """Somebody asked a worker to stop in the middle."""


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def runner(jobs: int | None) -> Runner:
    """So many processes, each doing a unit at a time; None is one for each processor, as memory allows.

    Raises:
        ConfigError: less than one.
    """
    if jobs is not None and jobs < 1:
        raise ConfigError("--jobs", str(jobs), "1 or more")
    return partial(_run, jobs)


def _run(jobs: int | None, job: Job, seeds: Sequence[int], folder: Path) -> Generator[list[Take]]:
    wanted = min(jobs or processors(), max(1, MEMORY // job.model.footprint(job.rendering)))
    units = job.units(seeds, wanted)
    if min(wanted, len(units)) == 1:
        return (work(job, unit, folder, lambda _: None) for unit in units)
    return _shared(min(wanted, len(units)), job, units, folder)


def _shared(workers: int, job: Job, units: Sequence[Sequence[int]], folder: Path) -> Generator[list[Take]]:
    """Each unit as it is done; whatever ends it, no worker goes on."""
    context = multiprocessing.get_context("spawn")  # a forked child may hold locks of threads that it does not have
    stop = context.Event()
    pool = ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(job, stop))
    waiting: list[Future[list[Take]]] = []
    try:
        waiting += [pool.submit(_unit, unit, folder) for unit in units]
        for done in as_completed(waiting):
            yield done.result()
    except BrokenProcessPool as error:
        expected = "workers that are left alone; the same command goes on"
        raise ConfigError(
            "--jobs", "a worker was ended by the system", expected, "fewer --jobs take less memory"
        ) from error
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


class _Worker:
    """What a worker process keeps from unit to unit."""

    job: Job
    stop: Event


def _begin(job: Job, stop: Event) -> None:
    """Prepare a worker: Ctrl-C is its parent's business, and it does not outlive its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _Worker.job, _Worker.stop = job, stop
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _unit(seeds: Sequence[int], folder: Path) -> list[Take]:
    def report(_: float) -> None:
        if _Worker.stop.is_set():
            raise StoppedError

    return work(_Worker.job, seeds, folder, report)
