"""Signs in text tables without a header."""

import numpy as np
import pytest
from gestures.made_recordings import ROW, tsd

from engine.gestures import tsd as reader
from engine.gestures.recording import Recording
from engine.schema.errors import DataError


def read(text: str, stem: str = "alive-1") -> Recording:
    return reader.read(text.encode(), stem, "tctodd1", "alive-1.tsd")


def test_a_file_is_one_sign_of_22_channels() -> None:
    found = read(tsd(3))
    (sign,) = found.gestures
    assert (sign.label, sign.session, sign.name, len(sign)) == ("alive", "tctodd1", "alive-1.tsd", 3)
    assert sign.values.dtype == np.float32
    assert sign.values[2].tolist() == pytest.approx([number / 10 for number in range(22)])
    assert (found.rate, len(found.channels), found.channels[11]) == (100.0, 22, "right x")


@pytest.mark.parametrize(
    ("stem", "label"),
    [("flash-light-2", "flash-light"), ("not-my-problem-3", "not-my-problem"), ("a-12", "a"), ("a", "a")],
)
def test_words_may_contain_a_dash(stem: str, label: str) -> None:
    assert read(tsd(), stem).gestures[0].label == label


@pytest.mark.parametrize("end", ["\r\n", "\n\n", "\n"])
def test_empty_lines_and_other_line_ends_do_no_harm(end: str) -> None:
    assert len(read(ROW + end + ROW).gestures[0]) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "an empty sign 'alive' (0 samples); expected at least 2 samples"),
        (ROW, "an empty sign 'alive' (1 samples); expected at least 2 samples"),
        (tsd() + "1 2 3\n", "line 4: 3 columns; expected 22"),
        (tsd(2, ROW.rpartition("\t")[0]), "line 1: 21 columns; expected 22"),
        (tsd() + ROW.replace("0.5", "half"), "line 4: 'half'; expected a number"),
        (tsd() + ROW.replace("0.5", "nan"), "sample 4, channel 6: no finite number; expected a finite number"),
        (tsd() + ROW.replace("2.1", "1e300"), "sample 4, channel 22: no finite number; expected a finite number"),
        ("\xe9" + tsd(), "bytes that are no text; expected rows of 22 numbers"),
    ],
)
def test_what_is_no_sign_is_refused_in_one_line(text: str, said: str) -> None:
    with pytest.raises(DataError) as raised:
        read(text)
    assert str(raised.value).startswith("alive-1.tsd: ")
    assert str(raised.value).endswith(said)
