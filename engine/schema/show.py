"""A show: what is played, how fast and to whom. The description of each type is what an error calls expected."""

from typing import Annotated, Literal

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
Performers = Annotated[int, Meta(ge=1, le=64, description="a whole number from 1 to 64")]
Device = Annotated[Literal["cpu", "cuda", "auto"], Meta(description="'cpu', 'cuda' or 'auto'")]
Port = Annotated[int, Meta(ge=1, le=65535, description="a port from 1 to 65535")]


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table `[show]`.

    Attributes:
        fps: frames per second on the wire; None takes the model's own.
        seed: of all noise.
        root: begins every address.
    """

    fps: Fps | None = None
    seed: Seed = 1
    root: Root = "/engine"


class Act(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table `[act]` or `[[acts]]`: one model playing some performers.

    Attributes:
        name: of the act.
        model: the file, or the name of a bundled model.
        performers: how many bodies it moves.
        device: where it is computed.
        controls: how it plays.
    """

    name: Name = "dance"
    model: Text = "dance"
    performers: Performers = 1
    device: Device = "auto"
    controls: Controls = Controls()


class Output(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table `[[outputs]]`: a receiver and the protocol that it understands.

    Attributes:
        kind: the protocol.
        host: an address or a name.
        port: UDP.
    """

    kind: Text
    host: Text = "127.0.0.1"
    port: Port

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.kind}://{host}:{self.port}"


class Show(msgspec.Struct, frozen=True, kw_only=True):
    """What is played, how fast and to whom."""

    settings: Settings = Settings()
    acts: tuple[Act, ...] = (Act(),)
    outputs: tuple[Output, ...] = (Output(kind="native", port=9100),)
