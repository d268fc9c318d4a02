"""Signals and labels, against python-osc: how likely signs are, what was recognised, where a network's memory is."""

import math

import numpy as np
import pytest
from counting import counted
from outputs.reference import Message, bundle, bundles, floats, frame, message, of, parse, plain, spec

from engine import plugins
from engine.contracts import MAX_DATAGRAM
from engine.motion.core20 import CORE20
from engine.outputs._body import Refused
from engine.outputs._signals import KEPT
from engine.outputs.native import Native
from engine.outputs.td import Options, TouchDesigner
from engine.runtime.bodiless import NOBODY
from engine.schema.frame import F32, MOST_VALUES, Frame, Label, Signal

LONGEST_ROOT = "/" + "a" * 63
PATH = Signal("dance/path", np.array([0.25, -1.0], np.float32))
DEEP = Signal("p2/path", np.array([0.5, 0.75, 1.0], np.float32), 2)
THINK, ALL = Label("think", 0.75, 4), Label("all", 0.5, 1)


def likely(count: int = 95) -> Signal:
    """How likely each of some signs is."""
    values: F32 = np.random.default_rng(count).random(count, np.float32)
    return Signal("sign/probabilities", values / values.sum())


def moment(*signals: Signal, labels: tuple[Label, ...] = ()) -> Frame:
    """A frame of nothing else."""
    return Frame(7, 233, NOBODY, (), (), signals=signals, labels=labels)


def expected(root: str, *signals: Signal) -> list[bytes]:
    messages: list[Message] = [(f"{root}/{name}", "f" * len(values), floats(values)) for name, values, _ in signals]
    return bundles(messages)


def heard(output: TouchDesigner, shown: Frame) -> dict[str, float]:
    """Each channel and its number, in order."""
    sent = plain(output.datagrams(shown))
    assert all(len(datagram) <= MAX_DATAGRAM for datagram in sent)
    return {name: value for datagram in sent for name, (value,) in parse(datagram).items()}  # type: ignore[misc]


@pytest.mark.parametrize("signals", [(PATH,), (likely(),), (likely(), PATH, DEEP), (likely(MOST_VALUES), likely(200))])
def test_signals_are_byte_equal_to_python_osc(signals: tuple[Signal, ...]) -> None:
    native = Native(of(None), [], "/stage")
    assert plain(native.datagrams(moment(*signals))) == expected("/stage", *signals)
    later = [signal._replace(values=-signal.values) for signal in signals]
    assert plain(native.datagrams(moment(*later))) == expected("/stage", *later)


def test_a_label_is_a_message_and_several_are_a_bundle() -> None:
    native = Native(of(None), [])
    one: Message = ("/engine/sign/label", "sf", ("think", 0.75))
    two: Message = ("/engine/sign/label", "sf", ("all", 0.5))
    assert plain(native.datagrams(moment(labels=(THINK,)))) == [message(*one).dgram]
    assert plain(native.datagrams(moment(labels=(THINK, ALL)))) == [bundle([one, two])]
    assert plain(native.datagrams(moment())) == []


def test_signals_and_labels_come_behind_the_bodies_in_their_order() -> None:
    native, shown = Native(spec(3), [1]), frame(1, 3, rotations=True)
    bodies = plain(native.datagrams(shown))
    sent = plain(native.datagrams(shown._replace(signals=(likely(), PATH), labels=(THINK,))))
    assert sent[:2] == bodies
    assert [list(parse(datagram)) for datagram in sent[2:]] == [
        ["/engine/sign/probabilities", "/engine/dance/path"],
        ["/engine/sign/label"],
    ]


def test_the_longest_signal_of_the_longest_root_fits_a_datagram() -> None:
    signal = likely(MOST_VALUES)._replace(name="a" * 32 + "/path")
    [sent] = plain(Native(of(None), [], LONGEST_ROOT).datagrams(moment(signal)))
    assert len(sent) <= MAX_DATAGRAM


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
def test_a_signal_that_is_not_finite_is_left_out_and_counted(broken: float) -> None:
    native, bad = Native(of(None), []), likely()
    bad.values[3] = broken
    for number in range(1, 4):
        assert plain(native.datagrams(moment(bad, PATH))) == expected("/engine", PATH)
        assert native.refused == Refused(0, 0, number)
    assert plain(native.datagrams(moment(bad))) == []
    assert plain(native.datagrams(moment(likely(), PATH))) == expected("/engine", likely(), PATH)
    assert native.refused == Refused(0, 0, 4)


@pytest.mark.parametrize(
    "odd", [likely(MOST_VALUES + 1), likely(1)._replace(values=np.zeros(0, np.float32)), PATH._replace(name="a b/path")]
)
def test_a_signal_that_no_message_holds_is_left_out_and_counted(odd: Signal) -> None:
    native = Native(of(None), [])
    for number in range(1, 4):
        assert plain(native.datagrams(moment(odd, PATH))) == expected("/engine", PATH)
        assert native.refused.signals == number
    assert plain(native.datagrams(moment(odd))) == []


@pytest.mark.parametrize(
    ("word", "clean"), [("a\0b\ud800", "a b?"), ("\U0001f91f" * 999, "\U0001f91f" * 256), ("", ""), ("Größe", "Größe")]
)
def test_a_word_that_cannot_be_sent_as_it_is_still_leaves(word: str, clean: str) -> None:
    [sent] = plain(Native(of(None), []).datagrams(moment(labels=(THINK._replace(word=word),))))
    assert parse(sent) == {"/engine/sign/label": (clean, 0.75)}
    assert len(sent) <= MAX_DATAGRAM


