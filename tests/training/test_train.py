"""Training: what it leaves behind, and that an interruption changes nothing."""

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from matplotlib.image import imread
from scipy.stats import norm
from training import synthetic

from engine.schema.errors import ConfigError, DataError, ModelError
from export import lightning_task, sources, train
from export.data.splits import Split
from export.recipe import Recipe
from export.train import LAST, Where

pytestmark = pytest.mark.usefixtures("made_up")

CPU = Where(accelerator="cpu", devices="1")
DANCE, SEED = synthetic.recipe(), synthetic.seed_recipe()
UPDATES = DANCE.train.updates


def run(folder: Path, recipe: Recipe = DANCE, **more: Any) -> Path:
    """Train into `folder / run`, without a progress bar."""
    folder.mkdir(parents=True, exist_ok=True)
    path = synthetic.write(folder / "recipe.toml", recipe)
    return train.train(path, folder / "run", where=CPU, progress=False, **more)


def contents(last: Path) -> dict[str, Any]:
    found: dict[str, Any] = torch.load(last, weights_only=True)
    return found


def same(one: Any, other: Any) -> bool:
    """Whether two trees of tensors and values are equal, bit for bit."""
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(same(*pair) for pair in zip(one, other, strict=True))
    return bool(one == other)


@pytest.fixture(scope="module")
def uninterrupted(parts: Split, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Recipe], Path]]:
    """The last checkpoint of a whole run, trained once for each recipe."""
    done: dict[str, Path] = {}

    def get(recipe: Recipe) -> Path:
        kind = recipe.net.kind
        if kind not in done:
            done[kind] = run(tmp_path_factory.mktemp(kind), recipe)
        return done[kind]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "load", lambda _: parts)
        yield get


@pytest.mark.parametrize("recipe", [DANCE, SEED], ids=["dance", "seed"])
def test_a_run_leaves_a_checkpoint_figures_and_curves(recipe: Recipe, uninterrupted: Callable[[Recipe], Path]) -> None:
    last = uninterrupted(recipe)
    assert sorted(path.name for path in last.parent.iterdir()) == ["curves.png", LAST, "metrics.json"]
    figures = json.loads((last.parent / "metrics.json").read_text("utf-8"))
    assert figures["unit"] == "nats per dimension, metres and radians"
    assert "a loss below 0 is right" in figures["note"]
    for part in ("validation", "test"):
        assert set(figures[part]) == {"model", "copy_last", "constant_velocity"}
        assert all(np.isfinite(value) for value in figures[part].values())
        assert figures[part]["constant_velocity"] < figures[part]["copy_last"]
    assert imread(last.parent / "curves.png")[..., :3].std() > 0.01
    history = contents(last)["figurant"]["history"]
    assert [row["epoch"] for row in history] == [1, 2, 3]
    assert all({"train", "validation"} <= row.keys() for row in history)
    assert history[-1]["validation"] == pytest.approx(figures["validation"]["model"], abs=1e-5)


def test_the_baselines_repeat_the_frame_and_the_change(parts: Split, uninterrupted: Callable[[Recipe], Path]) -> None:
    figures = json.loads((uninterrupted(SEED).parent / "metrics.json").read_text("utf-8"))
    train, test = ([clip.positions.reshape(len(clip), -1) for clip in part] for part in (parts.train, parts.test))
    for name, order in (("copy_last", 1), ("constant_velocity", 2)):
        sigma = np.sqrt(np.square(np.concatenate([np.diff(clip, order, axis=0) for clip in train])).mean(0))
        error = np.concatenate([np.diff(clip, order, axis=0) for clip in test])
        expected = -norm.logpdf(error, 0, np.maximum(sigma, 1e-6)).mean()
        assert figures["test"][name] == pytest.approx(expected, rel=1e-4)


def test_it_learns(uninterrupted: Callable[[Recipe], Path]) -> None:
    for recipe in (DANCE, SEED):
        history = contents(uninterrupted(recipe))["figurant"]["history"]
        assert history[-1]["validation"] < history[0]["validation"]


def interrupt(monkeypatch: pytest.MonkeyPatch, update: int, error: type[BaseException]) -> None:
    """Let an update fail from inside, as a key or a signal would."""
    step = lightning_task.Task.training_step
    count = iter(range(1000))

    def failing(task: lightning_task.Task, batch: Any, index: int) -> torch.Tensor:
        if next(count) == update:
            raise error
        return step(task, batch, index)

    monkeypatch.setattr(lightning_task.Task, "training_step", failing)


