"""The kinds of values in a show; the description of each is what an error calls expected."""

from typing import Annotated, Literal

from msgspec import Meta

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
Real = Annotated[float, Meta(description="a number")]
MOST_RATE = 1000
"""Samples per second that a show may say; no gloves send more."""

Rate = Annotated[float, Meta(ge=1, le=MOST_RATE, description="samples per second, 1 to 1000")]
Index = Annotated[int, Meta(ge=0, le=1023, description="the number of a channel, from 0")]
PathView = Annotated[Literal["off", "plain", "log"], Meta(description="'off', 'plain' or 'log'")]
