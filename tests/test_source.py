"""Where an act's pictures come from, as it is written."""

from pathlib import Path

import pytest

from engine import cli, config
from engine.schema.errors import ConfigError
from engine.source import Bodies, Camera, File, Source, located, parse


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("film.mp4", "odd?name.mp4", "bodies", "50%.png"):
        (tmp_path / name).write_bytes(b"")
    return tmp_path


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("bodies", Bodies()),
        ("bodies?yaw=-30&crop=1.5&thickness=2&centre=each", Bodies(yaw=-30, crop=1.5, thickness=2, centre="each")),
        ("camera", Camera()),
        ("camera:HDMI Grabber?invert=true", Camera(name="HDMI Grabber", invert=True)),
        ("camera:/dev/video2?crop=1,2,3,4", Camera(name="/dev/video2", crop=(1, 2, 3, 4))),
    ],
)
def test_what_is_no_file(text: str, source: Source, folder: Path) -> None:
    assert parse(text, folder, "act.source") == source
    assert located(text, folder, "act.source") == text


@pytest.mark.parametrize(
    ("text", "name", "rest"),
    [
        ("film.mp4", "film.mp4", File(path=Path())),
        ("./bodies", "bodies", File(path=Path())),
        ("odd?name.mp4", "odd?name.mp4", File(path=Path())),
        ("odd?name.mp4?fps=12", "odd?name.mp4", File(path=Path(), fps=12)),
        ("50%.png?fit=stretch", "50%.png", File(path=Path(), fit="stretch")),
        ("film.mp4?fit=contain&fps=12.5&invert=false", "film.mp4", File(path=Path(), fit="contain", fps=12.5)),
    ],
)
def test_files_are_found_from_the_folder_and_then_from_anywhere(
    text: str, name: str, rest: File, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = parse(text, folder, "act.source")
    assert isinstance(found, File)
    assert found.path.samefile(folder / name)
    assert (found.fit, found.fps, found.crop, found.invert) == (rest.fit, rest.fps, rest.crop, rest.invert)
    monkeypatch.chdir("/")
    assert parse(located(text, folder, "act.source"), Path(), "act.source") == found


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("nothing.mp4", "act.source: no such file or folder '.*nothing.mp4'; expected bodies, camera, camera:NAME, or"),
        ("camera:", "act.source: no such file"),
        ("film.mp4?crop=1,2,3", "act.source: crop: '1,2,3'; expected left,top,width,height in pixels"),
        ("film.mp4?crop=1,2,0,3", "act.source: crop: '1,2,0,3'; expected left,top,width,height in pixels"),
        ("film.mp4?fps=0", "act.source: fps: '0'; expected frames per second"),
        ("film.mp4?invert=maybe", "act.source: invert: 'maybe'; expected true or false"),
        ("film.mp4?path=x", "act.source: path: no such key"),
        ("film.mp4?yaw=3", "act.source: yaw: no such key"),
        ("bodies?crop=0", "act.source: crop: '0'; expected a number from 0.1 to 10"),
        ("bodies?fit=cover", "act.source: fit: no such key"),
        ("camera?fps=3", "act.source: fps: no such key"),
    ],
)
def test_mistakes_are_named_with_their_place(text: str, line: str, folder: Path) -> None:
    with pytest.raises(ConfigError, match=line):
        parse(text, folder, "act.source")


def test_a_show_looks_from_its_own_folder(folder: Path) -> None:
    path = folder / "show.toml"
    path.write_text("[act]\nsource = 'film.mp4?fit=contain'\n")
    assert config.load(path, {}).acts[0].source == f"{folder / 'film.mp4'}?fit=contain"
    path.write_text("[act]\nsource = 'nothing'\n")
    with pytest.raises(ConfigError, match=r"act.source: no such file or folder"):
        config.load(path, {})
    path.write_text("[act]\nsource = 3\n")
    with pytest.raises(ConfigError, match=r"act.source: 3; expected some text"):
        config.load(path, {})


def test_a_source_that_is_not_there_ends_in_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["serve", "--source", "nowhere"]) == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("engine: --source: no such file or folder 'nowhere'; expected bodies, camera")
