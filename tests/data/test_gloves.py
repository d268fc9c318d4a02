"""Which recorded signs train, which choose, which test."""

from pathlib import Path

import numpy as np
import pytest

from engine.gestures.recording import Gesture, Recording, gesture
from engine.schema.errors import DataError
from export.data import gloves
from export.data.gloves import Parts, manner, seed_gloves, split


def sign(label: str, session: str, number: int = 1, samples: int = 3) -> Gesture:
    return gesture(np.zeros((samples, 2)), label, session, f"{session}/{label}-{number}")


def made(*signs: Gesture) -> Recording:
    return Recording(signs, 100.0, ("x", "y"))


def names(parts: Parts) -> dict[str, list[str]]:
    return {part: [sign.name for sign in signs] for part, signs in parts.items()}


def test_whole_sessions_are_held_out() -> None:
    found = made(*(sign(label, f"s{number}") for label in "ab" for number in (1, 2, 9, 10)))
    assert names(split(found)) == {
        "train": ["s1/a-1", "s2/a-1", "s1/b-1", "s2/b-1"],
        "validation": ["s9/a-1", "s9/b-1"],
        "test": ["s10/a-1", "s10/b-1"],
    }
    assert manner(found) == "by session: s9 chooses, s10 tests"


def test_auslan_is_split_as_always_even_with_a_ninth_session() -> None:
    found = made(*(sign("a", f"tctodd{number}") for number in range(1, 10)))
    assert manner(found) == "by session: tctodd7 chooses, tctodd8 tests"
    parts = split(found)
    assert (len(parts["train"]), len(parts["validation"]), len(parts["test"])) == (7, 1, 1)


def test_few_sessions_hold_out_the_last_recordings_of_each_sign_and_say_so() -> None:
    found = made(*(sign(label, "s1", number) for number in range(1, 6) for label in "ab"))
    parts = names(split(found))
    assert parts["validation"] == ["s1/a-4", "s1/b-4"]
    assert parts["test"] == ["s1/a-5", "s1/b-5"]
    assert sum(len(part) for part in parts.values()) == 10
    assert manner(found).startswith("by order: fewer than three sessions")


def test_a_sign_recorded_twice_can_not_be_held_out() -> None:
    with pytest.raises(DataError, match="2 recordings of 'a'; expected at least 3 of each sign, or three sessions"):
        split(made(sign("a", "s1", 1), sign("a", "s1", 2)))


def test_hers_has_one_name_in_auslan_alone(tmp_path: Path) -> None:
    for session in ("tctodd1", "other"):
        (tmp_path / session / session).mkdir(parents=True)
        (tmp_path / session / session / "her-1.tsd").write_text(("0 " * 22 + "\n") * 2)
    assert gloves.recording(tmp_path / "tctodd1").labels == ("his_hers",)
    assert gloves.recording(tmp_path / "other").labels == ("her",)


def test_what_comes_along_goes_by_its_name_and_tests_as_a_whole() -> None:
    found = gloves.recording("synthetic")
    assert len(found.gestures) == 20
    assert [len(part) for part in gloves.gloves("synthetic").values()] == [0, 0, 20]
    with pytest.raises(DataError, match="at least 3 of each sign"):
        split(found)


def auslan(folder: Path) -> Path:
    rows = {"a": 5, "b": 5, "her": 5, "his_hers": 5, "long": 90}
    for session in range(1, 9):
        for label, count in rows.items():
            path = folder / f"tctodd{session}" / f"{label}-1.tsd"
            path.parent.mkdir(exist_ok=True)
            path.write_text(("0 " * 22 + "\n") * count)
    return folder


def test_the_seed_leaves_long_signs_and_hers_out_and_splits_each_word_alike(tmp_path: Path) -> None:
    parts = seed_gloves(auslan(tmp_path), 3)
    assert {part: len(signs) for part, signs in parts.items()} == {"train": 12, "validation": 2, "test": 2}
    assert {label: [sign.label for sign in parts["train"]].count(label) for label in "ab"} == {"a": 6, "b": 6}
    every = [name for part in names(parts).values() for name in part]
    assert len(set(every)) == 16
    assert names(parts) == names(seed_gloves(tmp_path, 3))
    assert names(parts) != names(seed_gloves(tmp_path, 4))


def test_too_little_for_the_seed_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "s1").mkdir()
    (tmp_path / "s1" / "her-1.tsd").write_text(("0 " * 22 + "\n") * 2)
    with pytest.raises(DataError, match=r"0 signs of 0 words: .* expected several recordings of each sign"):
        seed_gloves(tmp_path, 0)


@pytest.mark.slow
def test_auslan_has_the_signs_that_it_should(data_dir: Path) -> None:
    source = data_dir / "auslan_hq" / "tctodd.tar.gz"
    found = gloves.recording(source)
    assert (len(found.gestures), len(found.labels), len(found.sessions)) == (2280, 95, 8)
    parts = split(found)
    assert {part: len(signs) for part, signs in parts.items()} == {"train": 1710, "validation": 285, "test": 285}
    sessions = [{sign.session for sign in signs} for signs in parts.values()]
    assert not sessions[0] & sessions[1] | sessions[0] & sessions[2] | sessions[1] & sessions[2]
    seeds = seed_gloves(source, 0)
    assert {part: len(signs) for part, signs in seeds.items()} == {"train": 1753, "validation": 246, "test": 247}
    assert len({sign.label for signs in seeds.values() for sign in signs}) == 94
