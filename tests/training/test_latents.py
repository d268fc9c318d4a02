from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from training import synthetic

from engine.inference.vet import load
from engine.schema.errors import ConfigError, DataError
from engine.schema.model import Size
from export import latent_problem, picture_problem, picture_verify, problems, to_onnx
from export.checkpoint import Trained
from export.checkpoint import load as load_checkpoint
from export.data.films import Film
from export.latent_task import LatentTask
from export.nets.vae import Vae
from export.picture_problem import of_pictures
from export.picture_task import PictureTask
from export.recipe import DataRecipe, NetRecipe, PictureRecipe, Recipe, StreamRecipe, TrainRecipe
from export.train import Where, nats, train, units

BRIEF = TrainRecipe(batch=3, window=6, epochs=1, updates=2, clip=1000.0)


def films(_: str, size: Size, fps: float) -> dict[str, list[Film]]:
    """Discs that go round, each at its own speed."""
    down, right = np.mgrid[: size.height, : size.width]
    found = []
    for number in range(5):
        angle = np.arange(70) * (0.2 + 0.05 * number)
        place = size.height / 2 + 4 * np.sin(angle), size.width / 2 + 7 * np.cos(angle)
        far = np.hypot(down - place[0][:, None, None], right - place[1][:, None, None])
        found.append(Film(f"round {number}", (255 * (far < 3.5)).astype(np.uint8), fps))
    return {"train": found[:3], "validation": found[3:4], "test": found[4:]}


@pytest.fixture(autouse=True)
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_problem, "films", films)


def recipe(net: str = "latents", **pictures: object) -> Recipe:
    small = PictureRecipe(height=16, width=24, latent=4, poses=5, train=BRIEF)
    return Recipe(
        name="small",
        title="small pictures",
        data=DataRecipe(source="made up", bank=30, primes=2),
        net=NetRecipe(kind=net, hidden=8, layers=2, components=3, dropout=0.1),  # type: ignore[arg-type]
        streams=StreamRecipe(jump=20, fade=2, long_fade=2, noise=0.6),
        pictures=msgspec.structs.replace(small, **pictures),
        train=BRIEF,
    )


def untrained(wanted: Recipe) -> Vae:
    torch.manual_seed(1)
    return picture_problem.untrained(wanted.pictures).eval()


def trained(wanted: Recipe) -> Trained:
    problem = problems.make(wanted, untrained(wanted))
    return Trained(wanted, problem.net.eval(), problem.spec, problem.arrays, 0)


def test_pictures_are_learned_first_from_the_same_recipe() -> None:
    first = of_pictures(recipe())
    assert first.net.kind == "vae"
    assert first.train == recipe().pictures.train
    assert isinstance(problems.task(first, problems.make(first)), PictureTask)


