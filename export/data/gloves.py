"""Which recorded signs train, which choose, which test: whole sessions; and as the seed did it, for comparison.

The Auslan signs are split as they always are: sessions tctodd1 to 6 train, 7 chooses, 8 tests. Of other recordings the
last session tests and the one before chooses. Where there are fewer than three sessions, the last recordings of each
sign are held out instead, which says less: the same person signed them on the same day.
"""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from sklearn.model_selection import train_test_split

from engine.bundled import find_gloves
from engine.gestures.open_recording import read
from engine.gestures.recording import Gesture, Recording
from engine.schema.errors import DataError
from export.data.place import locate

AUSLAN = re.compile(r"tctodd([1-9])")

HERS = "his_hers"
"""What session 1 of the Auslan signs calls `her`."""

FEWEST_SESSIONS = 3

SEED_LONGEST = 90
"""Samples from which the seed leaves a sign out."""

SEED_TRAINED = 94 * 3 * 7 / 2528
"""Share of the signs that the seed trains with; it had a ninth session. Half of the others choose, half test."""

Parts = dict[str, list[Gesture]]
"""Signs under `train`, `validation` and `test`."""


def recording(source: str | Path, *, rate: float | None = None) -> Recording:
    """All signs of a file, folder or archive, here, in the data folder or, by name, of those that come with the engine.

    `her` of the Auslan signs is `his_hers`.

    Raises:
        DataError: as the readers.
    """
    found = read(find_gloves(str(source)) or locate(source), rate=rate)
    if not _is_auslan(found):
        return found
    gestures = tuple(
        Gesture(sign.values, HERS, sign.session, sign.name) if sign.label == "her" else sign for sign in found.gestures
    )
    return Recording(gestures, found.rate, found.channels)


def gloves(source: str | Path) -> Parts:
    """The signs of a source, split as by `split`; where there are too few for that, all of them test.

    Raises:
        DataError: as the readers.
    """
    found = recording(source)
    counts = Counter(sign.label for sign in found.gestures)
    if _by_session(found) or min(counts.values()) >= FEWEST_SESSIONS:
        return split(found)
    return {"train": [], "validation": [], "test": list(found.gestures)}


def split(found: Recording) -> Parts:
    """Signs by session, or, of fewer than three sessions, the last recordings of each sign held out; see `manner`.

    Raises:
        DataError: fewer than three sessions, and fewer than three recordings of a sign.
    """
    if _by_session(found):
        validation, test = held_out(found)
        return {
            "train": [sign for sign in found.gestures if sign.session not in {validation, test}],
            "validation": [sign for sign in found.gestures if sign.session == validation],
            "test": [sign for sign in found.gestures if sign.session == test],
        }
    parts: Parts = {"train": [], "validation": [], "test": []}
    for label in found.labels:
        _hold_last([sign for sign in found.gestures if sign.label == label], parts)
    return parts


def manner(found: Recording) -> str:
    """How `split` splits them; for a person to read."""
    if not _by_session(found):
        return "by order: fewer than three sessions, so the last recordings of each sign choose and test"
    validation, test = held_out(found)
    return f"by session: {validation} chooses, {test} tests"


def held_out(found: Recording) -> tuple[str, str]:
    """The sessions that choose and test, of three or more."""
    if _is_auslan(found) and {"tctodd7", "tctodd8"} <= set(found.sessions):
        return "tctodd7", "tctodd8"
    return found.sessions[-2], found.sessions[-1]


def seed_gloves(source: str | Path, seed: int) -> Parts:
    """The Auslan signs as the seed takes them: short ones without `her` and `his_hers`, split at random.

    As many of each sign train. The signs of one session stand on both sides of such a split, which flatters what is
    tested on it.

    Args:
        source: as for `recording`.
        seed: of the split.

    Raises:
        DataError: as the readers; too few signs to be split so.
    """
    every = [sign for sign in read(locate(source)).gestures if sign.label not in {"her", HERS}]
    short = [sign for sign in every if len(sign) < SEED_LONGEST]
    labels = [sign.label for sign in short]
    try:
        train, held = train_test_split(short, train_size=SEED_TRAINED, stratify=labels, random_state=seed)
        validation, test = train_test_split(held, train_size=0.5, random_state=seed)
    except ValueError as error:
        found = f"{len(short)} signs of {len(set(labels))} words: {error}"
        raise DataError(str(source), found, "several recordings of each sign") from error
    return {"train": train, "validation": validation, "test": test}


def _hold_last(signs: Sequence[Gesture], parts: Parts) -> None:
    """One fifth of the recordings of a sign, at least one, for each of the two parts at the end."""
    if len(signs) < FEWEST_SESSIONS:
        found = f"{len(signs)} recordings of '{signs[0].label}'"
        raise DataError(signs[0].name, found, "at least 3 of each sign, or three sessions")
    count = max(1, len(signs) // 5)
    parts["train"] += signs[: -2 * count]
    parts["validation"] += signs[-2 * count : -count]
    parts["test"] += signs[-count:]


def _by_session(found: Recording) -> bool:
    return len(found.sessions) >= FEWEST_SESSIONS


def _is_auslan(found: Recording) -> bool:
    return all(AUSLAN.fullmatch(session) for session in found.sessions)
