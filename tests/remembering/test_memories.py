"""What networks remember, as their acts have it."""

from pathlib import Path

import msgspec
import numpy as np
import pianos
import picture_models
import pytest
import sign_models
import tiny
import toy
from remembering import signed

from engine import plugins
from engine.bundled import find_score
from engine.inference.open_model import open_model
from engine.inference.vet import load
from engine.midi import file as midi_file
from engine.open_pianist import open_pianist
from engine.schema.errors import DataError, ModelError
from export import memories, remembered
from export.memories import chosen, of_part, own_source
from export.perform import strike
from export.remembered import Run


def test_layers_are_looked_at_by_what_they_give_and_not_by_their_cells() -> None:
    spec = pianos.spec(pianos.weights())
    assert [spec.state[number].input for number in chosen(spec, "last")] == ["h1"]
    assert [spec.state[number].input for number in chosen(spec, "all")] == ["h0", "h1"]


def test_a_memory_of_pictures_or_none_has_no_path() -> None:
    with pytest.raises(ModelError, match="it remembers pictures"):
        chosen(picture_models.frames_spec((16, 16)))
    with pytest.raises(ModelError, match="a model that remembers"):
        chosen(msgspec.structs.replace(pianos.spec(pianos.weights()), state=()))
    with pytest.raises(ModelError, match="'tiny'"):
        chosen(tiny.lstm_spec())


def test_signs_begin_from_nothing_and_are_told_right_from_wrong(tmp_path: Path) -> None:
    loaded = load(sign_models.signs_model(tmp_path / "signs.onnx"))
    found = memories.memories(loaded, (0,), Run(source=str(signed.record(tmp_path / "glove"))))
    assert sorted({stream.part for stream in found}) == ["test", "train", "validation"]
    assert len(of_part(found, "train")) == 2 * 3
    recogniser = plugins.recogniser("signs")(loaded, "cpu")
    for stream in found:
        assert stream.seen is not None
        recogniser.restart()
        for values, state in zip(stream.seen, stream.states, strict=True):
            recogniser.sample(values)
            np.testing.assert_array_equal(state, recogniser.state()[0].ravel())
        assert stream.right == (loaded.spec.labels[recogniser.probabilities.argmax()] == stream.label)
    recogniser.close()


def test_a_sign_that_the_model_does_not_know_is_not_right(tmp_path: Path) -> None:
    words = tuple("vwxyz")
    loaded = load(sign_models.signs_model(tmp_path / "signs.onnx", words=words))
    found = memories.memories(loaded, (0,), Run(source=str(signed.record(tmp_path / "glove"))))
    assert not any(stream.right for stream in found)


def test_signs_of_other_gloves_are_refused(tmp_path: Path) -> None:
    loaded = load(sign_models.signs_model(tmp_path / "signs.onnx"))
    for session in signed.SESSIONS:
        (tmp_path / session).mkdir()
        np.savetxt(tmp_path / session / "apple-1.tsd", np.zeros((9, 3)))
    with pytest.raises(DataError, match="22"):
        memories.memories(loaded, (0,), Run(source=str(tmp_path)))


def test_a_pianist_remembers_of_a_score_what_one_on_stage_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = load(pianos.tiny(tmp_path / "piano.onnx"))
    (found,) = memories.memories(loaded, (0, 2))
    pianist = open_pianist(loaded, seed=1)
    states = []
    press = pianist.press

    def pressed(at: int, number: int, own: int) -> int:
        velocity = press(at, number, own)
        states.append(pianist._model.state())
        return velocity

    monkeypatch.setattr(pianist, "press", pressed)
    events = midi_file.read(find_score("nocturne", Path(), "")).events
    strike(pianist, events[:200])
    pianist.close()
    live = np.stack([np.concatenate([state[0].ravel(), state[2].ravel()]) for state in states])
    assert len(live) > 50
    np.testing.assert_allclose(found.states[: len(live)], live, atol=1e-6)


def test_dances_run_free_side_by_side_and_are_split_by_run(tmp_path: Path) -> None:
    loaded = load(toy.write(tmp_path / "toy.onnx"))
    found = memories.memories(loaded, (0,), Run(minutes=0.01))
    assert [len(of_part(found, part)) for part in remembered.PARTS] == list(remembered.RUNS)
    assert len({stream.name for stream in found}) == sum(remembered.RUNS)
    assert all(stream.states.shape == (18, 1) for stream in found)
    bodies = [stream.seen for stream in found if stream.seen is not None]
    assert [body.shape for body in bodies] == sum(remembered.RUNS) * [(18, toy.JOINTS, 3)]
    assert not np.array_equal(bodies[0], bodies[1])


def test_streams_of_other_lengths_remember_as_alone(tmp_path: Path) -> None:
    loaded = load(pianos.tiny(tmp_path / "piano.onnx"))
    draw = np.random.default_rng(1)
    inputs = [draw.normal(size=(length, loaded.spec.features)).astype(np.float32) for length in (5, 9)]
    together = remembered._forced(loaded, inputs, (2,))
    one = np.ones(1, np.float32)
    for x, found in zip(inputs, together, strict=True):
        model = open_model(loaded, 1)
        for row, state in zip(x, found, strict=True):
            model.step(row[None], one, one, one)
            np.testing.assert_allclose(state, model.state()[2].ravel(), atol=1e-6)
        model.close()


def test_latent_numbers_run_free_without_a_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "RUNS", (1, 1, 1))
    loaded = load(picture_models.latents_model(tmp_path / "latents.onnx"))
    found = memories.memories(loaded, chosen(loaded.spec), Run(minutes=0.02))
    assert [stream.part for stream in found] == list(remembered.PARTS)
    assert len(found[0].states) == round(0.02 * 60 * loaded.spec.fps)
    assert not np.array_equal(found[0].states, found[1].states)


def test_who_is_shown_something_is_shown_what_it_learned_from() -> None:
    piano = msgspec.structs.replace(pianos.spec(pianos.weights()), training={"data": "piano"})
    assert own_source(piano) == "piano"
    assert own_source(msgspec.structs.replace(toy.SPEC, training={"data": "cmu"})) == ""
