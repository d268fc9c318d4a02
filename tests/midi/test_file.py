"""Scores from MIDI files: every note in its time, none that hangs, and one line for whatever is no score."""

import io
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import mido
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from midi_bytes import QUARTER, chunk, file, meta, off, on, pedal, save, scale, tempo

from engine.midi import file as midi_file
from engine.midi import smf
from engine.schema import note
from engine.schema.errors import DataError
from engine.schema.note import HIGHEST, LOWEST, Event, Note, Pedal, Score

LINE = 400


def events(data: bytes) -> list[tuple[int, Event]]:
    return [(timed.at, timed.event) for timed in midi_file.contents(data, "x").events]


def strikes(score: Score) -> list[tuple[int, int]]:
    down = [timed for timed in score.events if isinstance(timed.event, Note) and timed.event.velocity]
    return [(timed.at, timed.event.number) for timed in down if isinstance(timed.event, Note)]


def sound(score: Score) -> None:
    """In order, on the piano, within its length, and at the end everything is up."""
    down: set[tuple[int, int]] = set()
    pedals: dict[int, int] = {}
    before = 0
    for at, event, _, _ in score.events:
        assert before <= at <= score.length
        before = at
        assert 1 <= event.channel <= 16
        if isinstance(event, Pedal):
            pedals[event.channel] = event.value
        elif event.velocity:
            assert LOWEST <= event.number <= HIGHEST
            assert 1 <= event.velocity <= 127
            down.add((event.number, event.channel))
        else:
            down.remove((event.number, event.channel))
    assert not down
    assert not any(pedals.values())