def test_a_label_without_a_certainty_is_left_out_and_counted() -> None:
    native = Native(of(None), [])
    [sent] = plain(native.datagrams(moment(labels=(THINK._replace(certainty=math.nan), ALL))))
    assert parse(sent) == {"/engine/sign/label": ("all", 0.5)}
    assert native.refused.signals == 1


def test_more_labels_than_a_datagram_holds_are_shared_out() -> None:
    labels = tuple(Label("w" * 200, 0.5, number) for number in range(16))
    sent = plain(Native(of(None), []).datagrams(moment(labels=labels)))
    assert all(len(datagram) <= MAX_DATAGRAM for datagram in sent)
    assert len(sent) > 1


def test_sets_of_signals_that_change_all_the_time_are_not_kept_for_ever() -> None:
    native = Native(of(None), [])
    for number in range(1, 4 * KEPT):
        assert plain(native.datagrams(moment(likely(number)))) == expected("/engine", likely(number))
        assert len(native._signals._made) <= KEPT


@pytest.mark.parametrize("output", [Native(of(None), []), TouchDesigner(of(None), [], Options())], ids=["native", "td"])
def test_signals_make_no_array(output: Native | TouchDesigner) -> None:
    shown = moment(likely(), PATH, DEEP, labels=(THINK,))
    output.datagrams(shown)
    with counted() as arrays:
        for _ in range(10):
            output.datagrams(shown)
    assert arrays == []


def test_touchdesigner_has_a_channel_for_each_axis_and_each_sign() -> None:
    output = TouchDesigner(of(None), [], Options())
    assert heard(output, moment(likely(3), PATH, DEEP)) == {
        "/sign/p1": likely(3).values[0],
        "/sign/p2": likely(3).values[1],
        "/sign/p3": likely(3).values[2],
        "/dance/path:tx": 0.25,
        "/dance/path:ty": -1.0,
        "/p2/path:tx": 0.5,
        "/p2/path:ty": 0.75,
        "/p2/path:tz": 1.0,
        "/sign/label": 0.0,
        "/sign/certainty": 0.0,
        "/sign/count": 0.0,
    }


def test_channels_are_byte_equal_to_python_osc() -> None:
    output, signal = TouchDesigner(of(None), [], Options()), likely()
    channels: list[Message] = [(f"/sign/p{at + 1}", "f", (value,)) for at, value in enumerate(floats(signal.values))]
    last: list[Message] = [
        (f"/sign/{name}", "f", (value,)) for name, value in (("label", 5.0), ("certainty", 0.75), ("count", 1.0))
    ]
    assert plain(output.datagrams(moment(signal, labels=(THINK,)))) == [*bundles(channels), bundle(last)]


def test_the_last_sign_is_held_and_changes_in_the_frame_of_the_next() -> None:
    output, given = TouchDesigner(of(None), [], Options()), likely(3)
    seen = [
        [heard(output, moment(given, labels=labels))[f"/sign/{name}"] for name in ("label", "certainty", "count")]
        for labels in ((), (THINK,), (), (ALL,), (), (Label("all", 0.5, 1),))
    ]
    think, again = [5.0, 0.75, 1.0], [2.0, 0.5, 2.0]
    assert seen == [[0.0, 0.0, 0.0], think, think, again, again, [2.0, 0.5, 3.0]]


def test_a_label_that_comes_again_as_it_had_to_wait_counts_once() -> None:
    output = TouchDesigner(of(None), [], Options())
    for labels, count in (((THINK,), 1), ((THINK,), 1), ((THINK, ALL), 2), ((THINK, ALL), 2), ((), 2), ((THINK,), 3)):
        found = heard(output, moment(likely(3), labels=labels))
        assert (found["/sign/count"], found["/sign/label"]) == (count, 2.0 if count == 2 else 5.0)


def test_the_same_channels_come_in_every_frame_whatever_is_recognised_and_broken() -> None:
    output, bad = TouchDesigner(of(None), [], Options()), likely(3)
    bad.values[1] = np.nan
    whole = heard(output, moment(likely(3), PATH))
    broken = heard(output, moment(bad, PATH, labels=(THINK._replace(certainty=math.inf),)))
    assert list(broken) == list(whole) == list(heard(output, moment(likely(3), PATH)))
    assert (broken["/sign/p2"], broken["/sign/p1"], broken["/sign/certainty"]) == (0.0, bad.values[0], 0.0)
    assert output.refused == Refused(0, 0, 1)


def test_a_channel_of_a_signal_holds_only_letters_that_touchdesigner_takes() -> None:
    output = TouchDesigner(of(None), [], Options())
    assert list(heard(output, moment(PATH._replace(name="Ä b.1/path"), PATH._replace(name="meter")))) == [
        "/__b_1/path:tx", "/__b_1/path:ty", "/meter1", "/meter2",
    ]  # fmt: skip


def test_a_show_without_signs_has_no_channels_of_signs() -> None:
    assert list(heard(TouchDesigner(of(None), [], Options()), moment(PATH))) == ["/dance/path:tx", "/dance/path:ty"]


@pytest.mark.parametrize("name", [name for name in plugins.outputs() if name not in ("native", "td")])
def test_the_other_protocols_say_nothing_of_signals_and_labels(name: str) -> None:
    output = plugins.output(name)(of(CORE20), [1], "/engine", plugins.options()[name]())
    shown = frame(1, 20, rotations=True)
    told = shown._replace(signals=(likely(), PATH), labels=(THINK,))
    assert plain(output.datagrams(told)) == plain(output.datagrams(shown))
