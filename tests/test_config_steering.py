"""Cues, a broker and MIDI inputs as a show file has them, and what can be wrong with them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine import bundled, config
from engine.schema.errors import ConfigError
from engine.schema.show import Cue, Mapping, Midi, Mqtt, Performer, Prime, Takes

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(text: str) -> Path:
        path = tmp_path / "show.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_a_cue_says_what_it_changes(write: Write) -> None:
    show = config.load(
        write(
            """
            [[cues]]
            name = "storm"
            controls = { temperature = 1.4, performers = 3, "latent/2" = 0.1 }
            transition = 4
            curve = "in"
            [[cues]]
            name = "solo"
            seed = 7
            model = "dance"
            prime = { clip = 3, frame = 10 }
            performer = [{ number = 2, x = 1.0, seed = 5, controls = { blend = 0.5 } }]
            """
        ),
        {},
    )
    storm = Cue(
        name="storm",
        controls={"temperature": 1.4, "performers": 3, "latent/2": 0.1},
        transition=4,
        curve="in",
    )
    second = Performer(number=2, x=1.0, seed=5, controls={"blend": 0.5})
    path = str(bundled.MODELS / "dance.onnx")
    solo = Cue(name="solo", seed=7, model=path, prime=Prime(clip=3, frame=10), performer=(second,))
    assert show.cues == (storm, solo)


def test_a_broker_and_midi_inputs(write: Write, tmp_path: Path) -> None:
    (tmp_path / "own.pem").write_text("")
    show = config.load(
        write(
            """
            [mqtt]
            host = "broker.local"
            user = "show"
            password = "secret"
            tls = true
            ca = "own.pem"
            [[midi]]
            port = "nano"
            map = [{ control = 7, channel = 2, to = "p2/blend", low = 0.2 }, { note = 36, to = "go", value = "storm" }]
            """
        ),
        {},
    )
    ca = str(tmp_path / "own.pem")
    assert show.mqtt == Mqtt(host="broker.local", user="show", password="secret", tls=True, ca=ca)  # noqa: S106
    fader = Mapping(to="p2/blend", control=7, channel=2, low=0.2)
    assert show.midi == (Midi(port="nano", map=(fader, Mapping(to="go", note=36, value="storm"))),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[cues]]\nseed = 1", "cues[0].name: nothing; expected letters, digits, - and _"),
        (
            "[[cues]]\nname = 'a'\n[[cues]]\nname = 'a'",
            "cues[1].name: 'a' for the second time; expected each name once",
        ),
        ("[[cues]]\nname = 'a'\ncurve = 'round'", "cues[0].curve: 'round'; expected 'linear', 'smooth', 'in' or 'out'"),
        ("[[cues]]\nname = 'a'\ntransition = -1", "cues[0].transition: -1; expected seconds, 0 to 600"),
        ("[[cues]]\nname = 'a'\nmodel = 'jazz'", "cues[0].model: no model 'jazz'; expected an .onnx file"),
        ("[[cues]]\nname = 'a'\nprime = 3", "cues[0].prime: 3; expected a table of clip, frame"),
        ("[[cues]]\nname = 'a'\ncontrols = { seed = 1 }", "cues[0].controls.seed: no such key"),
        (
            "[[cues]]\nname = 'a'\ncontrols = { performers = 257 }",
            "cues[0].controls.performers: 257; expected a whole number from 0 to 256",
        ),
        (
            "[[cues]]\nname = 'a'\n[[cues.performer]]\nnumber = 1\ncontrols = { speed = 2 }",
            "cues[0].performer[0].controls.speed: no such key",
        ),
        ("cues = 3", "cues: 3; expected [[cues]] tables"),
        ("[mqtt]\nport = 1883", "mqtt.host: nothing; expected some text"),
        ("[mqtt]\nhost = 'b'\nnode = 'a/b'", "mqtt.node: 'a/b'; expected letters, digits, - and _"),
        ("[mqtt]\nhost = 'b'\nbase = '#'", "mqtt.base: '#'; expected letters, digits, - _ . /"),
        ("[mqtt]\nhost = 'b'\nca = 'none.pem'", "none.pem'; expected a file that is there"),
        ("[[midi]]\nport = ''", "midi[0].port: ''; expected some text"),
        ("[[midi]]\nport = 'a'\nmap = [{ note = 3 }]", "midi[0].map[0].to: nothing; expected some text"),
        (
            "[[midi]]\nport = 'a'\nmap = [{ note = 128, to = 'go' }]",
            "midi[0].map[0].note: 128; expected a whole number from 0 to 127",
        ),
        ("[show]\nlatency = 'low'", "show.latency: 'low'; expected 'steady' or 'latch'"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, expected: str, write: Write) -> None:
    with pytest.raises(ConfigError) as caught:
        config.load(write(text), {})
    assert expected in str(caught.value)


def test_where_a_show_is_recorded(write: Write, tmp_path: Path) -> None:
    show = config.load(write("[takes]\nfolder = 'mine'\nrecord = true\nrotate = 5"), {})
    assert show.takes == Takes(folder=str(tmp_path / "mine"), record=True, rotate=5)
    assert config.load(write("[takes]\nfolder = '/abs'"), {}).takes.folder == "/abs"
    assert config.load(write("[takes]\nrecord = true"), {}).takes == Takes(folder="takes", record=True)
    assert config.load(write(""), {}).takes == Takes()


def test_what_is_wrong_with_it_is_named(write: Write) -> None:
    mistakes = config.check(write("[takes]\nfolder = ''\nrecord = 1\nrotate = 2.5\nsize = 3"), {})
    assert [mistake.place for mistake in mistakes] == ["takes.folder", "takes.record", "takes.rotate", "takes.size"]


def test_a_cue_may_record_and_an_act_may_not(write: Write) -> None:
    assert config.check(write("[[cues]]\nname = 'a'\ncontrols = { record = 1 }"), {}) == []
    mistakes = config.check(write("[act.controls]\nrecord = 1"), {})
    assert [mistake.place for mistake in mistakes] == ["act.controls.record"]