def test_a_note_has_its_time_its_velocity_and_its_channel() -> None:
    assert events(file(on(480, 60, 81, channel=3) + off(240, 60, channel=3))) == [
        (QUARTER, Note(60, 81, 3)),
        (QUARTER * 3 // 2, Note(60, 0, 3)),
    ]


def test_velocity_0_lets_go() -> None:
    assert events(file(on(0, 60) + on(480, 60, 0)))[1] == (QUARTER, Note(60, 0, 1))


def test_running_status_is_understood_and_goes_on_after_a_meta_event() -> None:
    track = on(0, 60) + b"\x00\x40\x50" + meta(0, 1, b"hello") + b"\x60\x3c\x00\x00\x40\x00"
    assert [event for _, event in events(file(track))] == [
        Note(60, 64, 1),
        Note(64, 0x50, 1),
        Note(60, 0, 1),
        Note(64, 0, 1),
    ]


def test_tempi_of_any_track_hold_for_all() -> None:
    tempi = tempo(0, 1_000_000) + tempo(480, 250_000)
    found = events(file(tempi, scale((60, 62))))
    assert [at for at, _ in found] == [0, 10**9, 10**9, 1_250_000_000]


def test_times_do_not_drift_over_a_long_piece() -> None:
    # 7 ticks of 333333 us / 479 each: a float that adds them up is off by microseconds at the end.
    count = 20_000
    track = tempo(0, 333_333) + b"".join(on(7, 60) + off(0, 60) for _ in range(count))
    starts = [at for at, event in events(file(track, division=479)) if isinstance(event, Note) and event.velocity]
    assert starts == [round(7 * (n + 1) * 333_333_000 / 479) for n in range(count)]


def test_time_code_is_understood_and_has_no_tempo() -> None:
    found = events(file(tempo(0, 1) + on(0, 60) + off(1000, 60), division=0xE728))  # 25 frames of 40 ticks: 1 ms
    assert found[1][0] == 10**9
    found = events(file(on(0, 60) + off(30_000, 60), division=0xE301))  # 29.97 frames of 1 tick
    assert found[1][0] == 1001 * 10**9


def test_at_the_same_moment_keys_come_up_then_the_pedal_then_low_keys() -> None:
    first = on(0, 72) + on(480, 60) + off(0, 72) + pedal(0, 100) + off(480, 60)
    found = events(file(first, on(480, 48) + off(480, 48)))
    assert [event for at, event in found if at == QUARTER] == [
        Note(72, 0, 1),
        Pedal(100, 1),
        Note(48, 64, 1),
        Note(60, 64, 1),
    ]


def test_two_voices_hold_one_key_until_the_last_lets_go() -> None:
    found = events(file(on(0, 60) + off(960, 60), on(480, 60, 80, 2) + off(240, 60, 2)))
    assert found == [
        (0, Note(60, 64, 1)),
        (QUARTER, Note(60, 80, 2)),
        (2 * QUARTER, Note(60, 0, 1)),
        (2 * QUARTER, Note(60, 0, 2)),
    ]


@pytest.mark.parametrize(
    ("track", "expected"),
    [
        pytest.param(on(0, 60) + on(480, 60) + off(480, 60) + off(480, 60), (0, 1, -3), id="overlapping"),
        pytest.param(on(0, 60) + on(480, 60) + off(480, 60) + on(480, 60) + off(480, 60), (0, 1, -2, 3, -4), id="lost"),
        pytest.param(on(0, 60) + on(480, 60) + off(0, 60) + off(480, 60), (0, -1, 1, -2), id="next before the end"),
        pytest.param(
            on(0, 60) + off(480, 60) + off(480, 60) + on(0, 60) + off(480, 60), (0, -1, 2, -3), id="off twice"
        ),
    ],
)
def test_whatever_goes_down_comes_up_when_it_is_let_go(track: bytes, expected: tuple[int, ...]) -> None:
    """Quarter notes at which the key goes down, negative: comes up."""
    found = events(file(track))
    assert [at if event.velocity else -at for at, event in found if isinstance(event, Note)] == [
        quarter * QUARTER for quarter in expected
    ]


def test_what_nobody_lets_go_comes_up_at_the_end_and_so_does_the_pedal() -> None:
    found = midi_file.contents(file(on(0, 60) + pedal(0, 127) + meta(480, 1)), "x")
    assert [(at, event) for at, event, _, _ in found.events][-2:] == [(QUARTER, Note(60, 0, 1)), (QUARTER, Pedal(0, 1))]
    assert found.length == QUARTER


def test_a_note_without_length_does_not_hang() -> None:
    assert events(file(on(0, 60) + off(0, 60))) == [(0, Note(60, 64, 1)), (1, Note(60, 0, 1))]
    assert events(file(on(480, 60))) == [(QUARTER, Note(60, 64, 1)), (QUARTER + 1, Note(60, 0, 1))]


def test_drums_and_keys_that_no_piano_has_are_counted(tmp_path: Path) -> None:
    track = on(0, 36, channel=10) + pedal(0, 9, 10) + off(1, 36, 10) + scale((0, 20, 21, 108, 109, 127))
    score = midi_file.read(save(tmp_path / "a piece.mid", file(track)))
    assert score.name == "a piece"
    assert [number for _, number in strikes(score)] == [21, 108]
    assert score.left_out == {"drums": 1, "keys outside 21-108": 4}
    assert not any(isinstance(timed.event, Pedal) for timed in score.events)
    sound(score)


def test_an_event_tells_where_it_stands() -> None:
    found = midi_file.contents(file(tempo(0, 500_000), meta(0, 3, b"x") + pedal(0, 9) + on(0, 60) + off(9, 60)), "x")
    assert [(timed.track, timed.message) for timed in found.events] == [(1, 1), (1, 2), (1, 2), (1, 1)]


@pytest.mark.parametrize(
    ("odd"),
    [
        pytest.param(meta(480, 0x59, b"\x09\x00"), id="9 sharps"),
        pytest.param(meta(480, 0x59), id="no key"),
        pytest.param(meta(480, 0x58, b"\x04"), id="half a time signature"),
        pytest.param(meta(480, 0x54, b"\xff" * 5), id="a time code that there is not"),
        pytest.param(meta(480, 0x60, b"what"), id="unknown"),
        pytest.param(meta(480, 0x01, bytes(range(128, 256))), id="text of no alphabet"),
        pytest.param(meta(480, 0x00, b"\x01"), id="half a number"),
        pytest.param(b"\x83\x60\xf0\x03\x7e\x09\xf7", id="system exclusive"),
        pytest.param(b"\x83\x60\xf7\x02\xf3\x01", id="escaped"),
    ],
)
def test_what_is_odd_beside_the_notes_costs_neither_a_note_nor_its_time(odd: bytes) -> None:
    assert [at for at, _ in events(file(odd + scale((60,))))] == [QUARTER, 2 * QUARTER]


def test_chunks_that_are_no_tracks_and_what_follows_are_passed_over() -> None:
    data = file(scale((60,)))
    head, track = data[:14], data[14:]
    assert events(head + chunk(b"XFIH", b"\xff\xff") + track + b"and more") == events(data)
    assert events(chunk(b"MThd", head[8:] + b"\x00\x00") + track) == events(data)


def test_a_data_byte_of_8_bits_counts_as_the_highest() -> None:
    assert events(file(on(0, 60, 200) + off(1, 60)))[0][1] == Note(60, 127, 1)


def test_200_tracks_are_one_piano(tmp_path: Path) -> None:
    tracks = [on(n, 21 + n % 88, channel=1 + n % 9) + off(480, 21 + n % 88, channel=1 + n % 9) for n in range(200)]
    score = midi_file.read(save(tmp_path / "a.mid", file(*tracks)))
    assert len(strikes(score)) == 200
    sound(score)


def test_ten_thousand_notes_are_there_in_no_time(tmp_path: Path) -> None:
    track = b"".join(on(0, 30 + n % 60) + off(10, 30 + n % 60) for n in range(10_000))
    path = save(tmp_path / "a.mid", file(track))
    began = time.process_time()
    score = midi_file.read(path)
    assert time.process_time() - began < 2.0  # measured: 0.25 s
    assert len(strikes(score)) == 10_000


def test_many_strikes_of_one_key_that_nobody_lets_go_take_no_longer() -> None:
    count = 20_000
    began = time.process_time()
    found = events(file(on(1, 60) * count + off(1, 60) * count))
    assert time.process_time() - began < 3.0
    assert len(found) == count + 1


BROKEN: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "an empty file"),
    "text": (lambda: b"hello, world" * 9, "it begins with b'hell'"),
    "a head alone": (lambda: file(scale((60,)))[:12], "its head is cut off"),
    "no tracks": (file, "0 tracks"),
    "fewer tracks than it says": (lambda: file(scale((60,)), count=2), "ends after 1 of 2 tracks"),
    "cut off": (lambda: file(scale((60, 62)))[:-3], "track 1: cut off: 19 of 22 bytes"),
    "a chunk in the middle of a note": (
        lambda: file()[:10] + b"\0\1" + b"\1\xe0" + chunk(b"MTrk", b"\0\x90\x3c"),
        "cut",
    ),
    "format 2": (lambda: file(scale((60,)), kind=2), "format 2; expected format 0 or 1"),
    "a tempo of 0": (lambda: file(tempo(0, 0) + scale((60,))), "a tempo of 0"),
    "a tempo of one byte": (lambda: file(meta(0, 0x51, b"\1") + scale((60,))), "a tempo of 1 bytes"),
    "no ticks": (lambda: file(scale((60,)), division=0), "0 ticks per beat"),
    "no time code": (lambda: file(scale((60,)), division=0xFF01), "time code of 1 frames"),
    "data without a status": (lambda: file(b"\x00\x3c\x40"), "byte 22: data without a status"),
    "a status of no file": (lambda: file(b"\x00\xf4"), "status 0xf4"),
    "a long number": (lambda: file(b"\xff\xff\xff\xff\x01\x90\x3c\x40"), "a number of more than 4 bytes"),
    "a long message": (lambda: file(meta(0, 1, b"x" * 2_000_000) + scale((60,))), "exceeds maximum length"),
    "a day and a half": (lambda: file(on(0, 60) + tempo(0, 0xFFFFFF) + off(4_000_000, 60)), "lasts 39 hours"),
    "no notes": (lambda: file(tempo(0, 500_000)), "no notes; expected notes that a piano plays"),
    "drums": (lambda: file(on(0, 36, channel=10) + off(1, 36, 10)), "no notes but 1 on drums"),
    "too low": (lambda: file(scale((0, 127))), "no notes but 2 on keys outside 21-108"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_no_score_is_one_line_that_names_the_file(case: str, tmp_path: Path) -> None:
    make, expected = BROKEN[case]
    path = save(tmp_path / "a.mid", make())
    with pytest.raises(DataError) as caught:
        midi_file.read(path)
    line = str(caught.value)
    assert line.startswith(f"{path}:")
    assert expected in line
    assert "\n" not in line
    assert len(line) < LINE


def test_a_file_that_is_not_there_or_a_folder_is_one_line(tmp_path: Path) -> None:
    for path, expected in ((tmp_path / "none.mid", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(DataError, match=expected):
            midi_file.read(path)


def test_a_file_that_is_too_large_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "a.mid", file(scale(range(30, 60))))
    with monkeypatch.context() as patch:
        patch.setattr(smf, "MOST_EVENTS", 50)
        with pytest.raises(DataError, match="more than 50 messages"):
            midi_file.read(path)
    monkeypatch.setattr(midi_file, "MOST_BYTES", path.stat().st_size - 1)
    with pytest.raises(DataError, match=r"more than .* MB"):
        midi_file.read(path)


MESSAGES = st.one_of(
    st.builds(on, st.integers(0, 3), st.integers(58, 62), st.integers(0, 127), st.integers(1, 3)),
    st.builds(off, st.integers(0, 3), st.integers(58, 62), st.integers(1, 3)),
    st.builds(pedal, st.integers(0, 3), st.integers(0, 127), st.integers(1, 3)),
    st.builds(tempo, st.integers(0, 3), st.integers(1, 0xFFFFFF)),
    st.builds(meta, st.integers(0, 3), st.integers(0, 0x50), st.binary(max_size=4)),
)
TRACKS = st.lists(st.lists(MESSAGES, max_size=20).map(b"".join), min_size=1, max_size=3)


@given(TRACKS)
@settings(max_examples=200, deadline=None)
def test_any_music_is_in_order_and_nothing_hangs(tracks: list[bytes]) -> None:
    found = midi_file.contents(file(*tracks), "x")
    sound(Score("x", found.events, found.length, {}))


@given(TRACKS)
@settings(max_examples=100, deadline=None)
def test_every_stroke_is_there_in_its_time_as_mido_has_it(tracks: list[bytes]) -> None:
    data = file(*tracks)
    layout = smf.walk(data, "x")
    heard, found = defaultdict[tuple[int, int], list[float]](list), defaultdict[tuple[int, int], list[float]](list)
    now = 0.0
    for message in mido.MidiFile(file=io.BytesIO(smf.plain(data, layout)), clip=True):
        now += message.time
        if message.type == "note_on" and message.velocity:
            heard[message.note, message.velocity].append(now)
    for at, event in events(data):
        if isinstance(event, Note) and event.velocity:
            found[event.number, event.velocity].append(at * 1e-9)
    assert found.keys() == heard.keys()
    for key, times in heard.items():
        assert sorted(found[key]) == pytest.approx(sorted(times), rel=0, abs=2e-6)


WHOLE = file(tempo(0, 400_000) + scale((60, 64, 67)) + pedal(0, 3), b"\x00\xf0\x02\x01\xf7" + on(5, 40) + off(50, 40))


@given(st.data())
@settings(max_examples=400, deadline=None)
def test_no_bytes_bring_it_down(data: st.DataObject) -> None:
    broken = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(0, 6))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(broken)))
    answered(bytes(broken[: cut or None]))


