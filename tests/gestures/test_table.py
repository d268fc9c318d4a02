"""Signs in tables of comma-separated values."""

import pytest

from engine.gestures import table
from engine.gestures.recording import Recording
from engine.schema.errors import DataError

SIGNS = """time,label,session,a,b
0.00,,one,0,0
0.01,wave,one,1,2
0.02,wave,one,3,4
0.03,,one,0,0
0.04,fold,one,5,6
0.05,fold,one,7,8
0.00,fold,two,9,10
0.01,fold,two,11,12
"""


def read(text: str, *, rate: float | None = None) -> Recording:
    return table.read(text.encode(), "hand-2", "monday", "t.csv", rate=rate)


def test_rows_of_one_label_are_a_sign_and_those_without_a_rest() -> None:
    found = read(SIGNS)
    assert [(sign.label, sign.session, sign.name) for sign in found.gestures] == [
        ("wave", "one", "t.csv: line 3"),
        ("fold", "one", "t.csv: line 6"),
        ("fold", "two", "t.csv: line 8"),
    ]
    assert found.gestures[0].values.tolist() == [[1, 2], [3, 4]]
    assert found.channels == ("a", "b")
    assert found.rate == pytest.approx(100)


def test_a_table_without_labels_is_one_sign_named_after_its_file() -> None:
    found = read("a,b\n1,2\n3,4\n")
    assert [(sign.label, sign.session) for sign in found.gestures] == [("hand", "monday")]
    assert found.rate == 100.0


def test_a_table_with_labels_alone_is_a_session_named_after_its_file() -> None:
    assert read("label,a\nx,1\nx,2\n").gestures[0].session == "hand-2"


def test_the_order_of_columns_their_case_quotes_and_a_mark_of_unicode_do_not_matter() -> None:
    found = read('\ufeff b ,"Label",Time, a\r\n1,"one, two",0,2\r\n\r\n3,"one, two",.02,4\r\n')
    (sign,) = found.gestures
    assert (sign.label, sign.values.tolist(), found.channels) == ("one, two", [[1, 2], [3, 4]], ("b", "a"))
    assert found.rate == pytest.approx(50)


def test_the_number_of_each_row_is_no_channel() -> None:
    assert read(",a\n0,5\n1,6\n").gestures[0].values.tolist() == [[5], [6]]


def test_rounded_times_and_gaps_still_give_the_rate() -> None:
    times = [round(number / 60, 3) for number in (*range(30), *range(200, 230))]
    assert read("time,a\n" + "".join(f"{time},1\n" for time in times)).rate == pytest.approx(60, rel=0.01)


def test_a_rate_that_was_said_counts_more_than_times() -> None:
    assert read(SIGNS, rate=60).rate == 60


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: a header with 0 channels; expected names of 1 to 1024 channels"),
        ("time,label\n0,x\n", "line 1: a header with 0 channels; expected names of 1 to 1024 channels"),
        ("1,2\n3,4\n", "line 1: numbers in the place of the header; expected names of the channels"),
        ("a,A\n1,2\n3,4\n", "line 1: two columns 'a'; expected each name once"),
        ("a,b\n1,2\n3\n", "line 3: 1 columns; expected 2, as in the header"),
        ("a,b\n1,2\n3,4,5\n", "line 3: 3 columns; expected 2, as in the header"),
        ("a,b\n1,2\n3,four\n", "line 3: 'four'; expected a number"),
        ("a,b\n1,2\n3,\n", "line 3: ''; expected a number"),
        ("a,b\n1,2\n3,nan\n", "line 3: 'nan'; expected a finite number"),
        ("a,b\n1,2\n3,1e300\n", "line 2: sample 2, channel 2: no finite number; expected a finite number"),
        ("time,a\n0,1\n0.02,2\n0.01,3\n", "line 4: time 0.01 after 0.02; expected times that rise"),
        ("time,a\n0,1\n0,2\n", "line 3: time 0 after 0; expected times that rise"),
        ("time,a\n0,1\n0.00001,2\n", "rate: 100000; expected a number over 0 and up to 1000 samples a second"),
        ("a\n", "no signs; expected rows with a label"),
        ("a\n1\n", "line 2: an empty sign 'hand' (1 samples); expected at least 2 samples"),
        ("label,a\n,1\n,2\n", "no signs; expected rows with a label"),
        ("label,a\nx,1\ny,2\ny,3\n", "line 2: an empty sign 'x' (1 samples); expected at least 2 samples"),
        ('a,b\n"1,2\n', "unexpected end of data; expected comma-separated values, UTF-8"),
    ],
)
def test_what_is_no_table_of_signs_is_refused_in_one_line(text: str, said: str) -> None:
    with pytest.raises(DataError) as raised:
        read(text)
    assert str(raised.value) == f"t.csv: {said}"


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(DataError, match="expected comma-separated values, UTF-8"):
        table.read(b"a,b\n\xff\xfe", "x", "", "t.csv")
