"""A show: what is played, how fast and to whom. The description of each type is what an error calls expected."""

from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import Meta

from engine.schema.controls import Controls

Fps = Annotated[float, Meta(gt=0, le=1000, description="frames per second, over 0 and up to 1000")]
Seed = Annotated[int, Meta(ge=0, le=2**63 - 1, description="a whole number from 0 to 2**63 - 1")]
Root = Annotated[
    str, Meta(pattern=r"^(/[A-Za-z0-9_.-]+)+$", max_length=64, description="an OSC address such as '/engine'")
]
Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]+$", max_length=32, description="letters, digits, - and _")]
Text = Annotated[str, Meta(min_length=1, description="some text")]
MAX_PERFORMERS = 64
"""Numbers of performers go from 1 to this."""

Performers = Annotated[int, Meta(ge=1, le=MAX_PERFORMERS, description="a whole number from 1 to 64")]
Device = Annotated[Literal["cpu", "cuda", "auto"], Meta(description="'cpu', 'cuda' or 'auto'")]
Number = Annotated[int, Meta(ge=1, le=MAX_PERFORMERS, description="the number of a performer, 1 to 64")]
Metres = Annotated[float, Meta(ge=-1000, le=1000, description="metres, -1000 to 1000")]
Degrees = Annotated[float, Meta(ge=-360, le=360, description="degrees, -360 to 360")]
Every = Annotated[int, Meta(ge=1, le=1000, description="a whole number from 1 to 1000")]
Cutoff = Annotated[float, Meta(ge=0, le=100, description="hertz, 0 (off) to 100")]
Beta = Annotated[float, Meta(ge=0, le=1000, description="a number from 0 to 1000")]
Port = Annotated[int, Meta(ge=1, le=65535, description="a port from 1 to 65535")]


ControlPort = Annotated[int, Meta(ge=0, le=65535, description="a port from 1 to 65535, or 0 for none")]


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table `[show]`.

    Attributes:
        fps: frames per second on the wire; None takes the model's own.
        seed: of all noise.
        root: begins every address.
        control: UDP port on this machine that hears requests; 0 for none.
    """

    fps: Fps | None = None
    seed: Seed = 1
    root: Root = "/engine"
    control: ControlPort = 9101


class Place(NamedTuple):
    """Where a performer stands and faces: x and z in metres, the heading in degrees, counter-clockwise from above."""

    x: float = 0.0
    z: float = 0.0
    heading: float = 0.0


class Performer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table `[[act.performer]]`: what makes one performer different from the others.

    Attributes:
        number: of the performer, p1, p2, ... on the wire.
        seed: of its noise; None takes the show's.
        x: metres to the left of the middle of the stage, seen by somebody who faces +Z; None lines performers up.
        z: metres towards +Z; None as for x.
        heading: degrees, turned counter-clockwise as seen from above.
        controls: how it plays where that is not as the act does, by the names of `Controls`.
    """

    number: Number
    seed: Seed | None = None
    x: Metres | None = None
    z: Metres | None = None
    heading: Degrees = 0.0
    controls: dict[str, float] = {}


class Act(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table `[act]` or `[[acts]]`: one model playing some performers.

    Attributes:
        name: of the act.
        model: the file, or the name of a bundled model.
        performers: how many bodies it moves.
        device: where it is computed.
        controls: how it plays.
        performer: what is special about some of the performers.
    """

    name: Name = "dance"
    model: Text = "dance"
    performers: Performers = 1
    device: Device = "auto"
    controls: Controls = Controls()
    performer: tuple[Performer, ...] = ()


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be asked of every protocol: nothing; each extends this by what it understands."""


class Output(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table `[[outputs]]`: a receiver and the protocol that it understands.

    Attributes:
        kind: the protocol.
        host: an address or a name.
        port: UDP.
        performer: numbers of the performers that it gets; none: all of them.
        every: it gets every n-th frame only.
        smooth: cutoff of its One-Euro filter at rest, hertz; 0: no filter.
        beta: by how many hertz the cutoff rises for each metre per second.
        options: of the protocol; None takes its defaults.
    """

    kind: Text
    host: Text = "127.0.0.1"
    port: Port
    performer: tuple[Number, ...] = ()
    every: Every = 1
    smooth: Cutoff = 0.0
    beta: Beta = 1.0
    options: Options | None = None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.kind}://{host}:{self.port}"


class Show(msgspec.Struct, frozen=True, kw_only=True):
    """What is played, how fast and to whom."""

    settings: Settings = Settings()
    acts: tuple[Act, ...] = (Act(),)
    outputs: tuple[Output, ...] = (Output(kind="native", port=9100),)