def answered(data: bytes) -> None:
    """Read, and sound; or one line."""
    found = line = None
    try:
        found = midi_file.contents(data, "x")
    except DataError as error:
        line = str(error)
    if found is not None:
        sound(Score("x", tuple(timed for timed in found.events if on_piano(timed.event)), found.length, {}))
    assert line is None or len(line) < LINE


def on_piano(event: Event) -> bool:
    return isinstance(event, Pedal) or note.on_piano(event.number)


@given(st.binary(max_size=60))
@example(b"MThd\x00\x00\x00\x06\x00\x01\xff\xff\x01\xe0")
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_track_of_any_bytes_brings_it_down(body: bytes) -> None:
    answered(file(b"")[:14] + chunk(b"MTrk", body))


@pytest.mark.slow
def test_every_recording_is_read(data_dir: Path) -> None:
    paths = sorted((data_dir / "piano_midi").rglob("*.mid"))
    assert len(paths) > 400
    for path in paths:
        score = midi_file.read(path)
        assert score.left_out == {}, path
        sound(score)


def test_some_recordings_are_read(data_dir: Path) -> None:
    paths = sorted((data_dir / "piano_midi" / "miditest_cc-by").glob("*.mid"))
    assert len(paths) == 8
    for path in paths:
        sound(midi_file.read(path))
