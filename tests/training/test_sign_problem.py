"""What recipes of signs make of recordings: parts, classes, channels, targets; and what the task makes of them."""

from pathlib import Path

import gloves
import msgspec
import numpy as np
import pytest
import torch

from engine.schema.errors import ConfigError, DataError
from export import problems, sign_problem
from export.data.gloves import recording
from export.data.place import VARIABLE, folder
from export.nets.signs import SeedSignNet
from export.recipe import read
from export.sign_task import SignTask, last, weighted

RECIPES = Path(__file__).parents[2] / "configs" / "train"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return gloves.write(tmp_path_factory.mktemp("gloves") / "signs.npz")


def test_no_session_stands_in_two_parts(source: Path) -> None:
    wanted = gloves.recipe(source)
    parts = sign_problem.divided(wanted, recording(source))
    sessions = [{one.session for one in some} for some in parts.values()]
    assert [len(some) for some in sessions] == [1, 1, 1]
    assert len(set.union(*sessions)) == 3


def test_a_model_says_what_it_knows(source: Path) -> None:
    problem = problems.make(gloves.recipe(source))
    assert problem.spec.labels == gloves.WORDS
    assert problem.spec.channels == gloves.CHANNELS
    assert (problem.spec.fps, problem.spec.features, problem.spec.licence) == (100.0, 4, "CC0")
    assert {"start_speed", "stop_speed", "still", "shortest", "jump"} <= problem.spec.settings.keys()
    assert next(knob.default for knob in problem.spec.controls if knob.name == "certainty") == sign_problem.CERTAINTY


def test_what_moves_are_hands_unless_somebody_says_other_channels() -> None:
    channels = ("left x", "left roll", "right_Z", "thumb", "max")
    assert sign_problem.moving(channels, ()).tolist() == [0, 2]
    assert sign_problem.moving(channels, ("thumb",)).tolist() == [3]
    assert sign_problem.moving(("a", "b"), ()).tolist() == [0, 1]
    with pytest.raises(ConfigError, match=r"signs\.motion"):
        sign_problem.moving(channels, ("nose",))


def test_a_channel_that_never_moves_divides_by_something() -> None:
    found = sign_problem.spread(np.array([[0.0, 5.0], [2.0, 5.0]], np.float32))
    assert (found > 0).all()


def test_one_sign_is_nothing_to_learn(tmp_path: Path) -> None:
    alone = gloves.write(tmp_path / "one.npz", words=("wave",))
    with pytest.raises(DataError, match="1 different signs"):
        problems.make(gloves.recipe(alone))


def test_an_epoch_is_the_same_whenever_it_is_asked_for(source: Path) -> None:
    problem = problems.make(gloves.recipe(source))
    once, again, other = (list(problem.epoch(number, 0)) for number in (0, 0, 1))
    assert all(np.array_equal(a[0], b[0]) for a, b in zip(once, again, strict=True))
    assert once[0][0].shape != other[0][0].shape or not np.array_equal(once[0][0], other[0][0])


def test_later_samples_weigh_more() -> None:
    logits = torch.zeros(2, 1, 3)
    logits[1, 0, 0] = 9.0
    y = torch.tensor([[[0.0, 0.25]], [[0.0, 1.0]]])
    alike = torch.tensor([[[0.0, 1.0]], [[0.0, 1.0]]])
    assert weighted(logits, y) < weighted(logits, alike)


def test_samples_without_weight_are_not_asked() -> None:
    logits, y = torch.randn(3, 1, 4), torch.tensor([[[1.0, 0.0]], [[1.0, 1.0]], [[1.0, 0.0]]])
    changed = logits.clone()
    changed[[0, 2]] += 5 * torch.randn(2, 1, 4)
    assert weighted(logits, y) == weighted(changed, y)
    assert torch.equal(last(logits, y), logits[1])


@pytest.mark.parametrize("kind", ["signs", "seed-signs"])
def test_what_is_held_out_calibrates_ours_alone(source: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = gloves.recipe(source, kind)
    task = SignTask(wanted, problems.make(wanted))
    told: dict[str, float] = {}
    monkeypatch.setattr(task, "log", lambda name, value, **_: told.update({name: float(value)}))
    task.eval()
    with torch.no_grad():
        task.on_validation_epoch_start()
        for index, (x, y) in enumerate(task.val_dataloader()):
            task.validation_step((torch.as_tensor(x), torch.as_tensor(y)), index)
        task.on_validation_epoch_end()
    assert (float(task.net.temperature) != 1.0) == (kind == "signs")
    found = task.held_out()["validation"]
    assert found["right"] == pytest.approx(told["right"])
    assert found["model"] == pytest.approx(told["validation"])


@pytest.mark.slow
def test_the_first_network_has_its_signs_and_its_size() -> None:
    if not (folder() / "auslan_hq").exists():
        reason = f"no recordings of Auslan; {VARIABLE} names their folder"
        pytest.skip(reason)
    wanted = read(RECIPES / "seed_sign.toml")
    parts = sign_problem.divided(wanted, recording(wanted.data.source))
    every = [one for some in parts.values() for one in some]
    assert len({one.label for one in every}) == 94
    assert not {one.label for one in every} & {"her", "his_hers"}
    assert max(len(one) for one in every) == 89
    net = problems.make(wanted).net
    assert isinstance(net, SeedSignNet)
    assert net.counted() == 58_694
    ours = sign_problem.divided(msgspec.structs.replace(read(RECIPES / "sign.toml")), recording(wanted.data.source))
    assert [{one.session for one in some} for some in ours.values()] == [
        {f"tctodd{number}" for number in range(1, 7)}, {"tctodd7"}, {"tctodd8"},
    ]  # fmt: skip
