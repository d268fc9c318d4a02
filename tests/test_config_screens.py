"""Screens as a person writes them, in a file and on a command line."""

from pathlib import Path

import pytest

from engine import config, plugins
from engine.receivers import Context, from_url
from engine.schema.errors import ConfigError
from engine.schema.show import Screen, Show
from engine.screens import mjpeg, shm

CONTEXT = Context("--screen", Path(), plugins.screen_options(), Screen)


def read(folder: Path, text: str) -> tuple[Show, list[str]]:
    path = folder / "show.toml"
    path.write_text(text, encoding="utf-8")
    found = [str(mistake) for mistake in config.check(path, plugins.options(), plugins.screen_options())]
    return (Show() if found else config.load(path, plugins.options(), plugins.screen_options())), found


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("mjpeg://127.0.0.1:9103", Screen(kind="mjpeg", port=9103)),
        (
            "mjpeg://localhost:80?scale=4&filter=bicubic&colormap=ink&invert=true",
            Screen(kind="mjpeg", host="localhost", port=80, scale="4", filter="bicubic", colormap="ink", invert=True),
        ),
        ("mjpeg://[::1]:9103?scale=1920x1080", Screen(kind="mjpeg", host="::1", port=9103, scale="1920x1080")),
        (
            "mjpeg://192.0.2.1:9103?allow=192.0.2.0/24,198.51.100.7",
            Screen(
                kind="mjpeg",
                host="192.0.2.1",
                port=9103,
                options=mjpeg.Options(allow=("192.0.2.0/24", "198.51.100.7")),
            ),
        ),
        ("shm://figurant", Screen(kind="shm", host="figurant")),
        ("shm://figurant?slots=4", Screen(kind="shm", host="figurant", options=shm.Options(slots=4))),
        ("ndi://The%20Stage?scale=2", Screen(kind="ndi", host="The Stage", scale="2")),
        ("spout://figurant", Screen(kind="spout", host="figurant")),
        ("syphon://figurant", Screen(kind="syphon", host="figurant")),
        ("v4l2:///dev/video10", Screen(kind="v4l2", host="/dev/video10")),
    ],
)
def test_a_screen_is_read_from_its_url(url: str, expected: Screen) -> None:
    made = from_url(url, CONTEXT)
    assert made == expected
    assert str(made) == url.partition("?")[0].replace("%20", " ")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("native://a:1", r"--screen: no such kind 'native'; expected a known kind \(available: mjpeg, ndi, shm"),
        ("mjpg://a:1", r"--screen: no such kind 'mjpg' \(did you mean 'mjpeg'\?\)"),
        ("mjpeg://a", r"--screen: 'mjpeg://a'; expected mjpeg://HOST:PORT"),
        ("mjpeg://a:1?scale=0", r"--screen\.scale: '0'; expected a whole factor from 1 to 16, or WIDTHxHEIGHT"),
        ("mjpeg://a:1?scale=2.5", r"--screen\.scale: '2\.5'"),
        ("mjpeg://a:1?filter=soft", r"--screen\.filter: 'soft'; expected 'nearest' or 'bicubic'"),
        ("mjpeg://a:1?colormap=pink", r"--screen\.colormap: 'pink'; expected 'grey', 'ink', 'ember'"),
        ("mjpeg://a:1?invert=maybe", r"--screen\.invert: 'maybe'; expected true or false"),
        ("mjpeg://a:1?performer=1", r"--screen\.performer: no such key"),
        ("shm://", r"--screen: 'shm://'; expected shm://NAME"),
        ("shm://a?scale=2", r"--screen\.scale: no such key; expected one of kind, name, slots"),
        ("shm://a?slots=1", r"--screen\.slots: '1'; expected a whole number from 2 to 1024"),
        ("ndi://a?port=3", r"--screen: 'ndi://a\?port=3'|--screen\.port"),
    ],
)
def test_a_mistake_in_a_url_is_one_line(url: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        from_url(url, CONTEXT)
    assert "\n" not in str(caught.value)


def test_a_show_says_where_it_is_seen(tmp_path: Path) -> None:
    text = """
    [[screens]]
    url = "mjpeg://127.0.0.1:9200"
    scale = 4
    colormap = "ember"
    [[screens]]
    kind = "mjpeg"
    host = "192.0.2.1"
    port = 9201
    scale = "640x480"
    allow = ["192.0.2.0/24"]
    [[screens]]
    kind = "v4l2"
    name = "/dev/video10"
    """
    show, mistakes = read(tmp_path, text)
    assert mistakes == []
    assert show.screens == (
        Screen(kind="mjpeg", port=9200, scale=4, colormap="ember"),
        Screen(
            kind="mjpeg", host="192.0.2.1", port=9201, scale="640x480", options=mjpeg.Options(allow=("192.0.2.0/24",))
        ),
        Screen(kind="v4l2", host="/dev/video10"),
    )


def test_without_any_there_is_one_for_browsers(tmp_path: Path) -> None:
    assert read(tmp_path, "")[0].screens == (Screen(kind="mjpeg", port=9103),)


def test_every_mistake_of_a_file_is_found(tmp_path: Path) -> None:
    text = """
    [[screens]]
    kind = "mjpeg"
    scale = 20
    colourmap = "ink"
    [[screens]]
    kind = "shm"
    name = "a"
    [[screens]]
    url = "shm://a"
    [[screens]]
    kind = "td"
    """
    mistakes = read(tmp_path, text)[1]
    assert [mistake.partition(":")[0] for mistake in mistakes] == [
        "screens[0].scale",
        "screens[0].colourmap",
        "screens[0].port",
        "screens[2]",
        "screens[3].kind",
    ]
    assert "did you mean 'colormap'?" in mistakes[1]
