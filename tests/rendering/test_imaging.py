"""Models of pictures, rendered: what a show would show, by its seed alone, and one line for every mistake."""

from pathlib import Path

import av
import numpy as np
import picture_models
import pytest
from rendering.asking import call, contents, fine, refused

from engine.inference.vet import load
from engine.open_images import open_images
from engine.schema.controls import make_controls
from engine.schema.errors import DataError
from engine.schema.frame import U8
from engine.schema.model import Size
from export.imaging import Imaging, film, open_model
from export.render import Dance, Rendering

SIZE = (16, 24)


@pytest.fixture
def latents(tmp_path: Path) -> Path:
    return picture_models.latents_model(tmp_path / "latents.onnx", size=SIZE)


@pytest.fixture
def foresees(tmp_path: Path) -> Path:
    return picture_models.frames_model(tmp_path / "foresees.onnx")


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    """A square that goes down, as large as `foresees` wants it."""
    frames = np.zeros((6, 16, 16), np.uint8)
    for frame in range(6):
        frames[frame, 2 * frame : 2 * frame + 5, 4:9] = 250
    np.savez(tmp_path / "stack.npz", frames=frames, fps=10.0)
    return tmp_path / "stack.npz"


def rendered(path: Path, *seeds: int, **asked: object) -> list[U8]:
    model = open_model(str(path))
    assert isinstance(model, Imaging)
    rendering = model.checked(Rendering(seconds=1.0, **asked))  # type: ignore[arg-type]
    found = model.render(rendering, seeds)
    assert all(one.outline == model.outline(rendering) for one in found)
    return [one.pictures.lanes[0].pixels for one in found if one.pictures is not None]


@pytest.mark.parametrize("fps", [None, 25.0])
def test_pictures_are_those_of_a_show(latents: Path, fps: float | None) -> None:
    loaded, values = load(latents), {"temperature": 0.5, "latent/1": 0.4, "speed": 2.0}
    act = open_images(loaded, device="cpu", seed=3, fps=fps or loaded.spec.fps)
    count = round(fps or loaded.spec.fps)
    live = [act.frame(make_controls(values), None, hold=False).pixels.copy() for _ in range(count)]
    act.close()
    (found,) = rendered(latents, 3, controls=values, fps=fps)
    assert np.array_equal(found, np.stack(live))


@pytest.mark.parametrize("name", ["latents", "foresees"])
def test_other_seeds_with_it_change_nothing(name: str, request: pytest.FixtureRequest) -> None:
    path = request.getfixturevalue(name)
    one, two, three = rendered(path, 1, 2, 3)
    assert np.array_equal(one, rendered(path, 1)[0])
    assert np.array_equal(three, rendered(path, 3)[0])
    assert not (np.array_equal(one, two) and np.array_equal(two, three))


def test_a_film_that_is_given_is_seen_as_in_a_show(foresees: Path, stack: Path) -> None:
    given = film(str(stack), Size(height=16, width=16), 10.0)
    act = open_images(load(foresees), device="cpu", seed=1, fps=10.0)
    live = [act.frame(make_controls({}), next(given), hold=False).pixels.copy() for _ in range(10)]
    act.close()
    (found,) = rendered(foresees, 1, source=str(stack))
    assert np.array_equal(found, np.stack(live))
    assert not np.array_equal(found, rendered(foresees, 1)[0])


def test_a_film_begins_again_unless_it_is_to_end(stack: Path) -> None:
    size = Size(height=16, width=16)
    again = film(str(stack), size, 10.0)
    first = [next(again) for _ in range(12)]
    assert np.array_equal(first[0], first[6])
    assert len([*film(str(stack), size, 10.0, again=False)]) == 6


