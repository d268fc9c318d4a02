"""Signs in files of numpy arrays."""

import io

import numpy as np
import pytest
from gestures.made_recordings import npz

from engine.gestures import stack
from engine.gestures.recording import Recording
from engine.schema.errors import DataError

VALUES = np.arange(12.0).reshape(6, 2)
LABELS = np.array(["", "wave", "wave", "", "fold", "fold"])


def read(raw: bytes, *, rate: float | None = None) -> Recording:
    return stack.read(raw, "friday", "folder", "t.npz", rate=rate)


def test_a_stream_with_a_label_for_each_row() -> None:
    found = read(npz(values=VALUES, labels=LABELS, rate=60, channels=np.array(["x", "y"])))
    signs = [(sign.label, sign.session, sign.values.tolist()) for sign in found.gestures]
    assert signs == [("wave", "friday", [[2, 3], [4, 5]]), ("fold", "friday", [[8, 9], [10, 11]])]
    assert (found.rate, found.channels) == (60.0, ("x", "y"))


def test_sessions_part_signs_too() -> None:
    sessions = np.array(["a", "a", "b", "b", "b", "b"])
    found = read(npz(values=np.repeat(VALUES, 2, axis=0), labels=np.repeat(LABELS, 2), sessions=np.repeat(sessions, 2)))
    assert [(sign.label, sign.session) for sign in found.gestures] == [("wave", "a"), ("wave", "b"), ("fold", "b")]


def test_an_array_for_each_sign() -> None:
    found = read(npz(**{"flash-light-1": VALUES, "monday/wave-2": VALUES[:2]}))
    assert [(sign.label, sign.session, len(sign)) for sign in found.gestures] == [
        ("flash-light", "friday", 6),
        ("wave", "monday", 2),
    ]
    assert (found.rate, found.channels) == (100.0, ("channel 1", "channel 2"))


def test_a_rate_that_was_said_counts_more_than_the_files() -> None:
    assert read(npz(values=VALUES, labels=LABELS, rate=60), rate=50).rate == 50


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"no archive", "t.npz: .* expected an .npz of plain numpy arrays"),
        (npz(values=VALUES, labels=LABELS)[:-60], "t.npz: .* expected an .npz of plain numpy arrays"),
        (npz(**{"a-1": np.array([None, 1])}), "t.npz: ValueError: Object arrays .* expected an .npz of plain"),
        (npz(), r"t.npz: no signs; expected `values` \(T, C\) and `labels`"),
        (npz(values=VALUES, labels=np.full(6, "")), "t.npz: no signs"),
        (npz(values=VALUES), r"t.npz: labels: none; expected texts \(6,\), one for each row"),
        (npz(values=VALUES, labels=LABELS[:5]), r"t.npz: labels: <U4 \(5,\); expected texts \(6,\)"),
        (npz(values=VALUES, labels=np.arange(6)), r"t.npz: labels: int64 \(6,\); expected texts"),
        (npz(values=VALUES, labels=LABELS, sessions=LABELS[:2]), r"t.npz: sessions: <U4 \(2,\); expected texts"),
        (npz(values=VALUES[0], labels=LABELS), r"t.npz: values: float64 \(2,\); expected numbers \(T, C\)"),
        (npz(values=VALUES.astype(str), labels=LABELS), r"t.npz: values: <U32 \(6, 2\); expected numbers"),
        (npz(values=VALUES * np.nan, labels=LABELS), "t.npz: row 2: sample 1, channel 1: no finite number"),
        (npz(values=VALUES, labels=LABELS, rate="fast"), r"t.npz: rate: <U4 \(\); expected one number"),
        (npz(values=VALUES, labels=LABELS, rate=-1), "t.npz: rate: -1; expected a number over 0"),
        (npz(values=VALUES, labels=LABELS, channels=np.array(["x"])), r"t.npz: channels: <U1 \(1,\); expected texts"),
        (npz(**{"a-1": VALUES, "b-1": VALUES[:, :1]}), "t.npz: b-1: 1 channels; expected 2, as in the others"),
        (npz(**{"a-1": VALUES[:1]}), r"t.npz: a-1: an empty sign 'a' \(1 samples\)"),
    ],
)
def test_what_is_no_stack_of_signs_is_refused_in_one_line(raw: bytes, said: str) -> None:
    with pytest.raises(DataError, match=said):
        read(raw)


def test_arrays_that_would_fill_memory_are_not_inflated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "LARGEST", 10_000)
    file = io.BytesIO()
    np.savez_compressed(file, values=np.zeros((1000, 22)))
    assert len(file.getvalue()) < 10_000
    with pytest.raises(DataError, match=r"t\.npz: 176128 bytes of arrays; expected at most 10000"):
        read(file.getvalue())
