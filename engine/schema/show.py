"""A show: what is played, how fast and to whom. The description of each type is what an error calls expected."""

from collections.abc import Mapping as Table
from typing import Annotated, ClassVar, Literal, NamedTuple

import msgspec
from msgspec import Meta

from engine.schema.controls import Controls, Part

Fps = Annotated[float, Meta(gt=0, le=1000, description="frames per second, over 0 and up to 1000")]
Seed = Annotated[int, Meta(ge=0, le=2**63 - 1, description="a whole number from 0 to 2**63 - 1")]
Root = Annotated[
    str, Meta(pattern=r"^(/[A-Za-z0-9_.-]+)+$", max_length=64, description="an OSC address such as '/engine'")
]
LONGEST_NAME = 32
"""Characters."""
Name = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9_-]+$", max_length=LONGEST_NAME, description="letters, digits, - and _")
]
Text = Annotated[str, Meta(min_length=1, description="some text")]
MAX_PERFORMERS = 256
"""Numbers of performers go from 1 to this, a size of batch. One core plays over 200 of the bundled dancer at 30 fps,
and each number has its branch of the tree of controls, whether anybody plays it or not."""

PIANO, IMAGE = MAX_PERFORMERS + 1, MAX_PERFORMERS + 2
"""Rows of the board that are the pianist's, and the pictures'."""

OWNERS: Table[int, str] = {PIANO: "piano", IMAGE: "image"}
"""What they are called in an address."""

OWN_ROWS: Table[Part, int] = {"keys": PIANO, "images": IMAGE}
"""Whose they are."""


def own(name: str) -> tuple[int, str]:
    """Whose row and which knob a cue names: `piano/contrast` is the pianist's, `contrast` the show's (0)."""
    for row, owner in OWNERS.items():
        if name.startswith(f"{owner}/"):
            return row, name.removeprefix(f"{owner}/")
    return 0, name


Performers = Annotated[int, Meta(ge=1, le=MAX_PERFORMERS, description="a whole number from 1 to 256")]
Device = Annotated[Literal["cpu", "cuda", "auto"], Meta(description="'cpu', 'cuda' or 'auto'")]
Number = Annotated[int, Meta(ge=1, le=MAX_PERFORMERS, description="the number of a performer, 1 to 256")]
Metres = Annotated[float, Meta(ge=-1000, le=1000, description="metres, -1000 to 1000")]
Degrees = Annotated[float, Meta(ge=-360, le=360, description="degrees, -360 to 360")]
Every = Annotated[int, Meta(ge=1, le=1000, description="a whole number from 1 to 1000")]
Cutoff = Annotated[float, Meta(ge=0, le=100, description="hertz, 0 (off) to 100")]
Beta = Annotated[float, Meta(ge=0, le=1000, description="a number from 0 to 1000")]
Port = Annotated[int, Meta(ge=1, le=65535, description="a port from 1 to 65535")]


OptionalPort = Annotated[int, Meta(ge=0, le=65535, description="a port from 1 to 65535, or 0 for none")]
Latency = Annotated[Literal["steady", "latch"], Meta(description="'steady' or 'latch'")]
Seconds = Annotated[float, Meta(ge=0, le=600, description="seconds, 0 to 600")]
Easing = Annotated[Literal["linear", "smooth", "in", "out"], Meta(description="'linear', 'smooth', 'in' or 'out'")]
Clip = Annotated[int, Meta(ge=0, le=9999, description="the number of a stored moment, from 0")]
Topic = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$", max_length=64, description="letters, digits, - _ . /")
]
File = Annotated[str, Meta(min_length=1, description="a file", extra={"file": True})]
Folder = Annotated[str, Meta(min_length=1, description="a folder")]
Megabytes = Annotated[int, Meta(ge=0, le=1_000_000, description="megabytes, 1 to 1000000, or 0 for no limit")]
Byte = Annotated[int, Meta(ge=0, le=127, description="a whole number from 0 to 127")]
Channel = Annotated[int, Meta(ge=1, le=16, description="a MIDI channel from 1 to 16")]
WHOLE = "a whole factor from 1 to 16, or WIDTHxHEIGHT such as 1920x1080"
Scale = (
    Annotated[int, Meta(ge=1, le=16, description=WHOLE)]
    | Annotated[str, Meta(pattern=r"^([1-9]|1[0-6]|[1-9]\d{0,3}x[1-9]\d{0,3})$", description=WHOLE)]
)
Filter = Annotated[Literal["nearest", "bicubic"], Meta(description="'nearest' or 'bicubic'")]
Colormap = Annotated[
    Literal["grey", "ink", "ember", "ice", "neon", "sepia"],
    Meta(description="'grey', 'ink', 'ember', 'ice', 'neon' or 'sepia'"),
]