def test_files_of_many_takes_are_those_of_one(latents: Path, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    short = ("render", latents, "--seconds", "0.5", "--fps", "20")
    fine(call(*short, "--takes", "2", "--format", "npz", "--format", "gif", "--jobs", "1", "-o", folder))
    fine(call(*short, "--seed", "2", "-o", tmp_path / "one.npz"))
    assert contents(folder)["seed-2.npz"] == (tmp_path / "one.npz").read_bytes()
    again = call(
        *short, "--fps", "10", "--takes", "2", "--format", "npz", "--format", "gif", "--jobs", "1", "-o", folder
    )
    refused(again, "another rendering", "another folder")


def test_what_comes_stands_beside_what_is_foreseen(foresees: Path, stack: Path, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("c.npz", "c.png", "c.mp4")]
    words = [word for path in paths for word in ("-o", path)]
    fine(call("render", foresees, "--compare", "--source", stack, *words, "--size", "320x180"))
    truth = np.load(stack)["frames"]
    with np.load(paths[0]) as arrays:
        assert np.array_equal(arrays["what comes"], truth)  # the film is over before 2 x 4 pictures are
        assert int(arrays["given"]) == picture_models.CONTEXT
        assert not arrays["foreseen"][0].any()
        assert np.array_equal(arrays["apart"], np.abs(truth.astype(int) - arrays["foreseen"]).astype(np.uint8))
        seen = arrays["foreseen"]
    with av.open(str(paths[2])) as container:
        assert sum(1 for _ in container.decode(video=0)) == 6
    changed = truth.copy()
    changed[picture_models.CONTEXT :] = 0  # what it does not see changes nothing that it foresees
    np.savez(stack, frames=changed, fps=10.0)
    fine(call("render", foresees, "--compare", "--source", stack, "-o", paths[0]))
    assert np.array_equal(np.load(paths[0])["foreseen"], seen)


@pytest.mark.parametrize(
    ("model", "words", "expected"),
    [
        ("latents", ("-o", "{}/a.bvh"), ("a.bvh: pictures", "dance-%05d.png")),
        ("latents", ("-o", "{}/a.mp4", "--performers", "2"), ("--performers", "pictures")),
        ("latents", ("-o", "{}/a.mp4", "--fps", "0"), ("--fps", "1000")),
        ("latents", ("-o", "{}/a.mp4", "--seconds", "0.01"), ("--seconds", "one frame")),
        ("latents", ("-o", "{}/a.mp4", "--seconds", "1e9"), ("--seconds", "GB of memory")),
        ("latents", ("-o", "{}/a.mp4", "--set", "footlock=1"), ("footlock", "posed")),
        ("latents", ("-o", "{}/a.mp4", "--scale", "0"), ("--scale", "whole factor")),
        ("latents", ("-o", "{}/a.mp4", "--filter", "soft"), ("--filter", "bicubic")),
        ("latents", ("-o", "{}/a.mp4", "--colormap", "mud"), ("--colormap", "ember")),
        ("latents", ("-o", "{}/a.mp4", "--source", "{}/none.mp4"), ("none.mp4'; expected a film, a stack",)),
        ("latents", ("-o", "{}/a.mp4", "--source", "bodies"), ("--source", "a film")),
        ("latents", ("-o", "{}/a.mp4", "--compare"), ("--compare", "frames")),
        ("foresees", ("-o", "{}/a.mp4", "--compare"), ("--compare", "--source FILM")),
        ("foresees", ("-o", "{}/a.mp4", "--compare", "--takes", "2"), ("--compare", "one of both")),
        ("foresees", ("-o", "{}/a.mp4", "--compare", "--fps", "20"), ("--fps", "the model's own")),
        ("dance", ("-o", "{}/a.mp4", "--compare"), ("--compare", "dances")),
        ("dance", ("-o", "{}/a.mp4", "--fps", "20"), ("--fps", "these alone")),
        ("dance", ("-o", "{}/a.mp4", "--source", "x"), ("--source", "these alone")),
        (
            "dance",
            (
                "-o",
                "{}/a-%d.png",
            ),
            ("a-%d.png", "no pictures of a model"),
        ),
    ],
)
def test_mistakes_are_one_line_and_leave_nothing(
    model: str, words: tuple[str, ...], expected: tuple[str, ...], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path = model if model == "dance" else request.getfixturevalue(model)
    (tmp_path / "out").mkdir()
    refused(call("render", path, *(word.format(tmp_path / "out") for word in words)), *expected)
    assert [*(tmp_path / "out").iterdir()] == []


def test_a_model_without_an_encoder_is_given_nothing(tmp_path: Path, stack: Path) -> None:
    blind = picture_models.latents_model(tmp_path / "blind.onnx", size=SIZE, encoder=None)
    refused(call("render", blind, "--source", f"{stack}?fit=stretch", "-o", tmp_path / "a.mp4"), "takes no pictures")


def test_a_film_without_a_second_picture_cannot_be_compared(foresees: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "one.npy", np.zeros((1, 16, 16), np.uint8))
    words = ("render", foresees, "--compare", "--source", tmp_path / "one.npy", "-o", tmp_path / "a.mp4")
    refused(call(*words), "1 picture", "2 or more")


def test_models_are_opened_by_what_they_play(latents: Path) -> None:
    assert isinstance(open_model(str(latents)), Imaging)
    assert isinstance(open_model("dance"), Dance)
    with pytest.raises(DataError):
        next(film(str(latents), Size(height=16, width=16), 10.0))
