"""What a take holds: its description, and one value for each kind of record."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import msgspec

from engine.schema.controls import Part
from engine.schema.frame import F32, Frame
from engine.schema.model import ModelSpec, Size
from engine.schema.note import Event
from engine.schema.show import Show
from engine.schema.skeleton import Skeleton

FORMAT = 1

Topic = Literal["/frames", "/notes", "/controls", "/journal", "/state"]


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """A model of the show.

    Attributes:
        part: what it plays.
        model: file or bundled name, as the show has it.
        sha256: of the file.
        spec: its description.
    """

    part: Part
    model: str
    sha256: str
    spec: ModelSpec


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What stands at the beginning of a take (JSON, the attachment `take.json`).

    Attributes:
        format: version of this description and of the messages.
        name: of the first act.
        engine: version of the engine.
        build: sha-256 of its sources; frames can be computed again bit for bit by the same build on the same machine.
        machine: processor, system and versions that frames depend on.
        started: when the show began, nanoseconds since 1970 (a label; times in a take count from it).
        first: number of the show's frame that this file begins with.
        number: of the file among those that one recording is spread over, from 1.
        fps: frames per second on the wire.
        seed: of the show.
        show: as it was played, with what the command line said otherwise.
        models: of its acts.
        skeleton: of the bodies; None where nobody dances.
        knobs: names of the columns of `Taken.controls`.
        journal: whether the journal reaches back to the show's beginning, so that it can be played again.
    """

    name: str
    engine: str
    build: str
    machine: str
    started: int
    fps: float
    seed: int
    show: Show
    models: tuple[Played, ...]
    skeleton: Skeleton | None = None
    first: int = 0
    number: int = 1
    knobs: tuple[str, ...] = ()
    journal: bool = True
    format: int = FORMAT

    @property
    def size(self) -> Size | None:
        """Of the pictures; None where none are made."""
        return next((played.spec.image for played in self.models if played.part == "images"), None)


class Taken(NamedTuple):
    """A frame as it was sent, before any receiver's own filter.

    Attributes:
        frame: with arrays of its own; its `pose.body` is there where rotations were solved.
        tick: how many frames of the show were computed before it; a skipped deadline is no tick.
        controls: (P, C) float32, what each performer played with: the columns are `Header.knobs`.
    """

    frame: Frame
    tick: int
    controls: F32


class Struck(NamedTuple):
    """A key or a pedal that moved.

    Attributes:
        at: nanoseconds since the show began.
        event: what happened.
    """

    at: int
    event: Event


class Asked(msgspec.Struct, frozen=True, kw_only=True, tag="asked"):
    """A request that was accepted.

    Attributes:
        sequence: number of the frame that shows it first.
        address: what was set or called.
        arguments: after clamping.
        source: the way it came: `osc`, `oscquery`, `mqtt`, `midi`, `sign`.
        host: the sender's address, where there is one.
        port: the sender's.
    """

    sequence: int
    address: str
    arguments: tuple[float | str | bool | None, ...] = ()
    source: str = ""
    host: str = ""
    port: int = 0


class Entry(NamedTuple):
    """A line of the journal, from which a show can be played again.

    Attributes:
        tick: it was done before the frame with this tick was computed.
        data: what was done (JSON); `engine.runtime.journal` reads it.
    """

    tick: int
    data: bytes


class Reported(msgspec.Struct, frozen=True, kw_only=True, tag="reported"):
    """How the show was doing, as `engine.contracts.Status`.

    Attributes:
        at: nanoseconds since the show began.
    """

    at: int
    fps: float
    late: int
    skipped: int
    p99_ms: float
    model: str
    status: str
    recording: str = ""
    dropped: int = 0


Record = Taken | Struck | Asked | Entry | Reported

TOPICS: Mapping[type[Record], Topic] = {
    Taken: "/frames",
    Struck: "/notes",
    Asked: "/controls",
    Entry: "/journal",
    Reported: "/state",
}
"""Where each kind of record belongs."""
