"""What every output keeps to where keys are played, run over everything found in `engine/outputs`."""

import itertools

import pytest
from outputs.reference import EVENTS, NOTES, empty, of, plain, read, solved

from engine import plugins
from engine.contracts import MAX_DATAGRAM, Output, Status
from engine.motion.core20 import CORE20
from engine.schema.errors import ConfigError
from engine.schema.note import Event, Note, Pedal

STATUS = Status(29.5, 2, 1, 0.25, "piano", "playing")
MUTE = {"aitoolbox"}
"""Those that have no words for keys."""

WITHOUT_FRAMES = {"vmc", "midi", "aitoolbox"}
"""Those that say nothing of keys in a frame."""

RAW = {"midi"}
"""Those that are no OSC."""

TALKING = sorted(set(plugins.outputs()) - MUTE)


def make(name: str, *, bodies: bool = True) -> Output:
    spec, performers = (of(CORE20), (1,)) if bodies else (of(None), ())
    return plugins.output(name)(spec, performers, "/engine", plugins.options()[name]())


@pytest.mark.parametrize("name", plugins.outputs())
def test_a_frame_without_keys_is_what_it_was_and_keys_are_said_behind_it(name: str) -> None:
    output = make(name)
    without = plain(output.datagrams(solved()))
    behind = plain(output.datagrams(solved()._replace(notes=NOTES)))
    assert behind[: len(without)] == without
    assert (len(behind) == len(without)) == (name in WITHOUT_FRAMES)
    assert plain(output.datagrams(solved())) == without


@pytest.mark.parametrize("name", TALKING)
def test_a_show_of_keys_alone_can_be_told(name: str) -> None:
    output, whole = make(name, bodies=False), make(name)
    told = plain(output.datagrams(empty()))
    bodies = len(plain(whole.datagrams(solved())))
    assert told == plain(whole.datagrams(solved()._replace(notes=NOTES)))[bodies:]
    assert plain(output.datagrams(empty()._replace(notes=None))) == []
    assert plain(output.notes(EVENTS)) == plain(whole.notes(EVENTS))
    assert plain(output.report(STATUS)) == plain(whole.report(STATUS))
    assert all(len(datagram) <= MAX_DATAGRAM for datagram in plain(output.announce(())))


@pytest.mark.parametrize("name", sorted(MUTE))
def test_who_has_no_words_for_keys_is_refused_where_there_is_nothing_else(name: str) -> None:
    assert list(make(name).notes(EVENTS)) == []
    with pytest.raises(ConfigError, match="without a skeleton") as caught:
        make(name, bodies=False)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", plugins.outputs())
def test_nothing_that_happens_says_nothing(name: str) -> None:
    assert list(make(name).notes([])) == []


@pytest.mark.parametrize("name", TALKING)
def test_each_event_is_said_once_and_in_order(name: str) -> None:
    output = make(name)
    alone = [b"".join(plain(output.notes([event]))) for event in EVENTS]
    sent = plain(output.notes(EVENTS))
    assert all(0 < len(datagram) <= MAX_DATAGRAM for datagram in sent)
    said = sent if name in RAW else [message.dgram for datagram in sent for message in read(datagram)]
    assert said == alone


@pytest.mark.parametrize("name", TALKING)
def test_every_key_velocity_and_pedal_is_told_from_every_other(name: str) -> None:
    output = make(name)
    keys: list[Event] = [Note(number, velocity) for number in (21, 60, 108) for velocity in range(128)]
    pedals: list[Event] = [Pedal(value) for value in range(128)]
    said = [b"".join(plain(output.notes([event]))) for event in (*keys, *pedals)]
    assert len(set(said)) == len(said)


@pytest.mark.parametrize("name", sorted(set(plugins.outputs()) - WITHOUT_FRAMES))
def test_a_frame_has_the_same_addresses_whatever_is_down(name: str) -> None:
    output = make(name, bodies=False)
    frames = [empty(), empty()._replace(notes=NOTES._replace(velocities=(0,) * 88, pedal=0)), empty()]
    sent = [plain(output.datagrams(frame)) for frame in frames]
    heard = [[message.address for datagram in each for message in read(datagram)] for each in sent]
    assert all(first == second for first, second in itertools.pairwise(heard))
    assert sent[0] != sent[1]
    assert sent[0] == sent[2]
    assert all(len(datagram) <= MAX_DATAGRAM for each in sent for datagram in each)


@pytest.mark.parametrize("name", plugins.outputs())
def test_what_was_said_stays_as_it_was_while_others_are_asked(name: str) -> None:
    output = make(name)
    given = output.notes([Note(60, 64)])
    before = plain(given)
    output.notes([Note(61, 1)])
    output.datagrams(solved()._replace(notes=NOTES))
    assert plain(given) == before