CONTROL_PORT = 9101
"""UDP, where OSC is heard unless a show says otherwise."""

OSCQUERY_PORT = 9102
"""TCP, likewise the tree."""

SCREEN_PORT = 9103
"""TCP, likewise the pictures of a show that has some."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table `[show]`.

    Attributes:
        fps: frames per second on the wire; None takes the model's own.
        seed: of all noise.
        root: begins every address.
        control: UDP port that hears controls; 0 for none.
        oscquery: TCP port that shows the tree of controls; 0 for none.
        listen: an address of this machine at which both are heard, beside loopback.
        allow: addresses and networks that may send there; needed away from loopback.
        announce: whether the network is told of the tree (zeroconf); None: where `listen` opens it to one.
        latency: `steady` computes a frame right after the last one was sent, `latch` as late as it dares.
        go_gap: seconds after a GO in which another one is an accident and is ignored.
    """

    fps: Fps | None = None
    seed: Seed = 1
    root: Root = "/engine"
    control: OptionalPort = CONTROL_PORT
    oscquery: OptionalPort = OSCQUERY_PORT
    listen: Text = "127.0.0.1"
    allow: tuple[Text, ...] = ()
    announce: bool | None = None
    latency: Latency = "steady"
    go_gap: Seconds = 0.5


class Place(NamedTuple):
    """Where a performer stands and faces: x and z in metres, the heading in degrees, counter-clockwise from above."""

    x: float = 0.0
    z: float = 0.0
    heading: float = 0.0


class Entrance(NamedTuple):
    """How a performer comes on.

    Attributes:
        seed: of its noise; None takes the act's.
        place: where it dances.
        controls: how it plays.
    """

    seed: int | None = None
    place: Place = Place()
    controls: Controls = Controls()


class Performer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table `[[act.performer]]`: what makes one performer different from the others.

    Attributes:
        number: of the performer, p1, p2, ... on the wire.
        seed: of its noise; None takes the show's.
        x: metres to the left of the middle of the stage, seen by somebody who faces +Z; None lines performers up.
        z: metres towards +Z; None as for x.
        heading: degrees, turned counter-clockwise as seen from above; None is 0, and in a cue as it was.
        controls: how it plays where that is not as the act does, by the names of `Controls`.
    """

    number: Number
    seed: Seed | None = None
    x: Metres | None = None
    z: Metres | None = None
    heading: Degrees | None = None
    controls: dict[str, float] = {}


class Act(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table `[act]` or `[[acts]]`: one model playing some performers.

    Attributes:
        name: of the act; in a show, else that of its model.
        model: the file, or the name of a bundled model.
        performers: how many bodies it moves.
        device: where it is computed.
        score: what an act of keys plays from: a .mid file, or the name of a bundled one.
        loop: whether the score begins again when it is over.
        source: what an act of pictures is given: a film, a stack of arrays, a folder of pictures, `camera`,
            `camera:NAME`, or `bodies`, those of the same show; None: nothing.
        controls: how it plays.
        performer: what is special about some of the performers.
    """

    name: Name = "dance"
    model: Text = "dance"
    performers: Performers = 1
    device: Device = "auto"
    score: Text | None = None
    loop: bool = False
    source: Text | None = None
    controls: Controls = Controls()
    performer: tuple[Performer, ...] = ()


