"""`engine-export perform`: a score with other velocities, what it prints, and one line for every mistake."""

import json
from pathlib import Path

import numpy as np
import pianos
import pytest
from matplotlib.image import imread
from midi_bytes import file, off, on, pedal, save, scale, tempo
from typer.testing import CliRunner, Result

import engine.models
from engine.bundled import SCORES
from engine.inference.vet import load
from engine.midi import file as midi_file
from engine.open_pianist import open_pianist
from engine.schema.note import Pedal
from export import cli
from export.midi_patch import open_piece, patched

LINE = 400

TWO_HANDS = file(
    tempo(0, 400_000) + on(0, 36, 99, 10) + off(5, 36, 10),
    pedal(0, 90) + scale(range(60, 84), 70, 120),
    scale(range(10, 48), 50, 100) + pedal(0, 0),
)


def call(*words: object) -> Result:
    return CliRunner().invoke(cli.app, ["perform", *map(str, words)])


def refused(result: Result, *expected: str) -> None:
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 2, result.output
    assert result.stderr.count("\n") == 1, result.stderr
    assert len(result.stderr) < LINE
    for words in expected:
        assert words in result.stderr


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pianos.tiny(tmp_path_factory.mktemp("model") / "tiny.onnx")


@pytest.fixture
def score(tmp_path: Path) -> Path:
    return save(tmp_path / "score.mid", TWO_HANDS)


def velocities(path: Path) -> list[int]:
    return [note.velocity for note in open_piece(path).strikes]


def test_every_key_has_what_the_pianist_gives_it_and_all_else_is_as_it_was(
    model: Path, score: Path, tmp_path: Path
) -> None:
    out = tmp_path / "new" / "performed.mid"
    result = call(score, "-o", out, "--model", model, "--temperature", 1, "--seed", 7)
    assert result.exit_code == 0, result.output
    assert f"{out}: 62 notes by tiny piano, velocity " in result.stdout
    assert "1 notes of drums kept theirs" in result.stdout
    pianist = open_pianist(load(model), seed=7)
    expected = []
    for at, event, _, _ in midi_file.contents(TWO_HANDS, "x").events:
        if isinstance(event, Pedal):
            pianist.pedal(at, event.value)
        elif event.velocity:
            expected.append(pianist.press(at, event.number, event.velocity))
        else:
            pianist.release(at, event.number)
    pianist.close()
    assert velocities(out) == expected
    assert len(set(expected)) > 10
    done, places = out.read_bytes(), set(open_piece(score).places)
    assert [byte for index, byte in enumerate(done) if index not in places] == [
        byte for index, byte in enumerate(TWO_HANDS) if index not in places
    ]


def test_by_default_it_is_the_mean_whatever_the_seed(model: Path, score: Path, tmp_path: Path) -> None:
    for name, words in {"a": (), "b": ("--seed", 2), "c": ("--temperature", 1), "d": ("--temperature", 0)}.items():
        assert call(score, "-o", tmp_path / name, "--model", model, *words).exit_code == 0
    files = {name: (tmp_path / name).read_bytes() for name in "abcd"}
    assert files["a"] == files["b"] == files["d"]
    assert files["a"] != files["c"]