@pytest.mark.parametrize("recipe", [DANCE, SEED], ids=["dance", "seed"])
@pytest.mark.parametrize("update", [2, UPDATES + 1, 3 * UPDATES - 1])
def test_interrupted_and_resumed_it_ends_the_same(
    recipe: Recipe,
    update: int,
    uninterrupted: Callable[[Recipe], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = uninterrupted(recipe)
    with monkeypatch.context() as patch:
        interrupt(patch, update, KeyboardInterrupt)
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path, recipe)
    stopped = tmp_path / "run" / LAST
    assert stopped.exists() == (update >= UPDATES)
    if stopped.exists():
        assert contents(stopped)["epoch"] == update // UPDATES - 1
    assert not (tmp_path / "run" / "metrics.json").exists()
    torch.manual_seed(update)  # another process has other random numbers
    resumed = run(tmp_path, recipe)
    one, other = contents(whole), contents(resumed)
    for part in ("state_dict", "optimizer_states", "lr_schedulers", "epoch", "global_step", "figurant"):
        assert same(one[part], other[part]), part
    assert (whole.parent / "metrics.json").read_bytes() == (resumed.parent / "metrics.json").read_bytes()


def test_the_key_works_again_after_an_interruption(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.getsignal(signal.SIGINT)
    interrupt(monkeypatch, 1, KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_crash_is_not_taken_for_an_interruption(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt(monkeypatch, UPDATES + 2, ZeroDivisionError)
    with pytest.raises(ZeroDivisionError):
        run(tmp_path)
    assert contents(tmp_path / "run" / LAST)["epoch"] == 0  # but what was learned before is there


def test_a_checkpoint_is_never_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run(tmp_path / "a")
    kept = whole.read_bytes()
    longer = synthetic.recipe(train={"batch": 4, "window": 8, "epochs": 3, "updates": 4, "seed": 5})

    def dying(_: Path, target: Path) -> Path:
        assert target == whole
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", dying)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "a", longer, fresh=True)
    assert whole.read_bytes() == kept


def test_a_finished_run_is_only_reported_again(uninterrupted: Callable[[Recipe], Path], tmp_path: Path) -> None:
    last = run(tmp_path)
    (last.parent / "metrics.json").unlink()
    stamp = last.stat().st_mtime_ns
    assert run(tmp_path) == last
    assert last.stat().st_mtime_ns == stamp
    assert (last.parent / "metrics.json").read_bytes() == (uninterrupted(DANCE).parent / "metrics.json").read_bytes()


def test_a_fresh_start_forgets_what_was_there(tmp_path: Path, uninterrupted: Callable[[Recipe], Path]) -> None:
    other = synthetic.recipe(train={"batch": 4, "window": 8, "epochs": 2, "updates": 4, "seed": 9})
    run(tmp_path, other)
    with pytest.raises(ConfigError, match="a run of another recipe"):
        run(tmp_path)
    last = run(tmp_path, fresh=True)
    assert [path.name for path in last.parent.glob("*.ckpt")] == [LAST]
    assert same(contents(last)["state_dict"], contents(uninterrupted(DANCE))["state_dict"])


def test_a_folder_belongs_to_one_recipe(tmp_path: Path) -> None:
    last = run(tmp_path)
    before = last.read_bytes()
    with pytest.raises(ConfigError, match="--fresh") as caught:
        run(tmp_path, synthetic.recipe(net={"hidden": 17}))
    assert caught.value.place == str(last)
    assert last.read_bytes() == before


def test_a_folder_with_somebody_elses_checkpoint_is_left_alone(tmp_path: Path) -> None:
    last = tmp_path / "run" / LAST
    last.parent.mkdir()
    last.write_bytes(b"hello")
    with pytest.raises(ModelError, match="no checkpoint"):
        run(tmp_path)
    assert last.read_bytes() == b"hello"


def test_a_folder_that_cannot_be_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file")
    with pytest.raises(ConfigError, match="a folder for the run") as caught:
        run(tmp_path)
    assert caught.value.place == str(tmp_path / "run")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "where",
    [
        Where(accelerator="banana"),
        Where(accelerator="cpu", devices="none"),
        Where(accelerator="cpu", devices="0"),
        Where(accelerator="cpu", devices="-1"),
        Where(accelerator="cpu", devices="1", nodes=0),
        Where(accelerator="cpu", strategy="banana"),
    ],
    ids=str,
)
def test_devices_that_are_not_there_are_one_line(where: Where, tmp_path: Path) -> None:
    path = synthetic.write(tmp_path / "recipe.toml", DANCE)
    with pytest.raises(ConfigError) as caught:
        train.train(path, tmp_path / "run", where=where, progress=False)
    assert "--accelerator" in caught.value.place
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_broken_data_is_refused_before_anything_is_written(
    parts: Split, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = parts.train[0].positions.copy()
    broken[7, 3, 1] = np.nan

    def load(_: str) -> Split:
        return parts._replace(
            train=(type(parts.train[0])(name="broken", positions=broken, fps=30, skeleton=parts.train[0].skeleton),)
        )

    monkeypatch.setattr(sources, "load", load)
    with pytest.raises(DataError, match="nan in frame 7, joint head, y"):
        run(tmp_path)
    assert not (tmp_path / "run").exists()


def test_nothing_is_said_but_what_is_wanted(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run(tmp_path)
    assert capfd.readouterr() == ("", "")


def test_a_progress_bar_where_it_is_wanted(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = synthetic.write(tmp_path / "recipe.toml", DANCE)
    train.train(path, tmp_path / "run", where=CPU, progress=True)
    shown, errors = capfd.readouterr()
    assert "train" in shown
    assert errors == ""


@pytest.mark.parametrize("missing", ["validation", "test"])
def test_a_part_without_clips_is_not_measured(
    missing: str, parts: Split, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "load", lambda _: parts._replace(**{missing: ()}))
    figures = json.loads((run(tmp_path).parent / "metrics.json").read_text("utf-8"))
    assert missing not in figures
    assert {"validation", "test"} & figures.keys()
    assert (tmp_path / "run" / "curves.png").stat().st_size > 1000
