from pathlib import Path

import made_takes as made
import pytest

from engine.schema.errors import ConfigError, DataError
from engine.takes.excerpt import cut
from engine.takes.reader import Take
from engine.takes.values import Asked, Entry, Struck, Taken


@pytest.fixture
def take(tmp_path: Path) -> Path:
    return made.make(tmp_path, 120, 30)


def wanted(low: int, high: int) -> list[object]:
    return [
        made.plain(each) for each in made.show(30, 120) if isinstance(each, Taken) and low <= each.frame.sequence < high
    ]


def test_frames_between_two_times_and_what_happened_in_them(take: Path, tmp_path: Path) -> None:
    facts = cut(take, tmp_path / "cut.mcap", 0.5, 1.25)
    with Take(tmp_path / "cut.mcap") as part:
        assert [made.plain(frame) for frame in part.frames()] == wanted(60, 105)
        assert part.header.first == 60
        assert part.header.journal
        assert all(60 <= each.sequence < 105 for each in part.records("/controls") if isinstance(each, Asked))
        assert list(part.notes()) == [
            each for each in made.show(30, 120) if isinstance(each, Struck) and 60 <= each.at * 60e-9 < 105
        ]
    assert facts.sequences == (60, 104)
    assert facts.seconds == 0.75


def test_the_journal_is_kept_from_its_beginning_to_the_last_frame(take: Path, tmp_path: Path) -> None:
    cut(take, tmp_path / "cut.mcap", 0.5, 1.25)
    journal = list(Take(tmp_path / "cut.mcap").journal())
    assert journal == [each for each in made.show(30, 120) if isinstance(each, Entry) and each.tick <= 104 + 5]
    assert journal[0].tick == 0
    times = [message.at for message in Take(tmp_path / "cut.mcap").messages("/journal")]
    assert min(times) >= made.moment(60), "a plot does not begin before the first frame"


def test_all_of_it_is_all_of_it(take: Path, tmp_path: Path) -> None:
    cut(take, tmp_path / "cut.mcap")
    assert [made.plain(each) for each in Take(tmp_path / "cut.mcap").records()] == [
        made.plain(each) for each in Take(take).records()
    ]


@pytest.mark.parametrize(("begin", "end"), [(2.0, 3.0), (1.0, 1.0), (1.0, 0.5), (0.001, 0.002)])
def test_times_without_a_frame_are_refused(take: Path, tmp_path: Path, begin: float, end: float) -> None:
    with pytest.raises(ConfigError, match=r"no frame from .* expected times from 0s to 2.000s"):
        cut(take, tmp_path / "cut.mcap", begin, end)
    assert list(tmp_path.iterdir()) == [take]


def test_a_broken_take_is_refused(take: Path, tmp_path: Path) -> None:
    take.write_bytes(take.read_bytes()[:-100])
    with pytest.raises(DataError, match=r"cut off at byte \d+; expected a whole take \(`engine takes recover`"):
        cut(take, tmp_path / "cut.mcap", 0.5, 1.25)
    assert list(tmp_path.iterdir()) == [take]


def test_a_folder_that_cannot_be_written_is_one_line(
    take: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.takes.writer.TakeWriter.add", full)
    with pytest.raises(DataError, match=r"cut.mcap: No space left on device; expected a place"):
        cut(take, tmp_path / "cut.mcap")
    assert list(tmp_path.iterdir()) == [take]


def full(*_: object) -> None:
    raise OSError(28, "No space left on device")
