"""A show: what is played, how fast and to whom. The description of each type is what an error calls expected."""

from collections.abc import Mapping as Table
from typing import ClassVar, NamedTuple

import msgspec

from engine.schema.controls import Controls, Part
from engine.schema.kinds import (
    MAX_PERFORMERS,
    Beta,
    Byte,
    Channel,
    Clip,
    Colormap,
    Cutoff,
    Degrees,
    Device,
    Easing,
    Every,
    File,
    Filter,
    Folder,
    Fps,
    Index,
    Latency,
    Megabytes,
    Metres,
    Name,
    Number,
    OptionalPort,
    PathView,
    Performers,
    Port,
    Rate,
    Real,
    Root,
    Scale,
    Seconds,
    Seed,
    Text,
    Topic,
)

PIANO, IMAGE, SIGN = MAX_PERFORMERS + 1, MAX_PERFORMERS + 2, MAX_PERFORMERS + 3
"""Rows of the board that are the pianist's, the pictures', and of who reads signs."""

OWNERS: Table[int, str] = {PIANO: "piano", IMAGE: "image", SIGN: "sign"}
"""What they are called in an address."""

OWN_ROWS: Table[Part, int] = {"keys": PIANO, "images": IMAGE, "signs": SIGN}
"""Whose they are."""


def own(name: str) -> tuple[int, str]:
    """Whose row and which knob a cue names: `piano/contrast` is the pianist's, `contrast` the show's (0)."""
    for row, owner in OWNERS.items():
        if name.startswith(f"{owner}/"):
            return row, name.removeprefix(f"{owner}/")
    return 0, name


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


class Glove(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table `[act.glove]`: what a pair of gloves, or another thing that measures, sends.

    Attributes:
        rate: samples per second; None: as many as the model has learnt with.
        channels: for each number of a sample which channel of the model it is, from 0; none: all, in order. A channel
            that nobody sends stays at its mean.
        scale: factors that bring them to the model's units, one for each number, or one for all.
        offset: what is added after that, likewise.
    """

    rate: Rate | None = None
    channels: tuple[Index, ...] = ()
    scale: tuple[Real, ...] = ()
    offset: tuple[Real, ...] = ()


class Act(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table `[act]` or `[[acts]]`: one model playing some performers.

    Attributes:
        name: of the act; in a show, else that of its model.
        model: the file, or the name of a bundled model.
        performers: how many bodies it moves.
        device: where it is computed.
        score: what an act of keys plays from: a .mid file, or the name of a bundled one.
        loop: whether the score, or recorded gloves, begin again when they are over.
        source: what an act of pictures is given: a film, a stack of arrays, a folder of pictures, `camera`,
            `camera:NAME`, or `bodies`, those of the same show; None: nothing. Of an act that reads signs: recorded
            gloves, played in time; None: those that come over OSC.
        glove: what the gloves send, for an act that reads signs.
        path: whether it is told where the network's memory is on its map, where the model has one, and in which view.
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
    glove: Glove = Glove()
    path: PathView = "plain"
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
        sign: word that calls it when it is recognised; None: no sign does.
        model: another one that takes over; None keeps the one that plays.
        seed: begins anew with this noise.
        prime: has everybody start from this moment.
        controls: what they are set to, by the names of `PARAMETERS`.
        performer: what is special about some of the performers.
        transition: seconds that it takes.
        curve: how it gets there.
    """

    name: Name
    sign: Text | None = None
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
