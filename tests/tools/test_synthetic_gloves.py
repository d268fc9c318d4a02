"""Made-up gloves: the same every time, different people, and what the engine brings along is made by this tool."""

import sys
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
import synthetic_gloves

from engine.gestures.open_recording import read
from engine.gestures.tsd import CHANNELS
from export.data.gloves import split


@pytest.fixture(scope="module")
def made() -> dict[str, synthetic_gloves.Session]:
    return synthetic_gloves.sessions(4, 1, 1)


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(made: dict[str, synthetic_gloves.Session]) -> None:
    tables = {name: synthetic_gloves.table(one) for name, one in made.items()}
    again = synthetic_gloves.sessions(2, 1, 1)
    assert all(synthetic_gloves.table(one) == tables[name] for name, one in again.items())
    assert synthetic_gloves.table(synthetic_gloves.sessions(1, 1, 2)["session01"]) != tables["session01"]


def test_every_session_has_every_sign_and_rests_between(made: dict[str, synthetic_gloves.Session]) -> None:
    for one in made.values():
        said = [label for label, _ in groupby(one.labels)]
        assert sorted(filter(None, said)) == sorted(synthetic_gloves.SHAPES)
        assert said[::2] == [""] * 10
        assert one.values.shape == (len(one.labels), len(CHANNELS))


def test_people_differ_and_so_do_sessions_of_one(made: dict[str, synthetic_gloves.Session]) -> None:
    rest = {name: np.median(one.values[np.array(one.labels) == ""], axis=0) for name, one in made.items()}
    same = np.abs(rest["session01"] - rest["session02"]).mean()
    other = np.abs(rest["session01"] - rest["session03"]).mean()
    assert 1 < same < other
    lengths = {tuple(len(list(group)) for _, group in groupby(one.labels)) for one in made.values()}
    assert len(lengths) == 4


def test_a_sign_ends_where_it_began_and_lies_still(made: dict[str, synthetic_gloves.Session]) -> None:
    hands = made["session01"].values[:, [0, 1, 2, 11, 12, 13]]
    start = 0
    for label, group in groupby(made["session01"].labels):
        stop = start + len(list(group))
        if label:
            assert np.ptp(hands[stop - 18 : stop], axis=0).max() < 15
            assert np.abs(hands[stop - 1] - hands[start]).max() < 30
            assert np.ptp(hands[start:stop], axis=0).max() > 80
        start = stop


def test_they_can_be_read_and_no_sign_is_in_two_parts(
    made: dict[str, synthetic_gloves.Session], tmp_path: Path
) -> None:
    for name, one in made.items():
        (tmp_path / f"{name}.csv").write_bytes(synthetic_gloves.table(one))
    found = read(tmp_path)
    assert (found.rate, found.channels, found.sessions) == (100.0, CHANNELS, tuple(made))
    parts = split(found)
    assert {part: len(signs) for part, signs in parts.items()} == {"train": 20, "validation": 10, "test": 10}
    names = [sign.name for signs in parts.values() for sign in signs]
    assert len(set(names)) == len(names) == 40
    assert {sign.session for sign in parts["test"]} == {"session04"}


def test_the_bundled_recording_is_what_this_tool_makes_and_small() -> None:
    raw = synthetic_gloves.RECORDING.read_bytes()
    assert raw == synthetic_gloves.table(synthetic_gloves.bundled())
    assert len(raw) < 250_000
    found = read(synthetic_gloves.RECORDING)
    assert [len([sign for sign in found.gestures if sign.label == label]) for label in found.labels] == [2] * 10
    assert (found.sessions, found.rate) == (("synthetic",), 100.0)


def test_the_command_writes_a_table_for_each_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["synthetic_gloves", str(tmp_path / "made"), "--sessions", "3", "--repeats", "1"])
    synthetic_gloves.main()
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == [f"session0{n}.csv" for n in (1, 2, 3)]


@pytest.mark.parametrize("given", [[], ["made", "--bundled"], ["made", "--sessions", "2"], ["made", "--seed", "1000"]])
def test_what_makes_no_sense_is_refused(
    given: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["synthetic_gloves", *given])
    with pytest.raises(SystemExit):
        synthetic_gloves.main()
    assert "error:" in capsys.readouterr().err
