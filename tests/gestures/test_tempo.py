from engine.gestures.tempo import Tempo

PATIENCE = 300


def counted(tempo: Tempo, rate: float, seconds: float, *, begin: int = 0, every: int = 20) -> list[float]:
    """What is found wrong where samples come at this rate, looked at every so many ms."""
    found, sent = [], 0
    for at in range(begin, begin + round(1000 * seconds), every):
        due = int((at - begin) * rate / 1000) + 1
        measured = tempo.count(at, due - sent)
        found += [] if measured is None else [measured]
        sent = due
    return found


def test_the_rate_that_was_said_is_not_wrong() -> None:
    for rate in (100, 85, 118):
        tempo = Tempo(100, PATIENCE)
        assert counted(tempo, rate, 10) == []
        assert tempo.wrong == 0


def test_another_rate_is_measured_every_two_seconds() -> None:
    for rate in (61, 75, 125, 300):
        tempo = Tempo(100, PATIENCE)
        found = counted(tempo, rate, 6.5)
        assert len(found) == tempo.wrong == 3
        assert all(abs(measured - rate) < 1 for measured in found)


def test_pauses_do_not_count() -> None:
    tempo = Tempo(100, PATIENCE)
    for burst in range(20):
        assert counted(tempo, 100, 0.5, begin=2000 * burst) == []
    slow = [measured for burst in range(20) for measured in counted(tempo, 60, 0.5, begin=100_000 + 2000 * burst)]
    assert slow
    assert all(abs(measured - 60) < 3 for measured in slow[1:])


def test_frames_that_are_late_change_nothing() -> None:
    assert counted(Tempo(100, PATIENCE), 100, 20, every=260) == []


def test_four_times_the_rate_is_taken_within_a_second_and_no_more() -> None:
    tempo = Tempo(100, PATIENCE)
    assert sum(tempo.admits(500) for _ in range(1000)) == 400
    assert not tempo.admits(999)
    assert tempo.admits(1000)
