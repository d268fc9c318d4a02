"""Many takes in a folder: each once, and as it would be alone."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from pathlib import Path

import msgspec
import pytest
from rendering.asking import call, contents, fine, job, refused

from engine.schema.errors import ConfigError, DataError
from export import batch as batches
from export import processes
from export.batch import INDEX, MEMORY, Index, Job, Take, batch, work
from export.formats.table import MODULES
from export.render import Rendering, open_dance

SHORT = ("--seconds", "0.5")


def quiet(_: object) -> None:
    pass


def here(job: Job, seeds: Sequence[int], folder: Path) -> Generator[list[Take]]:
    """In this process, three seeds at a time."""
    return (work(job, seeds[start : start + 3], folder, quiet) for start in range(0, len(seeds), 3))


def index(folder: Path) -> Index:
    return msgspec.json.decode((folder / INDEX).read_bytes(), type=Index)


def test_each_take_is_byte_for_byte_what_its_seed_gives_alone(tmp_path: Path) -> None:
    many = ("--takes", "5", "--seeds", "3-5,40,1", "--format", "bvh", "--format", "csv", "--jobs", "1")
    result = fine(call("render", "dance", *SHORT, *many, "-o", tmp_path / "many"))
    assert result.stdout == f"{tmp_path / 'many' / INDEX}: 5 takes\n"
    for seed in (1, 3, 4, 5, 40):
        alone = [tmp_path / "alone" / f"seed-{seed}.{suffix}" for suffix in ("bvh", "csv")]
        fine(call("render", "dance", *SHORT, "--seed", seed, "-o", alone[0], "-o", alone[1]))
    found = contents(tmp_path / "many")
    found.pop(INDEX)
    assert found == contents(tmp_path / "alone")
    assert len(set(found.values())) == 10


def test_a_duo_s_takes_are_as_alone_too(tmp_path: Path) -> None:
    two = (*SHORT, "--performers", "2", "--jobs", "1")
    fine(call("render", "dance", *two, "--takes", "3", "--seed", "8", "--format", "bvh", "-o", tmp_path / "many"))
    fine(call("render", "dance", *two[:-2], "--seed", "9", "-o", tmp_path / "alone" / "seed-9.bvh"))
    alone = contents(tmp_path / "alone")
    assert sorted(alone) == ["seed-9-p1.bvh", "seed-9-p2.bvh"]
    many = contents(tmp_path / "many")
    assert len(many) == 1 + 3 * 2
    assert {name: many[name] for name in alone} == alone


def test_the_index_says_what_is_there_and_how_it_was_made(tmp_path: Path) -> None:
    asked = job(".csv")
    seen: list[int] = []
    batch(asked, [4, 2, 9, 7], tmp_path, here, seen.append)
    found = index(tmp_path)
    assert [take.seed for take in found.takes] == [2, 4, 7, 9]
    for take in found.takes:
        (file,) = take.files
        content = (tmp_path / file.name).read_bytes()
        assert (file.name, file.bytes) == (f"seed-{take.seed}.csv", len(content))
        assert file.sha256 == hashlib.sha256(content).hexdigest()
    assert found.settings == asked.settings()
    assert (found.settings.frames, found.settings.sha256) == (15, asked.model.sha256)
    assert seen == [0, 3, 4]


def test_what_is_there_is_not_done_again(tmp_path: Path) -> None:
    asked, done = job(".csv"), list[int]()

    def counted(job: Job, seeds: Sequence[int], folder: Path) -> Generator[list[Take]]:
        done.extend(seeds)
        return here(job, seeds, folder)

    batch(asked, [1, 2, 3], tmp_path, counted, quiet)
    whole = contents(tmp_path)
    batch(asked, [1, 2, 3], tmp_path, counted, quiet)
    assert done == [1, 2, 3]
    (tmp_path / "seed-2.csv").unlink()
    (tmp_path / "seed-3.csv").write_bytes(whole["seed-3.csv"][:-1])
    batch(asked, [1, 2, 3, 4], tmp_path, counted, quiet)
    assert done == [1, 2, 3, 2, 3, 4]
    assert {name: found for name, found in contents(tmp_path).items() if name in whole and name != INDEX} == {
        name: found for name, found in whole.items() if name != INDEX
    }


def test_files_that_the_index_does_not_know_yet_are_taken_as_they_are(tmp_path: Path) -> None:
    """The work may be cut short between a file and the index; each file is whole or not there."""
    asked = job(".csv", ".bvh")
    batch(asked, [1], tmp_path, here, quiet)
    work(asked, [2], tmp_path, quiet)
    work(job(".csv"), [3], tmp_path, quiet)
    made: list[int] = []

    def counted(job: Job, seeds: Sequence[int], folder: Path) -> Generator[list[Take]]:
        made.extend(seeds)
        return here(job, seeds, folder)

    batch(asked, [1, 2, 3], tmp_path, counted, quiet)
    assert made == [3]
    assert [len(take.files) for take in index(tmp_path).takes] == [2, 2, 2]


def test_an_error_keeps_what_was_done_and_the_index_knows_it(tmp_path: Path) -> None:
    def failing(job: Job, seeds: Sequence[int], folder: Path) -> Generator[list[Take]]:
        yield work(job, seeds[:2], folder, quiet)
        raise DataError("unit", "a full disk", "room")

    with pytest.raises(DataError):
        batch(job(".csv"), [1, 2, 3], tmp_path, failing, quiet)
    assert [take.seed for take in index(tmp_path).takes] == [1, 2]


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (("--seconds", "0.6"), "another rendering"),
        (("--set", "temperature=0.5"), "another rendering"),
        (("--format", "bvh"), "another formats"),
        (("--unit", "m"), "another options"),
    ],
)
def test_a_folder_holds_takes_of_one_kind(option: tuple[str, str], words: str, tmp_path: Path) -> None:
    many = ("render", "dance", *SHORT, "--takes", "1", "--format", "csv", "--jobs", "1", "-o", tmp_path)
    fine(call(*many))
    before = contents(tmp_path)
    refused(call(*many, *option), INDEX, words, "another folder")
    assert contents(tmp_path) == before


def test_another_model_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    asked = job(".csv")
    batch(asked, [1], tmp_path, here, quiet)
    other = asked._replace(model=open_dance("dance")._replace(sha256="0" * 64))
    with pytest.raises(ConfigError, match="another sha256"):
        batch(other, [1], tmp_path, here, quiet)


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "seed-1.csv").write_text("mine")
    many = ("render", "dance", *SHORT, "--takes", "1", "--format", "csv", "-o", tmp_path)
    refused(call(*many), "without an index")
    assert contents(tmp_path) == {"seed-1.csv": b"mine"}
    (tmp_path / INDEX).write_text("{}")
    refused(call(*many), INDEX, "no index of takes")


def test_units_share_the_seeds_and_keep_to_the_memory() -> None:
    seeds = range(1000)
    for asked, workers in ((job(".csv"), 2), (job(".csv", seconds=3600.0), 4), (job(".csv", performers=256), 1)):
        units = asked.units(seeds, workers)
        assert [seed for unit in units for seed in unit] == list(seeds)
        most = max(map(len, units))
        assert most == 1 or workers * most * asked.model.footprint(asked.rendering) <= MEMORY
        assert most * asked.rendering.performers <= 256
    assert [len(unit) for unit in job(".csv").units(range(10), 2)] == [5, 5]


@pytest.mark.slow
def test_several_processes_give_what_one_gives(tmp_path: Path) -> None:
    asked, seeds = job(".bvh", ".npz", ".csv"), range(7)
    for jobs in (1, 2, 3):
        batch(asked, seeds, tmp_path / str(jobs), processes.runner(jobs), quiet)
    assert contents(tmp_path / "1") == contents(tmp_path / "2") == contents(tmp_path / "3")


@pytest.mark.slow
def test_every_format_s_bytes_depend_on_the_seed_alone(tmp_path: Path) -> None:
    suffixes = [suffix for suffix in MODULES if suffix != ".mid"]
    batch(job(*suffixes, size=(320, 180)), [1, 2], tmp_path / "many", here, quiet)
    time.sleep(2.1)  # a file that holds the moment at which it was written, in whole seconds or two, would show it
    batch(job(*suffixes, size=(320, 180)), [2], tmp_path / "alone", here, quiet)
    alone, many = contents(tmp_path / "alone"), contents(tmp_path / "many")
    assert [name for name, found in alone.items() if name != INDEX and many[name] != found] == []
    assert len(alone) == 1 + len(suffixes)


@pytest.mark.slow
def test_an_error_in_a_worker_is_one_line(tmp_path: Path) -> None:
    many = ("--takes", "4", "--jobs", "2", "--format", "csv", "--device", "abacus", "-o", tmp_path)
    refused(call("render", "dance", *SHORT, *many), "device", "abacus")
    assert list(contents(tmp_path)) == [INDEX]


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_leaves_a_folder_that_the_same_command_completes(jobs: str, tmp_path: Path) -> None:
    main = "from export.cli import main; main()"
    folder = tmp_path / "out"
    words = (
        "render",
        "dance",
        "--seconds",
        "20",
        "--takes",
        "40",
        "--format",
        "bvh",
        "--jobs",
        jobs,
        "-o",
        str(folder),
    )
    running = subprocess.Popen(
        [sys.executable, "-c", main, *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        until = time.monotonic() + 60
        while not [path for path in folder.glob("seed-*") if "partial" not in path.name]:
            assert running.poll() is None
            assert time.monotonic() < until
            time.sleep(0.01)
        os.killpg(running.pid, signal.SIGINT)  # as a terminal does: everybody hears it
        said, complained = running.communicate(timeout=30)
    finally:
        running.kill()
    assert running.returncode == 130, complained
    assert said == ""
    assert complained.startswith("interrupted; ")
    assert complained.count("\n") == 1
    assert not list(folder.glob("*partial*"))
    begun = contents(folder)
    assert INDEX in begun
    assert 1 < len(begun) < 41
    fine(call(*words))
    fine(call(*words[:-1], tmp_path / "whole"))
    assert contents(folder) == contents(tmp_path / "whole")
    assert all(contents(folder)[name] == found for name, found in begun.items() if name != INDEX)


def test_no_processes_are_refused() -> None:
    with pytest.raises(ConfigError, match="--jobs"):
        processes.runner(0)


def test_a_worker_that_is_told_to_stop_does(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Set:
        def is_set(self) -> bool:
            return True

    monkeypatch.setattr(processes._Worker, "job", job(".csv"), raising=False)
    monkeypatch.setattr(processes._Worker, "stop", Set(), raising=False)
    with pytest.raises(processes.StoppedError):
        processes._unit([1], tmp_path)
    assert contents(tmp_path) == {}


def test_the_index_is_not_written_after_every_take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved: list[int] = []
    save = batches._save

    def counted(*words: object) -> Index:
        saved.append(1)
        return save(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(batches, "_save", counted)
    monkeypatch.setattr(batches, "SAVED", 6)
    batch(job(".csv"), range(12), tmp_path, here, quiet)
    assert len(saved) == 1 + 2 + 1
    assert isinstance(index(tmp_path).settings.rendering, Rendering)
