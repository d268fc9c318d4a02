"""Acts that read signs as a person writes them."""

from pathlib import Path

import pytest

from engine import bundled, config, plugins
from engine.gestures.open_recording import read as read_gloves
from engine.schema.errors import ConfigError
from engine.schema.show import Cue, Glove, Show

CONFIGS = Path(__file__).parents[1] / "configs"


def read(folder: Path, text: str) -> tuple[Show, list[str]]:
    path = folder / "show.toml"
    path.write_text(text, encoding="utf-8")
    (folder / "mine.onnx").touch()
    found = [str(mistake) for mistake in config.check(path, {})]
    return (Show() if found else config.load(path, {})), found


def test_gloves_and_the_signs_of_cues(tmp_path: Path) -> None:
    show, found = read(
        tmp_path,
        """
        [act]
        model = "mine.onnx"
        source = "synthetic"
        loop = true
        glove = { rate = 61, channels = [3, 1], scale = [0.5, 2], offset = [-1.5] }
        [act.controls]
        certainty = 0.7
        [[cues]]
        name = "storm"
        sign = "boat"
        controls = { "sign/early" = 0.9 }
        """,
    )
    assert not found
    (act,) = show.acts
    assert act.glove == Glove(rate=61, channels=(3, 1), scale=(0.5, 2.0), offset=(-1.5,))
    assert (act.source, act.loop) == (str(bundled.GLOVES / "synthetic.csv"), True)
    assert act.controls.certainty == 0.7
    assert show.cues == (Cue(name="storm", sign="boat", controls={"sign/early": 0.9}),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[act.glove]\nrats = 50",
            "act.glove.rats: no such key (did you mean 'rate'?); expected one of rate",
        ),
        ("[act.glove]\nrate = 0", "act.glove.rate: 0; expected samples per second, 1 to 1000"),
        ("[act.glove]\nrate = 'fast'", "act.glove.rate: 'fast'; expected samples per second, 1 to 1000"),
        ("[act.glove]\nchannels = [-1]", "act.glove.channels[0]: -1; expected the number of a channel, from 0"),
        ("[act]\nglove = 3", "act.glove: 3; expected a table [act.glove]"),
        (
            "[[cues]]\nname = 'a'\nsign = 'x'\n[[cues]]\nname = 'b'\nsign = 'x'",
            "cues[1].sign: 'x' for the second time; expected one cue for a sign",
        ),
        ("[[cues]]\nname = 'a'\nglove = {}", "cues[0].glove: no such key"),
        ("[act.glove]\nchannels = [0, 5000]", "act.glove.channels[1]: 5000; expected the number of a channel, from 0"),
        ("[act.glove]\nscale = ['x']", "act.glove.scale[0]: 'x'; expected a number"),
        ("[act]\nsource = 'synthetical'", "act.source: no such file or folder"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, expected: str, tmp_path: Path) -> None:
    _, (mistake,) = read(tmp_path, text)
    assert mistake.startswith(expected)


def test_what_is_there_comes_before_gloves_that_come_along(tmp_path: Path) -> None:
    assert config.find_source("synthetic", tmp_path, "here") == str(bundled.GLOVES / "synthetic.csv")
    (tmp_path / "synthetic").mkdir()
    assert config.find_source("synthetic", tmp_path, "here") == str(tmp_path / "synthetic")
    with pytest.raises(ConfigError, match="recorded gloves that are there"):
        config.find_source("none", tmp_path, "here")


@pytest.mark.parametrize("name", ["sign", "dance_and_sign"])
def test_the_shows_that_come_along_call_cues_by_signs_of_their_recording(name: str, tmp_path: Path) -> None:
    text = (CONFIGS / f"{name}.toml").read_text(encoding="utf-8")
    assert 'model = "synthetic_signs"' in text
    (tmp_path / "show.toml").write_text(text.replace('"synthetic_signs"', '"mine.onnx"'), encoding="utf-8")
    (tmp_path / "mine.onnx").touch()
    show = config.load(tmp_path / "show.toml", plugins.options())
    act = next(act for act in show.acts if act.name == "sign")
    assert (act.source, act.loop) == (str(bundled.GLOVES / "synthetic.csv"), True)
    called = [cue.sign for cue in show.cues]
    assert called
    assert set(called) <= set(read_gloves(bundled.GLOVES / "synthetic.csv").labels)
