"""Recorded gloves are sent in time, and labels are counted for the signs that they are about."""

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import send_gloves
from send_gloves import Heard, Span, judge, schedule

from engine.gestures.recording import Gesture, gesture
from engine.wire import osc
from engine.wire.decode import decode


def signs(*words: str) -> list[Gesture]:
    return [gesture([[number, 0], [number, 1], [number, 2]], word, "s", "f") for number, word in enumerate(words)]


def test_samples_are_due_at_their_rate_with_nothing_between_signs() -> None:
    due = schedule(signs("a", "b"), 10, rest=0.5)
    assert [(round(at, 6), sign) for at, sign, _ in due] == [(0, 0), (0.1, 0), (0.2, 0), (0.8, 1), (0.9, 1), (1.0, 1)]
    assert [each.values.tolist() for each in due[2:4]] == [[0, 2], [1, 0]]


def test_or_the_last_sample_goes_on_and_belongs_to_no_sign() -> None:
    due = schedule(signs("a", "b"), 10, rest=0.2, held=True)
    assert [sign for _, sign, _ in due] == [0, 0, 0, None, None, 1, 1, 1, None, None]
    assert np.diff([at for at, _, _ in due]) == pytest.approx(0.1)
    assert due[4].values.tolist() == [0, 2]


def test_labels_count_for_the_sign_that_was_sent_last() -> None:
    spans = [Span(number, number + 0.6) for number in range(4)]
    heard = [
        Heard(-0.2, "a", 0.9),  # before anything was sent
        Heard(0.7, "a", 0.9),
        Heard(0.8, "a", 0.9),  # again
        Heard(1.7, "c", 0.9),  # for b
        Heard(1.8, "b", 0.9),  # too late
        Heard(3.1, "c", 0.9),  # for the third: it comes as the next one begins
    ]
    found = judge(signs("a", "b", "c", "d"), spans, heard)
    assert (found.signs, found.right, found.accuracy) == (4, 2, 0.5)
    assert (found.wrong, found.missed, found.doubled, found.false) == ([("b", "c")], ["d"], 1, 2)
    assert found.delays == pytest.approx([0.1, 0.5])
    said = "\n".join(send_gloves.told(found))
    assert "2 of 4 signs recognised, 50.0 %\nmissed 1, doubled 1, false 2, wrong 1\n  b was told as c\n" in said


def test_only_labels_are_heard() -> None:
    datagram = osc.bundle([osc.encode("/engine/sign/label", "a", 0.5), osc.encode("/engine/sign/other", "b", 0.5)])
    assert list(send_gloves.labels(datagram, "/engine", 1.0)) == [Heard(1.0, "a", 0.5)]
    assert not list(send_gloves.labels(datagram, "/left", 1.0))
    assert not list(send_gloves.labels(b"stranger", "/engine", 1.0))


@pytest.fixture
def show() -> Iterator[int]:
    """Something that tells who subscribed about a sign with the third sample of each; its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.settimeout(0.05)
        over = threading.Event()

        def play() -> None:
            guest: tuple[str, int] | None = None
            while not over.is_set():
                try:
                    (message,) = decode(ear.recv(4096))
                except TimeoutError:
                    continue
                match message.address, message.arguments:
                    case "/engine/subscribe", (_, int(port), _):
                        guest = ("127.0.0.1", port)
                    case "/engine/in/glove", (number, 2.0) if guest is not None:
                        word = "circle" if number == 0 else "wave"
                        ear.sendto(osc.encode("/engine/sign/label", word, 0.9), guest)

        thread = threading.Thread(target=play)
        thread.start()
        yield ear.getsockname()[1]
        over.set()
        thread.join()


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    rows = [f"{word},{number},{row}" for number, word in enumerate(("circle", "fold")) for row in range(3)]
    path = tmp_path / "signs.csv"
    path.write_text("\n".join(["label,x,y", *rows]) + "\n")
    return path


@pytest.mark.live
def test_a_show_is_sent_to_and_heard(
    show: int, recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(send_gloves, "LEAD", 0.15)
    monkeypatch.setattr(send_gloves, "LAST", 0.2)
    monkeypatch.setattr(send_gloves, "SETTLING", 0.0)
    written = tmp_path / "heard.json"
    asked = [str(recording), "--port", str(show), "--rest", "0.2", "--json", str(written)]
    assert send_gloves.main(asked) == 0
    found = json.loads(written.read_text())
    assert (found["signs"], found["right"], found["wrong"], found["missed"]) == (2, 1, [["fold", "wave"]], [])
    assert "1 of 2 signs recognised, 50.0 %" in capsys.readouterr().out


@pytest.mark.live
def test_nothing_heard_is_said(
    recording: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(send_gloves, "LEAD", 0.0)
    monkeypatch.setattr(send_gloves, "LAST", 0.0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        assert send_gloves.main([str(recording), "--port", str(deaf.getsockname()[1]), "--joined"]) == 1
    assert "no label was heard" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["none.csv"], "none.csv: No such file or directory; expected a readable file"),
        (["synthetic", "--speed", "0"], "--speed and --signs are over 0"),
        (["synthetic", "--held", "1", "--joined"], "not allowed with argument"),
        (["synthetic", "--session", "monday"], "no session 'monday' in synthetic; there: synthetic"),
    ],
)
def test_what_makes_no_sense_is_one_line(given: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        send_gloves.main(given)
    assert said in capsys.readouterr().err + str(ended.value)