class Prime(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A moment to start from.

    Attributes:
        clip: number of a stored moment, as far as the model has so many.
        frame: of it, from 0; None takes its last one.
    """

    clip: Clip
    frame: Clip | None = None


class Cue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table `[[cues]]`: a moment of the show that somebody calls.

    A cue with a seed is a new beginning: what it does not name is as in the show file, and its frames are the same
    every time. A cue without one changes what it names, and nothing else. Either ends a hold and a panic.

    Attributes:
        name: to call it by.
        model: another one that takes over; None keeps the one that plays.
        seed: begins anew with this noise.
        prime: has everybody start from this moment.
        controls: what they are set to, by the names of `PARAMETERS`.
        performer: what is special about some of the performers.
        transition: seconds that it takes.
        curve: how it gets there.
    """

    name: Name
    model: Text | None = None
    seed: Seed | None = None
    prime: Prime | None = None
    controls: dict[str, float] = {}
    performer: tuple[Performer, ...] = ()
    transition: Seconds = 2.0
    curve: Easing = "smooth"


class Mqtt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table `[mqtt]`: a broker through which the show can be watched and steered.

    Attributes:
        host: of the broker.
        port: of the broker.
        user: to log in with; None does not log in, and then only performance values can be set.
        password: of that user.
        tls: whether the connection is encrypted.
        ca: file of the certificates that are trusted; None takes the system's.
        client_id: None takes `<base>-<node>`.
        base: first part of every topic.
        node: second part of every topic: the name of this engine.
    """

    host: Text
    port: Port = 1883
    user: Text | None = None
    password: str | None = None
    tls: bool = False
    ca: File | None = None
    client_id: Text | None = None
    base: Topic = "figurant"
    node: Name = "stage"


class Mapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table `[[midi.map]]`: what a controller or a key does.

    Attributes:
        to: a parameter such as `temperature` or `p2/blend`, or a verb such as `go`, `next` or `panic`.
        control: number of a controller; its 0-127 are spread over `low` to `high`.
        note: number of a key; pressed it sends `value`, or `high` and, released, `low` to a parameter.
        channel: that it is on; None: any.
        low: of a parameter; None takes the bottom of its range.
        high: of a parameter; None takes the top of its range.
        value: what a verb is given, such as the name of a cue.
    """

    to: Text
    control: Byte | None = None
    note: Byte | None = None
    channel: Channel | None = None
    low: float | None = None
    high: float | None = None
    value: str | float | None = None


class Midi(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table `[[midi]]`: a MIDI input.

    Attributes:
        port: its name, or a part of it.
        keys: whether its notes and its pedal are played by the act of keys; those that are mapped are not.
        map: what is mapped.
    """

    port: Text
    keys: bool = False
    map: tuple[Mapping, ...] = ()


class Takes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table `[takes]`: what the show is recorded into.

    Attributes:
        folder: of the files; it is made where it is missing.
        record: whether the show is recorded from its first frame on.
        rotate: megabytes after which a new file begins; 0: never.
    """

    folder: Folder = "takes"
    record: bool = False
    rotate: Megabytes = 1000


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be asked of every protocol and every kind of screen: nothing; each extends this by what it understands.

    Attributes:
        named: whether it goes to something with a name, which stands in the place of host and port.
        bare: whether nothing of what is asked of the others makes sense, so that what is below is all.
    """

    named: ClassVar[bool] = False
    bare: ClassVar[bool] = False


class MidiOptions(Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be asked of a protocol that goes to a MIDI port of this machine, which has a name and no number.

    Attributes:
        virtual: whether the port is made here, for others to read from; else it is one that is there.
        jack: whether it is one of the JACK server, and not of the system (ALSA's, where there is Linux).
        channel: on which everything is said; None: the event's own.
    """

    named: ClassVar[bool] = True
    bare: ClassVar[bool] = True

    virtual: bool = False
    jack: bool = False
    channel: Channel | None = None


class Output(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table `[[outputs]]`: a receiver and the protocol that it understands.

    Attributes:
        kind: the protocol.
        host: an address or a name; of a MIDI port its name or a part of it.
        port: UDP; 0: it is a MIDI port.
        performer: numbers of the performers that it gets; none: all of them.
        every: it gets every n-th frame only.
        smooth: cutoff of its One-Euro filter at rest, hertz; 0: no filter.
        beta: by how many hertz the cutoff rises for each metre per second.
        options: of the protocol; None takes its defaults.
    """

    kind: Text
    host: Text = "127.0.0.1"
    port: Port = 0
    performer: tuple[Number, ...] = ()
    every: Every = 1
    smooth: Cutoff = 0.0
    beta: Beta = 1.0
    options: Options | None = None

    def __str__(self) -> str:
        return _written(self.kind, self.host, self.port)


class Screen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table `[[screens]]`: a way on which the pictures of a show leave.

    Attributes:
        kind: the way.
        host: an address of this machine; of a way that has a name its name, or the file of a device.
        port: TCP; 0: it has a name.
        scale: by how much the picture grows, or what it is fitted into, with bars where its shape is another.
        filter: how it grows.
        invert: whether black and white change places.
        colormap: what greys are shown as.
        options: of the kind; None takes its defaults.
    """

    kind: Text
    host: Text = "127.0.0.1"
    port: Port = 0
    scale: Scale = 1
    filter: Filter = "nearest"
    invert: bool = False
    colormap: Colormap = "grey"
    options: Options | None = None

    def __str__(self) -> str:
        return _written(self.kind, self.host, self.port)


def _written(kind: str, host: str, port: int) -> str:
    """What a receiver or a screen is called: the beginning of its URL."""
    where = f"[{host}]" if ":" in host else host
    return f"{kind}://{where}:{port}" if port else f"{kind}://{host}"


class Show(msgspec.Struct, frozen=True, kw_only=True):
    """What is played, how fast and to whom; the screens are for an act of pictures, where there is one."""

    settings: Settings = Settings()
    acts: tuple[Act, ...] = (Act(),)
    outputs: tuple[Output, ...] = (Output(kind="native", port=9100),)
    screens: tuple[Screen, ...] = (Screen(kind="mjpeg", port=SCREEN_PORT),)
    cues: tuple[Cue, ...] = ()
    mqtt: Mqtt | None = None
    midi: tuple[Midi, ...] = ()
    takes: Takes = Takes()
