"""A show with what a command line says otherwise."""

from pathlib import Path

import pytest

from engine import bill
from engine.overrides import override, scored, seeing
from engine.schema.controls import Part
from engine.schema.errors import ConfigError
from engine.schema.show import Act, Show

PARTS: dict[str, Part] = {"dancer": "bodies", "player": "keys", "painter": "images", "reader": "signs"}
DANCER, PLAYER, PAINTER, READER = (Act(model=model) for model in PARTS)


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bill, "part_of", PARTS.get)
    monkeypatch.chdir(tmp_path)
    for name in ("film.mp4", "score.mid", "hands.csv"):
        (tmp_path / name).touch()


@pytest.mark.parametrize("acts", [(PAINTER, DANCER), (DANCER, PAINTER), (PLAYER, PAINTER, DANCER), (PAINTER,)])
def test_a_source_is_for_the_act_of_pictures_wherever_it_stands(acts: tuple[Act, ...]) -> None:
    found = seeing(Show(acts=acts), "film.mp4").acts
    assert {act.model: act.source for act in found if act.source} == {"painter": "film.mp4"}
    assert seeing(Show(acts=acts), None).acts == acts


@pytest.mark.parametrize("acts", [(PLAYER, DANCER), (DANCER, PLAYER), (PAINTER, PLAYER, DANCER), (PLAYER,)])
def test_a_score_is_for_the_act_of_keys_wherever_it_stands(acts: tuple[Act, ...]) -> None:
    found = scored(Show(acts=acts), "score.mid", (), loop=True).acts
    assert {act.model: (act.score, act.loop) for act in found if act.loop} == {"player": ("score.mid", True)}
    assert scored(Show(acts=acts), None, (), loop=False).acts == acts


@pytest.mark.parametrize("acts", [(READER, DANCER), (DANCER, PLAYER, READER), (READER,)])
def test_without_pictures_a_source_is_for_the_act_of_signs(acts: tuple[Act, ...]) -> None:
    found = seeing(Show(acts=acts), "hands.csv").acts
    assert {act.model: act.source for act in found if act.source} == {"reader": "hands.csv"}
    both = seeing(Show(acts=(*acts, PAINTER)), "film.mp4").acts
    assert {act.model: act.source for act in both if act.source} == {"painter": "film.mp4"}


def test_without_keys_it_is_the_gloves_that_begin_again() -> None:
    looped = [scored(Show(acts=acts), None, (), loop=True).acts for acts in ((READER, DANCER), (READER, PLAYER))]
    assert [[act.model for act in acts if act.loop] for acts in looped] == [["reader"], ["player"]]


def test_where_nobody_can_use_them_the_last_act_has_them_for_the_bill_to_refuse() -> None:
    assert [act.source for act in seeing(Show(acts=(PLAYER, DANCER)), "film.mp4").acts] == [None, "film.mp4"]
    assert [act.loop for act in scored(Show(acts=(PAINTER, DANCER)), None, (), loop=True).acts] == [False, True]


def test_a_source_that_is_not_there_is_named() -> None:
    with pytest.raises(ConfigError, match=r"--source: no such file or folder 'nowhere'"):
        seeing(Show(acts=(PAINTER,)), "nowhere")


def test_how_a_path_is_told_is_for_all_acts() -> None:
    found = override(Show(acts=(PAINTER, DANCER)), {"path": "log"}, {}).acts
    assert [act.path for act in found] == ["log", "log"]
    assert [act.path for act in override(Show(acts=(PAINTER, DANCER)), {"path": None}, {}).acts] == ["plain", "plain"]