def test_knobs_are_those_of_a_show(model: Path, score: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mid"

    def played(*words: object) -> list[int]:
        assert call(score, "-o", out, "--model", model, "--temperature", 1, *words).exit_code == 0
        return velocities(out)

    assert played("--own", 1) == velocities(score)
    assert len(set(played("--contrast", 0))) == 1
    assert set(played("--softest", 50, "--loudest", 60)) <= set(range(50, 61))
    assert min(played("--softest", 50)) == 50
    assert np.mean(played("--loudness", 90)) == pytest.approx(np.mean(played("--loudness", 70)) + 20, abs=1)


def test_a_bundled_score_is_known_by_its_name(model: Path, tmp_path: Path) -> None:
    assert call("nocturne", "-o", tmp_path / "out.mid", "--model", model).exit_code == 0
    assert len((tmp_path / "out.mid").read_bytes()) == (SCORES / "nocturne.mid").stat().st_size


def test_it_is_held_against_an_original(model: Path, score: Path, tmp_path: Path) -> None:
    original = save(tmp_path / "original.mid", TWO_HANDS.replace(bytes((60, 70)), bytes((60, 90))))
    out, report = tmp_path / "out.mid", tmp_path / "out.json"
    result = call(score, "-o", out, "--model", model, "--compare", original, "--json", report, "--seed", 3)
    assert result.exit_code == 0, result.output
    told = json.loads(report.read_text())
    one, other = np.array(velocities(out)), np.array(velocities(original))
    assert told["mae"] == pytest.approx(np.abs(one - other).mean())
    assert told["rmse"] == pytest.approx(np.sqrt(((one - other) ** 2).mean()))
    assert told["correlation"] == pytest.approx(np.corrcoef(one, other)[0, 1])
    assert (told["predicted_std"], told["true_std"]) == pytest.approx((one.std(), other.std()))
    assert (told["notes"], told["drums"], told["broken"], told["seed"]) == (62, 1, 0, 3)
    assert told["controls"]["temperature"] == 0
    line = result.stdout.splitlines()[-1]
    for word in ("mae", "rmse", "correlation", "predicted_std", "true_std"):
        assert f"{word} {told[word]:.{3 if word == 'correlation' else 2}f}" in line


def test_nothing_correlates_with_what_is_flat(model: Path, score: Path, tmp_path: Path) -> None:
    report = tmp_path / "out.json"
    words = ("-o", tmp_path / "out.mid", "--model", model, "--json", report)
    result = call(score, *words, "--contrast", 0, "--compare", score)
    assert "correlation -," in result.stdout
    assert json.loads(report.read_text())["correlation"] is None
    assert call(score, *words).exit_code == 0
    assert json.loads(report.read_text())["mae"] is None


def test_a_picture_is_drawn(model: Path, score: Path, tmp_path: Path) -> None:
    words = (score, "-o", tmp_path / "out.mid", "--model", model, "--plot", tmp_path / "roll.png")
    assert call(*words).exit_code == 0
    alone = imread(tmp_path / "roll.png")
    assert call(*words, "--compare", score).exit_code == 0
    assert imread(tmp_path / "roll.png").shape[0] > 1.5 * alone.shape[0]


def test_an_original_of_other_notes_is_one_line(model: Path, score: Path, tmp_path: Path) -> None:
    for data, expected in (
        (TWO_HANDS.replace(bytes((61, 70)), bytes((62, 70))), ("key 62", "key 61")),
        (file(scale((1,))), ("note 1 is key 1",)),
        (file(pedal(0, 90) + scale((10,)), scale((60,))), ("2 notes", "62 as in")),
    ):
        original = save(tmp_path / "original.mid", data)
        result = call(score, "-o", tmp_path / "out.mid", "--model", model, "--compare", original)
        refused(result, str(original), "score.mid", *expected[:1])
        assert not (tmp_path / "out.mid").exists()


def test_nothing_that_is_read_is_written_over(model: Path, score: Path, tmp_path: Path) -> None:
    original = save(tmp_path / "original.mid", TWO_HANDS)
    (tmp_path / "link.mid").symlink_to(score)
    (tmp_path / "hard.mid").hardlink_to(score)
    (tmp_path / "folder").mkdir()
    words = ("--model", model, "--compare", original)
    for out in (score, tmp_path / "folder/../score.mid", tmp_path / "link.mid", tmp_path / "hard.mid"):
        refused(call(score, "-o", out, *words), "--out", "is the score too")
    refused(call(score, "-o", original, *words), "is the original too")
    refused(call(score, "-o", model, *words), "is the model too")
    out = tmp_path / "out.mid"
    refused(call(score, "-o", out, "--plot", out, *words), "--plot", "is --out too")
    refused(call(score, "-o", out, "--json", score, *words), "--json", "is the score too")
    assert score.read_bytes() == original.read_bytes() == TWO_HANDS
    assert not out.exists()


def test_mistakes_are_one_line_and_write_nothing(model: Path, score: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mid"
    words = ("-o", out, "--model", model)
    refused(call(tmp_path / "none.mid", *words), "SCORE: no such file", "none.mid")
    refused(call(save(tmp_path / "a.mid", b"hello"), *words), "a.mid: it begins with b'hell'")
    refused(call(save(tmp_path / "b.mid", TWO_HANDS[:90]), *words), "b.mid: track 2: cut off")
    refused(call(save(tmp_path / "c.mid", file(on(0, 36, 9, 10))), *words), "no notes but 1 on drums")
    refused(call(score, "-o", out, "--model", tmp_path / "none.onnx"), "none.onnx")
    refused(call(score, "-o", out, "--model", score), "score.mid", "model")
    refused(call(score, *words, "--temperature", 9), "temperature", "from 0 to 2")
    refused(call(score, *words, "--own", "nan"), "own", "from 0 to 1")
    refused(call(score, *words, "--seed", -1), "seed", "from 0")
    refused(call(score, "-o", score / "x", "--model", model), str(score / "x"))
    assert not out.exists()


def test_without_listening_a_score_gets_what_its_flat_copy_gets(score: Path, tmp_path: Path) -> None:
    """And with it something else; both with the model that comes along."""
    piece = open_piece(score)
    flat = save(tmp_path / "copy.mid", patched(piece, [50] * len(piece.strikes)))
    found = {}
    for name, source, option in (
        ("heard", score, "--listen"),
        ("deaf", score, "--no-listen"),
        ("flat", flat, "--listen"),
    ):
        result = call(source, "-o", tmp_path / f"{name}.mid", option, "--json", tmp_path / f"{name}.json")
        assert result.exit_code == 0, result.output
        found[name] = velocities(tmp_path / f"{name}.mid")
        assert json.loads((tmp_path / f"{name}.json").read_text())["heard"] == (name == "heard")
        assert ("--no-listen" in result.stdout) == (name == "heard")
    assert found["deaf"] == found["flat"] != found["heard"]


def test_a_model_that_dances_is_one_line(score: Path, tmp_path: Path) -> None:
    dance = Path(engine.models.__file__).parent / "dance.onnx"
    refused(call(score, "-o", tmp_path / "out.mid", "--model", "dance"), "keys", "dance")
    refused(call(score, "-o", tmp_path / "out.mid", "--model", dance), "keys")
    assert not (tmp_path / "out.mid").exists()


def test_the_help_tells_of_it() -> None:
    result = CliRunner().invoke(cli.app, ["--help"])
    assert "perform" in result.stdout
