"""What a model dances when nobody waits for it."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
import tiny
import toy
from rendering.asking import dancer

from engine.bundled import MODELS
from engine.casting import Casting
from engine.contracts import Loaded
from engine.inference.onnx_model import OnnxModel
from engine.inference.open_model import open_model
from engine.motion.solve import Solver
from engine.open_act import make_act
from engine.schema.controls import make_controls
from engine.schema.errors import ConfigError, ModelError
from engine.schema.show import Act
from export import render as rendering
from export.moves import MOST
from export.recording import Performance
from export.render import Dance, Rendering, checked, open_dance, render

ARRAYS = ("positions", "root", "rotations", "joints", "bones")


def same(one: Performance, other: Performance) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ARRAYS)


def test_a_rendering_is_what_an_act_with_these_performers_shows() -> None:
    dance, asked = dancer(seconds=1.0, performers=3, temperature=0.7)
    (found,) = render(dance, asked, [7])
    with_controls = Casting(Act(performers=3, controls=make_controls(asked.controls)))
    model = open_model(dance.loaded, 4)
    act = make_act(dance.loaded, model, seed=7, rows=4, performers=())
    for number, entrance in with_controls.opening():
        act.join(number, place=entrance.place, controls=entrance.controls)
    solver = Solver(act.skeleton, dance.loaded.spec.fps)
    for at in range(30):
        frame = act.tick()
        rotations, body = solver.solve(frame.pose.positions, frame.performers)
        for row, one in enumerate(found.performers):
            assert one.number == row + 1
            assert np.array_equal(one.positions[at], frame.pose.positions[row])
            assert np.array_equal(one.root[at], frame.pose.root[row])
            assert rotations is not None
            assert one.rotations is not None
            assert np.array_equal(one.rotations[at], rotations[row])
            assert one.joints is not None
            assert np.array_equal(one.joints[at], body.joints[row])
            assert one.bones is not None
            assert np.array_equal(one.bones[at], body.bones[row])
    assert (found.frames, found.fps) == (30, 30.0)
    assert all(one.present.all() and len(one) == 30 for one in found.performers)
    assert "CMU" in found.licence
    assert "--seed 7 --set temperature=0.7" in found.made


@pytest.mark.parametrize("performers", [1, 3])
def test_a_seed_dances_alike_whatever_others_are_rendered_with_it(performers: int) -> None:
    dance, asked = dancer(seconds=4.0, performers=performers)
    (alone,) = render(dance, asked, [7])
    among = render(dance, asked, [5, 2**31 - 1, 7, 8])
    assert [len(one.performers) for one in among] == [performers] * 4
    assert all(same(*pair) for pair in zip(alone.performers, among[2].performers, strict=True))
    assert alone.made == among[2].made
    for other in (0, 1, 3):
        assert not same(alone.performers[0], among[other].performers[0])


def test_performers_of_one_seed_differ_and_stand_beside_each_other() -> None:
    (found,) = render(*dancer(performers=2), [7])
    first, second = found.performers
    assert second.root[0, 0] - first.root[0, 0] > 1.0
    assert not np.allclose(second.positions - second.root[:, None, :3], first.positions - first.root[:, None, :3])


def test_what_onnx_runtime_steps_is_rendered_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """It rounds sums otherwise in other batches."""
    sizes: list[int] = []

    def opened(loaded: Loaded, batch: int, device: str) -> OnnxModel:
        assert device == "cpu"
        sizes.append(batch)
        return OnnxModel(loaded, batch)

    monkeypatch.setattr(rendering, "open_model", opened)
    dance, asked = dancer(seconds=1.0)
    (alone,) = render(dance, asked, [7])
    among = render(dance, asked, [5, 7])
    assert sizes == [1, 1]
    assert same(alone.performers[0], among[1].performers[0])


def test_it_tells_how_far_it_has_come() -> None:
    shares: list[float] = []
    render(*dancer(seconds=5.0), [1], shares.append)
    assert shares == sorted(shares)
    assert len(shares) > 2
    assert shares[-1] == 1.0


@pytest.mark.parametrize("seconds", [0.0, -1.0, 0.01, float("nan"), float("inf")])
def test_no_time_is_refused(seconds: float) -> None:
    with pytest.raises(ConfigError, match="--seconds"):
        checked(open_dance("dance"), Rendering(seconds=seconds))


def test_more_than_memory_holds_is_refused_with_what_would_do() -> None:
    dance = open_dance("dance")
    with pytest.raises(ConfigError, match="GB of memory") as refusal:
        checked(dance, Rendering(seconds=1e9, performers=2))
    most = float(refusal.value.expected.split()[2])
    assert dance.footprint(checked(dance, Rendering(seconds=most, performers=2))) <= MOST


def test_the_footprint_is_what_the_arrays_take() -> None:
    dance, asked = dancer(performers=2)
    (found,) = render(dance, asked, [1])
    for one in found.performers:
        assert one.joints is one.positions
    taken = sum(getattr(one, name).nbytes for one in found.performers for name in ARRAYS if name != "joints")
    assert taken + 2 * found.frames == dance.footprint(asked)  # a byte each says who is there


@pytest.mark.parametrize("performers", [0, 257])
def test_nobody_and_too_many_are_refused(performers: int) -> None:
    with pytest.raises(ConfigError, match="--performers"):
        checked(open_dance("dance"), Rendering(performers=performers))


def test_a_pianist_is_refused_with_what_it_is_for() -> None:
    with pytest.raises(ModelError, match="engine-export perform"):
        open_dance("piano")


def test_no_model_of_ours_is_refused(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.onnx"
    foreign.write_bytes(b"nothing of the kind")
    for model in (str(foreign), str(tmp_path / "none.onnx"), "opera"):
        with pytest.raises((ConfigError, ModelError)):
            open_dance(model)


def test_a_model_of_an_unknown_family_is_refused(tmp_path: Path) -> None:
    path = tiny.save(tiny.lstm_model(), tmp_path / "tiny.onnx", tiny.lstm_spec())
    with pytest.raises(ConfigError, match="family"):
        open_dance(str(path))


def test_a_model_without_a_body_is_refused(tmp_path: Path) -> None:
    path = toy.write(tmp_path / "toy.onnx", msgspec.structs.replace(toy.SPEC, skeleton=None))
    with pytest.raises(ModelError, match=r"toy\.onnx: figurant\.spec: skeleton: none"):
        open_dance(str(path))


def test_the_digest_is_of_the_file() -> None:
    assert isinstance(open_dance("dance"), Dance)
    assert open_dance("dance").sha256 == open_dance(str(MODELS / "dance.onnx")).sha256
