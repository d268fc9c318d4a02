"""The knobs of a performance: one table that drives every way of steering it, files and documents."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from engine.schema.errors import ConfigError

Scope = Literal["act", "performer", "each"]
"""Whose value it is: the act has one; or each performer can have its own beside the act's; or only performers do."""

Kind = Literal["float", "int", "bool"]
"""A bool is 0 or 1."""

Part = Literal["bodies", "keys", "images", "signs"]
"""What an act plays: bodies that dance, the keys of a piano, or pictures; or that it reads signs."""


class Control(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One knob: its range, its unit, what it does, and whose it is.

    Attributes:
        slew: by how much it moves in a second at most, in its unit; 0: it is there at once.
        count: a row of so many knobs, `<name>/0`, `<name>/1`, ...; 1: a single one, `<name>`.
        parts: which acts answer to it.
        trusted: whether only a trusted source may set it; anybody may read it.
    """

    name: str
    default: float
    low: float
    high: float
    unit: str = ""
    description: str = ""
    scope: Scope = "performer"
    kind: Kind = "float"
    slew: float = 0.0
    count: int = 1
    parts: tuple[Part, ...] = ("bodies",)
    trusted: bool = False

    def check(self, value: float) -> float:
        """Give `value` back if it is a finite number within the range.

        Raises:
            ConfigError: it is not.
        """
        if not (math.isfinite(value) and self.low <= value <= self.high):
            raise ConfigError(self.name, str(value), f"a number from {self.low:g} to {self.high:g}")
        return value

    def clamp(self, value: float) -> float:
        """The nearest value within the range; whole, unless the kind is float.

        Raises:
            ValueError: it is no finite number.
        """
        if not math.isfinite(value):
            raise ValueError(f"{self.name}: {value}; expected a finite number")
        within = min(max(value, self.low), self.high)
        return within if self.kind == "float" else float(round(within))


class Controls(msgspec.Struct, frozen=True, kw_only=True):
    """The values that one tick is computed with.

    Attributes:
        temperature: scales the spread of every sample and flattens the choice of the mixture component.
        pi_temperature: flattens (> 1) or sharpens (< 1) the choice of the mixture component alone.
        sigma: scales the spread of the chosen component alone.
        top_p: the choice is made among the likeliest components that hold this share of the probability.
        pull: 0-1, how strongly the movement is led along the nearest recorded ones.
        footlock: 0-1, how strongly a standing foot is kept in its place.
        radius: metres; the body is led back softly when it leaves this circle.
        condition: index of the model's condition (a genre), -1 to let the model choose.
        latent: offsets that are shown on the model's latent numbers, from the first on; none is 0. Of bodies, metres;
            of pictures, 1 is `LATENT_SPAN` standard deviations.
        blend: 0-1, how much of the movement is shown; at 0 the body stands in its neutral pose.
        speed: how fast time passes for the act; the rate on the wire stays.
        smooth: hertz at rest of a One-Euro filter on everything that is sent; 0 is off.
        hold: 1 freezes the bodies as they are.
        run: 0 has the bodies go to their neutral pose within half a second and wait there; keys come up and stay up.
        loudness: of keys, moves all velocities; 64 leaves them as they were learned.
        contrast: of keys, scales how far velocities are from the mean.
        softest: velocity below which no key is struck.
        loudest: velocity above which none is.
        own: 0-1, how much of the player's own velocity is in what is struck.
        listen: 1 has the pianist hear how hard its player plays; 0 has it hear which keys, and nothing else.
        humanise: milliseconds by which a key is struck later at most; each by a chance of its own.
        posed: 0-1, how much of a stored pose is shown instead of what the model makes.
        pose_from: number of the stored pose at the beginning of the way that `scrub` goes.
        pose_to: number of that at its end.
        scrub: 0-1, how much of the way between the two is gone.
        certainty: 0-1, how likely a sign must be to be told.
        early: 0-1, how likely it must stay for a while to be told before it is over; 1: it is told at its end.
    """

    temperature: float = 1.0
    pi_temperature: float = 1.0
    sigma: float = 1.0
    top_p: float = 1.0
    pull: float = 0.0
    footlock: float = 1.0
    radius: float = 3.0
    condition: int = -1
    latent: tuple[float, ...] = ()
    blend: float = 1.0
    speed: float = 1.0
    smooth: float = 0.0
    hold: int = 0
    run: int = 1
    loudness: float = 64.0
    contrast: float = 1.0
    softest: float = 1.0
    loudest: float = 127.0
    own: float = 0.0
    listen: int = 1
    humanise: float = 0.0
    posed: float = 0.0
    pose_from: int = 0
    pose_to: int = 1
    scrub: float = 0.0
    certainty: float = 0.5
    early: float = 1.0


LATENT_SPAN = 3.0
"""Standard deviations of the training by which a knob at 1 moves a picture's latent number: as far as recordings go."""

TEMPERATURE = Control(
    name="temperature", default=1.0, low=0.0, high=2.0, parts=("bodies", "keys", "images"),
    description="how freely the dancer moves, also in pictures, and the pianist strikes",
)  # fmt: skip

MODEL_CONTROLS: tuple[Control, ...] = (
    TEMPERATURE,
    Control(
        name="pi_temperature", default=1.0, low=0.05, high=4.0, parts=("bodies", "images"),
        description="how freely the next figure is chosen",
    ),
    Control(
        name="sigma", default=1.0, low=0.0, high=2.0, parts=("bodies", "images"),
        description="how much a chosen figure varies",
    ),
    Control(
        name="top_p", default=1.0, low=0.05, high=1.0, parts=("bodies", "images"),
        description="share of the likely figures to choose from",
    ),
    Control(
        name="pull", default=0.0, low=0.0, high=1.0, parts=("bodies", "images"),
        description="pull towards recorded movement",
    ),
    Control(name="footlock", default=1.0, low=0.0, high=1.0, description="how firmly a standing foot stays"),
    Control(name="radius", default=3.0, low=0.5, high=100.0, unit="m", slew=2.0, description="size of the stage"),
    Control(
        name="condition", default=-1, low=-1, high=15, kind="int", description="genre; -1 lets the model choose"
    ),
    Control(
        name="latent", default=0.0, low=-1.0, high=1.0, unit="m", slew=2.0, count=16, parts=("bodies", "images"),
        description="bends the body along a principal component of the poses; of a picture, 1 is 3 standard deviations",
    ),
)  # fmt: skip
"""What a dance model answers to."""

TOUCH_CONTROLS: tuple[Control, ...] = (
    Control(
        name="loudness", default=64.0, low=1.0, high=127.0, slew=64.0, parts=("keys",),
        description="how hard the keys are struck, as a velocity; 64 is as it was learned",
    ),
    Control(
        name="contrast", default=1.0, low=0.0, high=3.0, parts=("keys",),
        description="how far velocities are from the mean: 0 is flat, 1 as it was learned",
    ),
    Control(name="softest", default=1.0, low=1.0, high=127.0, parts=("keys",), description="lowest velocity"),
    Control(name="loudest", default=127.0, low=1.0, high=127.0, parts=("keys",), description="highest velocity"),
    Control(
        name="own", default=0.0, low=0.0, high=1.0, parts=("keys",),
        description="how much of the player's own velocity is kept",
    ),
    Control(
        name="listen", default=1, low=0, high=1, kind="bool", parts=("keys",),
        description="1: the pianist hears how hard the player plays, and follows",
    ),
    Control(
        name="humanise", default=0.0, low=0.0, high=200.0, unit="ms", parts=("keys",),
        description="a key is struck later by up to this, each by a chance of its own",
    ),
)  # fmt: skip
"""What a model of touch answers to, beside the temperature."""

POSE_CONTROLS: tuple[Control, ...] = (
    Control(
        name="posed", default=0.0, low=0.0, high=1.0, slew=2.0, parts=("images",),
        description="how much of a stored pose is shown instead of the model's own movement",
    ),
    Control(
        name="pose_from", default=0, low=0, high=255, kind="int", parts=("images",),
        description="the stored pose at the beginning of the way that scrub goes",
    ),
    Control(
        name="pose_to", default=1, low=0, high=255, kind="int", parts=("images",),
        description="the stored pose at its end",
    ),
    Control(
        name="scrub", default=0.0, low=0.0, high=1.0, slew=4.0, parts=("images",),
        description="the way from one stored pose to the other: 0 is the one, 1 the other",
    ),
)  # fmt: skip
"""What goes to the stored poses of a model of pictures."""

SIGN_CONTROLS: tuple[Control, ...] = (
    Control(
        name="certainty", default=0.5, low=0.0, high=1.0, parts=("signs",),
        description="how likely a sign must be to be told",
    ),
    Control(
        name="early", default=1.0, low=0.0, high=1.0, parts=("signs",),
        description="how likely a sign must stay to be told before it is over; 1 waits for its end",
    ),
)  # fmt: skip
"""What a model that recognises signs answers to."""

IMAGE_CONTROLS: tuple[Control, ...] = (
    *(control for control in MODEL_CONTROLS if "images" in control.parts and control.name != "latent"),
    msgspec.structs.replace(
        next(control for control in MODEL_CONTROLS if control.name == "latent"), unit="",
        description="moves the picture along a latent number, the strongest first; 1 is 3 standard deviations",
    ),
    *POSE_CONTROLS,
)  # fmt: skip
"""What a model of pictures with latent numbers answers to; a file may narrow `pose_from`, `pose_to` to its poses."""

CONTROLS: tuple[Control, ...] = (
    *MODEL_CONTROLS,
    *TOUCH_CONTROLS,
    *POSE_CONTROLS,
    *SIGN_CONTROLS,
    Control(name="blend", default=1.0, low=0.0, high=1.0, slew=2.0, description="how much of the movement is shown"),
    Control(
        name="speed", default=1.0, low=0.25, high=4.0, scope="act", parts=("bodies", "keys", "images", "signs"),
        description="how fast bodies and pictures move, and scores and recorded gloves are played",
    ),
    Control(
        name="smooth", default=0.0, low=0.0, high=100.0, unit="Hz", scope="act",
        description="smooths all that is sent: lower is smoother and later; 0 is off",
    ),
    Control(
        name="hold", default=0, low=0, high=1, scope="act", kind="bool", parts=("bodies", "keys", "images", "signs"),
        description="1 freezes bodies and pictures, stops the score where it is, and reads no signs",
    ),
    Control(
        name="run", default=1, low=0, high=1, scope="act", kind="bool", slew=2.0,
        parts=("bodies", "keys", "images", "signs"),
        description="0 lets bodies go to a neutral pose and wait; keys come up, pictures turn black, no sign is told",
    ),
)  # fmt: skip
"""Every field of `Controls`, with range and default."""

STANDING: tuple[Control, ...] = (
    Control(
        name="seed", default=1, low=0, high=2**31 - 1, kind="int", parts=("bodies", "keys", "images"),
        description="another number, another dance",
    ),
    Control(
        name="x", default=0.0, low=-1000.0, high=1000.0, unit="m", scope="each", slew=4.0,
        description="place: towards the left hand of somebody who faces +Z",
    ),
    Control(
        name="z", default=0.0, low=-1000.0, high=1000.0, unit="m", scope="each", slew=4.0, description="place: to +Z"
    ),
    Control(
        name="heading", default=0.0, low=-360.0, high=360.0, unit="deg", scope="each", slew=360.0,
        description="turned counter-clockwise, as seen from above",
    ),
)  # fmt: skip
"""Who a performer is and where it stands."""

STAGE: tuple[Control, ...] = (
    Control(name="performers", default=1, low=0, high=256, scope="act", kind="int", description="bodies that play"),
    Control(
        name="crossfade", default=2.0, low=0.0, high=60.0, unit="s", scope="act", parts=("bodies", "images"),
        description="how long a model that is loaded takes to take over",
    ),
    Control(
        name="record", default=0, low=0, high=1, scope="act", kind="bool", parts=("bodies", "keys", "images", "signs"),
        trusted=True,
        description="1 records the show into a new file, 0 ends it",
    ),
)  # fmt: skip

PARAMETERS: tuple[Control, ...] = (*CONTROLS, *STANDING, *STAGE)
"""Everything that has a value and can be set while a show runs."""


def expanded(table: Iterable[Control]) -> dict[str, Control]:
    """Each single knob of a table by its name: a row of `count` becomes `<name>/0`, `<name>/1`, ..."""
    found: dict[str, Control] = {}
    for control in table:
        names = [control.name] if control.count == 1 else [f"{control.name}/{n}" for n in range(control.count)]
        found |= {name: msgspec.structs.replace(control, name=name, count=1) for name in names}
    return found


def reader(names: Sequence[str]) -> Callable[[Sequence[float]], Controls]:
    """What makes controls of the values of these single knobs, by their names as `expanded` has them.

    What is missing among the names has its default, and what is no field of the controls is passed over. All that the
    names tell is worked out here, as a knob that moves is read in each frame, for each performer.
    """
    column = {name: place for place, name in enumerate(names)}
    fields = [name for name in Controls.__struct_fields__ if name in column]
    whole = [control.name for control in CONTROLS if control.kind != "float" and control.name in column]
    places = [column[name] for name in fields]
    offsets = {int(name.partition("/")[2]): place for name, place in column.items() if name.startswith("latent/")}
    row = [offsets.get(number) for number in range(max(offsets, default=-1) + 1)]

    def read(values: Sequence[float]) -> Controls:
        found: dict[str, Any] = dict(zip(fields, [values[place] for place in places], strict=True))
        for name in whole:
            found[name] = round(found[name])
        latent = [0.0 if place is None else values[place] for place in row]
        return Controls(**found, latent=tuple(latent) if any(latent) else ())

    return read


def make_controls(values: Mapping[str, float]) -> Controls:
    """Controls of single knobs by their names, as `expanded` has them; what is missing has its default."""
    return reader(tuple(values))(tuple(values.values()))


def knobs(controls: Controls) -> dict[str, float]:
    """The single knobs of controls by their names; those of `latent` as far as there are any."""
    values = {name: getattr(controls, name) for name in Controls.__struct_fields__ if name != "latent"}
    return values | {f"latent/{n}": value for n, value in enumerate(controls.latent)}