def test_an_epoch_of_pictures_is_the_same_every_time_and_mirrors_some() -> None:
    first = of_pictures(recipe())
    problem = problems.make(first)
    one, again = ([x for x, _ in problem.epoch(0, 0)] for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    assert not np.array_equal(one[0], next(iter(problem.epoch(1, 0)))[0])


def test_latent_numbers_are_standard_and_the_first_ones_change_most() -> None:
    wanted = recipe()
    parts = picture_problem.read(wanted)
    vae = latent_problem.standard(untrained(wanted), parts["train"])
    z = np.concatenate([picture_problem.latents(vae, film.frames) for film in parts["train"]])
    assert np.abs(z.mean(0)).max() < 0.05
    assert z.std(0).max() < 1.05
    strengths = latent_problem._strengths(vae, z[::10], np.ones(4, np.float32))
    assert strengths[0] >= strengths[-1]


def test_a_model_holds_what_its_family_needs() -> None:
    problem = problems.make(recipe(), untrained(recipe()))
    arrays = problem.arrays
    assert arrays["primes"].shape == (2, 20, 4)
    assert arrays["poses"].shape == (5, 4)
    assert arrays["bank"].shape == arrays["bank_next"].shape == (30, 4)
    assert problem.spec.features == 8
    assert problem.spec.image == Size(height=16, width=24)
    assert float(problem.spec.settings["freeze_speed"]) > 0.0
    x, y = next(problem.epoch(0, 0))
    assert x.shape == (6, 3, 8)
    assert y.shape == (6, 3, 4)


@pytest.mark.parametrize(
    ("source", "moves", "licensed", "credited"),
    [
        ("silhouettes", "", True, True),
        ("clips", "", True, True),
        ("mine", "", False, False),
        ("mine", "clips", False, True),
    ],
)
def test_whose_dances_were_learned_from_is_said(source: str, moves: str, *, licensed: bool, credited: bool) -> None:
    wanted = recipe(moves=moves)
    wanted = msgspec.structs.replace(wanted, data=msgspec.structs.replace(wanted.data, source=source))
    spec = latent_problem._spec(wanted, [np.cumsum(np.ones((30, 4), np.float32), 0)], "", poses=3)
    assert ("CMU" in spec.licence, "mocap.cs.cmu.edu" in spec.credit) == (licensed, credited)


def test_knobs_of_poses_go_no_further_than_the_last_one() -> None:
    train = [np.cumsum(np.ones((30, 4), np.float32), 0)]
    last = {control.name: control.high for control in latent_problem._spec(recipe(), train, "", poses=24).controls}
    assert (last["pose_from"], last["pose_to"], last["scrub"]) == (23, 23, 1)
    none = {control.name for control in latent_problem._spec(recipe(), train, "", poses=0).controls}
    assert none & {"posed", "pose_from", "pose_to", "scrub"} == set()
    assert "latent" in none


def test_films_without_a_start_of_two_seconds_are_one_line() -> None:
    with pytest.raises(DataError, match="made up: at most 19 pictures to train on in a row; expected 20 or more, 2 s"):
        latent_problem._primes([np.zeros((19, 4), np.float32)], recipe())


def test_losses_are_told_in_their_own_units() -> None:
    task = LatentTask(recipe(), problems.make(recipe(), untrained(recipe())))
    assert units(task) == "latent numbers"
    assert "metres" not in nats(task)


def test_what_is_exported_draws_and_reads_as_the_network_does(tmp_path: Path) -> None:
    made = trained(recipe())
    to_onnx.write(made, tmp_path / "m.onnx")
    parity = picture_verify.verify(made, tmp_path / "m.onnx")
    assert parity.passed, parity
    assert set(load(tmp_path / "m.onnx").arrays) == {"decoder", "encoder", "primes", "poses", "bank", "bank_next"}


def test_another_decoder_is_noticed(tmp_path: Path) -> None:
    made = trained(recipe())
    to_onnx.write(made, tmp_path / "m.onnx")
    with torch.no_grad():
        next(made.net.vae.decoder.parameters()).add_(0.05)  # type: ignore[union-attr]
    assert not picture_verify.verify(made, tmp_path / "m.onnx").passed


def test_the_first_network_is_learned_and_not_exported(tmp_path: Path) -> None:
    made = trained(recipe("seed-latents", kind="seed-vae"))
    with pytest.raises(ConfigError, match="seed-latents"):
        to_onnx.write(made, tmp_path / "m.onnx")
    assert not list(tmp_path.iterdir())


def test_the_decoder_learns_through_movement_only_where_it_is_asked_to() -> None:
    for through in (0.0, 1.0):
        wanted = recipe(through=through)
        task = LatentTask(wanted, problems.make(wanted, untrained(wanted)))
        decoder = list(task.net.vae.decoder.parameters())
        assert all(p.requires_grad is bool(through) for p in decoder)
        assert not any(p.requires_grad for p in task.net.vae.encoder.parameters())
        if through:
            torch.autograd.backward(task.drawn(0))
            assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in decoder)
            assert task.net.dance.head.rows.weight.grad.abs().sum() > 0


@pytest.mark.slow
def test_one_command_trains_pictures_and_movement(tmp_path: Path) -> None:
    path = synthetic.write(tmp_path / "r.toml", recipe(through=0.1))
    last = train(path, tmp_path / "run", where=Where(accelerator="cpu", devices="1"), progress=False)
    assert (tmp_path / "run" / "pictures" / "last.ckpt").exists()
    made = load_checkpoint(last)
    to_onnx.write(made, tmp_path / "m.onnx")
    assert picture_verify.verify(made, tmp_path / "m.onnx").passed
