"""A score played in time."""

from hypothesis import given
from hypothesis import strategies as st
from runtime.notes_rig import MS, melody, score

from engine.runtime.score_player import LATEST, SHORTEST, Due, ScorePlayer
from engine.schema.note import Event, Note, Pedal, Score

START = 5_000_000_000
TWO = score((0, Note(60, 64)), (100, Note(60, 0)), (100, Note(62, 64)), (300, Note(62, 0)), length=400)


def taken(player: ScorePlayer, now: int) -> list[Due]:
    found = []
    while (due := player.take(now)) is not None:
        found.append(due)
    return found


def begun(piece: Score, *, loop: bool = False) -> ScorePlayer:
    player = ScorePlayer(piece, loop=loop)
    player.begin(START)
    return player


def test_what_is_due_is_given_at_its_own_moment_however_late_somebody_looks() -> None:
    player = begun(TWO)
    assert player.due == START
    assert taken(player, START + 150 * MS) == [
        Due(START, Note(60, 64)), Due(START + 100 * MS, Note(60, 0)), Due(START + 100 * MS, Note(62, 64)),
    ]  # fmt: skip
    assert player.due == START + 300 * MS


def test_it_ends_once_and_what_it_has_pressed_comes_up() -> None:
    player = begun(score((0, Note(60, 64, 2)), (10, Pedal(127, 3)), (20, Note(61, 64, 2)), length=400))
    found = taken(player, START + 500 * MS)
    assert [due.event for due in found[3:]] == [Note(60, 0, 2), Note(61, 0, 2), Pedal(0, 3)]
    assert player.due is None
    assert taken(player, START + 900 * MS) == []


def test_a_loop_begins_again_exactly_where_it_ends() -> None:
    player = begun(TWO, loop=True)
    firsts = [
        due.at for step in range(100) for due in taken(player, START + step * 40 * MS) if due.event[:2] == (60, 64)
    ]
    assert firsts == [START + turn * 400 * MS for turn in range(10)]


def test_a_score_without_a_length_does_not_loop_without_end() -> None:
    player = begun(score((0, Note(60, 64)), (0, Note(60, 0))), loop=True)
    assert len(taken(player, START + 10 * SHORTEST)) == 2 * 11


def test_it_goes_faster_and_slower_from_where_it_is() -> None:
    player = begun(TWO)
    taken(player, START)
    player.steer(START + 50 * MS, speed=0.5, held=False)
    assert player.due == START + 150 * MS
    player.steer(START + 100 * MS, speed=4.0, held=False)
    assert player.position(START + 100 * MS) == 75 * MS
    assert player.due == START + 100 * MS + 25 * MS // 4


def test_it_is_held_with_all_its_keys_up_and_goes_on_from_there() -> None:
    player = begun(TWO)
    taken(player, START + 120 * MS)
    player.steer(START + 120 * MS, speed=1.0, held=True)
    assert taken(player, START + 10_000 * MS) == [Due(START + 120 * MS, Note(62, 0))]
    assert player.due is None
    assert player.position(START + 9_000 * MS) == 120 * MS
    player.steer(START + 20_000 * MS, speed=1.0, held=False)
    assert player.due == START + 20_000 * MS + 180 * MS


def test_it_begins_again_even_after_its_end() -> None:
    player = begun(TWO)
    taken(player, START + 900 * MS)
    player.begin(START + 2000 * MS)
    assert player.due == START + 2000 * MS
    assert len(taken(player, START + 2900 * MS)) == 4


def test_after_a_long_sleep_it_goes_on_from_where_it_was_instead_of_playing_all_at_once() -> None:
    player = begun(melody(50))
    taken(player, START)
    late = START + 100 * MS + LATEST + 1
    assert taken(player, late) == [Due(late, Pedal(127))]
    assert player.due == late + 97 * MS


@given(
    steps=st.lists(
        st.tuples(st.integers(1, 400), st.sampled_from([0.25, 0.5, 1.0, 1.7, 4.0]), st.booleans()), max_size=30
    )
)
def test_however_it_is_steered_every_event_comes_once_in_order_and_time_never_runs_back(
    steps: list[tuple[int, float, bool]],
) -> None:
    piece = melody(20)
    player, now, found = begun(piece), START, list[Due]()
    for wait, speed, held in steps:
        now += wait * MS
        found += taken(player, now)
        player.steer(now, speed=speed, held=held)
    player.steer(now, speed=1.0, held=False)
    while player.due is not None:
        now = max(now, player.due)
        found += taken(player, now)
    down: list[Event] = [due.event for due in found if isinstance(due.event, Note) and due.event.velocity]
    assert down == [timed.event for timed in piece.events if isinstance(timed.event, Note) and timed.event.velocity]
    assert [due.at for due in found] == sorted(due.at for due in found)
    assert found[-1].event[1] == 0 or isinstance(found[-1].event, Pedal)
