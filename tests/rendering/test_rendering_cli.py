"""The commands `render` and `take`: what they leave, and one line for every mistake."""

from pathlib import Path

import pytest
from danced import take
from recordings import recorded
from rendering import stand_in
from rendering.asking import call, fine, refused
from rich.console import Console

from export import bar as bars
from export.bar import bar
from export.data.bvh import read

SHORT = ("render", "dance", "--seconds", "0.5")


def test_several_files_at_once(tmp_path: Path) -> None:
    paths = [tmp_path / "new" / name for name in ("dance.bvh", "dance.csv", "dance.npz")]
    result = fine(call(*SHORT, "--seed", "7", "-o", paths[0], "-o", paths[1], "-o", paths[2]))
    assert result.stdout.split() == [str(path) for path in paths]
    assert sorted(paths[0].parent.iterdir()) == paths
    assert "Frames: 15" in paths[0].read_text()


def test_knobs_and_seeds_matter(tmp_path: Path) -> None:
    changes: tuple[tuple[str, ...], ...] = ((), ("--seed", "2"), ("--set", "temperature=0.2"), ("--set", "condition=1"))
    for number, words in enumerate(changes):
        fine(call(*SHORT, *words, "-o", tmp_path / f"{number}.csv"))
    fine(call(*SHORT, "--seed", "1", "-o", tmp_path / "again.csv"))
    found = {path.stem: path.read_bytes().splitlines()[-15:] for path in tmp_path.iterdir()}
    assert found["again"] == found["0"]
    assert len({tuple(lines) for lines in found.values()}) == 4


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("-o", "{}/a.avi"), (".bvh", ".mp4")),
        (("-o", "{}/a"), ("without a suffix",)),
        (("-o", "/proc/a.bvh"), ("/proc/a.bvh",)),
        (("-o", "{}/a.bvh", "--seconds", "0"), ("--seconds", "one frame")),
        (("-o", "{}/a.bvh", "--seconds", "1e12"), ("--seconds", "GB of memory", "at most")),
        (("-o", "{}/a.bvh", "--performers", "300"), ("--performers", "256")),
        (("-o", "{}/a.csv", "-o", "{}/a.c3d", "--seconds", "2200"), ("a.c3d: 66000 frames", "65535", "2184 s")),
        (("-o", "{}/a.csv", "-o", "{}/a.mid"), ("a.mid", "without notes", "write .bvh")),
        (("-o", "{}/a", "--takes", "2", "--format", "mid"), ("seed-1.mid", "without notes")),
        (("-o", "{}/a.bvh", "--seed", "-1"), ("seed", "2147483647")),
        (("-o", "{}/a.bvh", "--set", "heat=1"), ("--set", "temperature")),
        (("-o", "{}/a.bvh", "--size", "big"), ("--size", "1920x1080")),
        (("-o", "{}/a.bvh", "--size", "20000x10"), ("--size", "7680")),
        (("-o", "{}/a.bvh", "--unit", "inch"), ("--unit", "cm or m")),
        (("-o", "{}/a.bvh", "--device", "abacus"), ("device", "cpu, cuda, auto")),
        (("-o", "{}/a.bvh", "--format", "bvh"), ("--format", "--takes")),
        (("-o", "{}/a.bvh", "--jobs", "2"), ("--jobs", "--takes")),
        (("-o", "{}/a.bvh", "--cluster"), ("--cluster", "--takes")),
        (("-o", "{}/a.bvh", "--takes", "2"), ("--out", "one folder")),
        (("-o", "{}/a", "-o", "{}/b", "--takes", "2"), ("--out", "one folder")),
        (("-o", "{}/a", "--takes", "2"), ("--format", "none")),
        (("-o", "{}/a", "--takes", "2", "--format", "avi"), ("--format", "'avi'")),
        (("-o", "{}/a", "--takes", "0", "--format", "bvh"), ("--takes",)),
        (("-o", "{}/a", "--seeds", "1-x", "--format", "bvh"), ("--seeds", "0-999")),
        (("-o", "{}/a", "--seeds", "1-3", "--seed", "1", "--format", "bvh"), ("--seed",)),
        (("-o", "{}/a", "--takes", "3", "--seeds", "0-9", "--format", "bvh"), ("--takes", "10 seeds")),
        (("-o", "{}/a", "--takes", "3", "--jobs", "0", "--format", "bvh"), ("--jobs",)),
        (("-o", "{}/a", "--takes", "3", "--jobs", "2", "--cluster", "--format", "bvh"), ("--jobs", "cluster")),
        (("-o", "/proc/a", "--takes", "3", "--format", "bvh"), ("/proc/a",)),
    ],
)
def test_mistakes_are_refused_before_anything_is_written(
    words: tuple[str, ...], expected: tuple[str, ...], tmp_path: Path
) -> None:
    refused(call("render", "dance", *(word.replace("{}", str(tmp_path)) for word in words)), *expected)
    assert list(tmp_path.iterdir()) == []


