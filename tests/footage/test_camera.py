"""Cameras, of which this machine has none: FFmpeg's test picture stands in."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.footage import camera
from engine.footage.camera import CameraFeed, Device
from engine.schema.errors import ConfigError, DataError
from engine.schema.frame import U8

PICTURE = Device("camera test", "lavfi", "testsrc=size=64x48:rate=30,realtime")
"""Moves, thirty times a second, as long as somebody looks."""

SHORT = Device("camera short", "lavfi", "testsrc=size=64x48:rate=50:duration=0.1,realtime")
"""Is unplugged after 0.1 s."""


def same(picture: U8) -> U8:
    return picture


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.002)


@pytest.fixture
def closing() -> Iterator[list[CameraFeed]]:
    feeds: list[CameraFeed] = []
    yield feeds
    for feed in feeds:
        feed.close()
        feed.close()


def test_the_newest_picture_is_given(closing: list[CameraFeed]) -> None:
    said: list[str] = []
    feed = CameraFeed(PICTURE, same, said.append)
    closing.append(feed)
    assert feed.take(0) is None
    feed.start()
    first = feed.take(0)
    assert first is not None
    assert first.shape == (48, 64)
    until(lambda: not np.array_equal(first, feed.take(0)))  # type: ignore[arg-type]
    assert not said


def test_one_that_is_unplugged_is_told_once_and_opened_again(
    closing: list[CameraFeed], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera, "AGAIN", 0.02)
    said: list[str] = []
    feed = CameraFeed(SHORT, same, said.append)
    closing.append(feed)
    feed.start()
    until(lambda: len(said) >= 3)
    assert said[0] == "camera short gives no pictures (no pictures); it is tried again until it does"
    assert said[1] == "camera short is back"
    assert said[2] == said[0]


def test_one_that_stays_away_gives_nothing_and_is_told_once(
    closing: list[CameraFeed], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera, "AGAIN", 0.01)
    said: list[str] = []
    feed = CameraFeed(SHORT, same, said.append)
    closing.append(feed)
    feed.start()
    monkeypatch.setattr(feed, "_device", Device("camera short", "lavfi", "no_such_filter"))
    until(lambda: feed.take(0) is None and bool(said))
    time.sleep(0.1)
    assert len(said) == 1


def test_one_that_is_not_there_is_refused() -> None:
    feed = CameraFeed(Device("camera none", "v4l2", "/dev/video99"), same, print)
    with pytest.raises(ConfigError, match="camera none: No such file or directory; expected a camera that gives"):
        feed.start()


def test_what_cannot_be_prepared_is_refused_as_it_is(closing: list[CameraFeed]) -> None:
    def prepare(_: U8) -> U8:
        raise DataError("crop", "too large", "smaller")

    feed = CameraFeed(PICTURE, prepare, print)
    closing.append(feed)
    with pytest.raises(DataError, match="crop: too large"):
        feed.start()


def test_linux_knows_cameras_by_number_and_by_parts_of_names(tmp_path: Path) -> None:
    for number, name in ((0, "Integrated Webcam"), (2, "HDMI Grabber"), (10, "HDMI Other")):
        (tmp_path / f"video{number}").mkdir()
        (tmp_path / f"video{number}" / "name").write_text(f"{name}\n")
    found = {name: camera._linux(name, tmp_path).address for name in ("", "2", "hdmi", "other", "/dev/video7")}
    assert found == {
        "": "/dev/video0",
        "2": "/dev/video2",
        "hdmi": "/dev/video2",
        "other": "/dev/video10",
        "/dev/video7": "/dev/video7",
    }
    assert camera._linux("hdmi", tmp_path).label == "camera HDMI Grabber (/dev/video2)"
    with pytest.raises(ConfigError, match=r"camera:sony: no such camera.*Integrated Webcam \(0\), HDMI Grabber \(2\)"):
        camera._linux("sony", tmp_path)
    with pytest.raises(ConfigError, match=r"camera: no such camera; expected one that is there \(none\)"):
        camera._linux("", tmp_path / "nothing")


def test_other_systems_name_them_in_their_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    assert camera.find("", "darwin")[1:3] == ("avfoundation", "0:none")
    assert camera.find("FaceTime", "darwin").address == "FaceTime:none"
    assert camera.find("Logi", "win32")[1:3] == ("dshow", "video=Logi")

    def nobody(_: str) -> Any:
        return []

    monkeypatch.setattr("av.device.enumerate_input_devices", nobody, raising=False)
    with pytest.raises(ConfigError, match="expected camera:NAME"):
        camera.find("", "win32")