def test_a_pianist_and_what_is_no_model_are_refused(tmp_path: Path) -> None:
    refused(call("render", "piano", "-o", tmp_path / "a.bvh"), "engine-export perform")
    refused(
        call("render", "opera", "-o", tmp_path / "a.bvh"),
        "bundled: dance, movingmnist, piano, silhouette, synthetic_signs",
    )


def test_a_disk_that_fills_up_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in.install(monkeypatch, failure=stand_in.full)
    first, second = tmp_path / "a.csv", tmp_path / "a.npy"
    refused(call(*SHORT, "-o", first, "-o", second), "a.npy: No space left")
    assert list(tmp_path.iterdir()) == [first]


def test_ctrl_c_is_one_line_and_leaves_what_was_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in.install(monkeypatch, failure=stand_in.stopped)
    result = call(*SHORT, "-o", tmp_path / "a.csv", "-o", tmp_path / "a.npy")
    assert result.exit_code == 130
    assert result.stderr.startswith("interrupted; files that were whole stay")
    assert result.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_a_part_of_a_take_into_files(tmp_path: Path) -> None:
    whole = take(tmp_path, recorded(30, 2))
    files = tmp_path / "all.csv", tmp_path / "all.bvh"
    result = fine(call("take", whole, "-o", files[0], "-o", files[1], "--from", "200ms", "--to", "0.7s"))
    written = [files[0], tmp_path / "all-p1.bvh", tmp_path / "all-p2.bvh"]
    assert result.stdout.split() == [str(path) for path in written]
    assert all("Frames: 15" in path.read_text() for path in written[1:])
    fine(call("take", whole, "-o", tmp_path / "one.bvh", "--from", "200ms", "--to", "700ms", "--performer", "2"))
    assert (tmp_path / "one.bvh").read_bytes() == written[2].read_bytes()
    refused(call("take", whole, "-o", tmp_path / "a.bvh", "--performer", "3"), "performer")


def test_a_take_that_a_crash_cut_short_is_written_with_a_word_about_it(tmp_path: Path) -> None:
    whole = take(tmp_path, recorded(60))
    whole.write_bytes(whole.read_bytes()[:-900])
    result = call("take", whole, "-o", tmp_path / "a.csv")
    assert result.exit_code == 0
    warning, credit = result.stderr.splitlines()
    assert whole.name in warning
    assert credit == "show it with: made of nothing"
    assert (tmp_path / "a.csv").exists()


def test_no_take_is_one_line(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.mcap"
    foreign.write_bytes(b"nothing of the kind")
    for file in (foreign, tmp_path / "none.mcap"):
        refused(call("take", file, "-o", tmp_path / "a.csv"), file.name)
    refused(call("take", foreign, "-o", tmp_path / "a.csv", "--from", "12"), "--from", "10s")
    refused(call("take", foreign, "-o", tmp_path / "a.csv", "--to", "0s"), "--to")
    refused(call("take", foreign, "-o", tmp_path / "a.avi"), "a.avi")
    assert list(tmp_path.iterdir()) == [foreign]


def test_a_bar_is_shown_on_a_terminal_alone(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    with bar() as progress:
        progress("dancing", 0.5)
    assert capfd.readouterr() == ("", "")
    monkeypatch.setattr(bars, "Console", lambda **options: Console(**options, force_terminal=True))
    with bar() as progress:
        progress("dancing", 0.5)
    said, complained = capfd.readouterr()
    assert said == ""
    assert "dancing" in complained


def test_what_is_written_is_read_as_training_data_again(tmp_path: Path) -> None:
    path = tmp_path / "a.bvh"
    fine(call(*SHORT, "-o", path))
    assert len(read(path).positions) == 15
