"""The contracts between the engine's parts; `tests/contracts` holds a suite for each, run over everything found."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from engine.schema.controls import Controls
from engine.schema.frame import F32, Frame, Pose
from engine.schema.model import ModelSpec
from engine.schema.note import Event

MAX_DATAGRAM = 1472
"""Bytes of UDP payload that one Ethernet frame holds: 1500 less 20 (IPv4) and 8 (UDP); more travels in fragments."""


class HeadOutput(NamedTuple):
    """What a step gives: views that the next step overwrites.

    Attributes:
        mu: (B, D) for a lazy head, (B, K, D) for a full one; float32.
        sigma: as `mu`; standard deviations.
        logits: (B, K) for a full head; None for a lazy one.
        component: (B,) int64, the component that a lazy head chose; None for a full one.
    """

    mu: F32
    sigma: F32
    logits: F32 | None = None
    component: NDArray[np.int64] | None = None


class Knobs(NamedTuple):
    """What is turned at sampling, per performer: each (B,) float32.

    Attributes:
        temperature: >= 0; multiplies the standard deviations and divides the logits.
        pi_temperature: divides the logits as well.
        sigma: >= 0; multiplies the standard deviations as well.
        top_p: in (0, 1], share of the likeliest components that may be chosen.
    """

    temperature: F32
    pi_temperature: F32
    sigma: F32
    top_p: F32


class StepModel(Protocol):
    """A recurrent model that is stepped; the state stays inside, on its device.

    Attributes:
        spec: of the model.
        batch: B, rows that are stepped together.
    """

    spec: ModelSpec
    batch: int

    @property
    def provider(self) -> str:
        """What it runs on now, and why not on what was asked for; for a person to read."""
        ...

    def step(self, x: F32, u: F32, pi_temperature: F32, top_p: F32) -> HeadOutput:
        """Advance every row by one frame.

        Args:
            x: (B, F) float32, in the units of the family.
            u: (B,) float32, uniform in [0, 1); a full head does not look at it.
            pi_temperature: (B,) float32 > 0; likewise.
            top_p: (B,) float32 in (0, 1]; likewise.
        """
        ...

    def state(self) -> tuple[F32, ...]:
        """Copies of the state tensors, in the order of `spec.state`."""
        ...

    def hidden(self, numbers: Sequence[int]) -> Sequence[F32]:
        """The state tensors with these numbers as they are now: views that the next step or call may overwrite.

        The frame thread looks at them after each step, so that nothing else is fetched from a device.
        """
        ...

    def put(self, row: int, state: Sequence[F32], source: int) -> None:
        """Overwrite one row's state with row `source` of `state`, tensors of any batch size; zeros if it is empty."""
        ...

    def restore(self, state: Sequence[F32]) -> None:
        """Overwrite the first rows with those of `state`, tensors of any batch size; rows that one of both lacks stay.

        The frame thread does this between two frames, so it is a copy and nothing more.
        """
        ...

    def resized(self, batch: int) -> "StepModel":
        """Make another model of the same weights with `batch` rows of zeros, rehearsed, so that it can step at once.

        Any thread may ask, while another one is stepping this model. Each of the two is closed by itself.
        """
        ...

    def close(self) -> None:
        """Give memory and device back; closing twice is harmless, and models made by `resized` go on."""
        ...


@runtime_checkable
class Drawing(Protocol):
    """A `StepModel` that makes its own noise and samples where it steps, so that only samples leave its device."""

    def draw(self, x: F32, seeds: NDArray[np.uint64], frame: int, colour: F32, knobs: Knobs) -> F32:
        """Advance every row by one frame and sample it, as `Noise` and `Sampler` would.

        Args:
            x: (B, F) float32, in the units of the family.
            seeds: (B,) of the performers, whose numbers are those of their rows.
            frame: its number, from 0 on, which the noise belongs to.
            colour: (C,) float32, weights of the normals of this frame and of those before it.
            knobs: of each performer.

        Returns:
            (B, D) float32, overwritten by the next draw.
        """
        ...


class Counters(NamedTuple):
    """What happened so far in an act; one performer's frame counts as one, and who makes pictures is one performer.

    Attributes:
        frames: of the model.
        guarded: frames in which the last good one stood in.
        nudged: frames computed with a raised spread.
        primed: fresh starts from a stored moment, the first one of each performer not counted.
    """

    frames: int = 0
    guarded: int = 0
    nudged: int = 0
    primed: int = 0


class Family(Protocol):
    """Translates between a model's numbers and a payload, and keeps what is fed back, for up to P performers.

    A performer is a row, wherever its number stands in the batch; a batch of B <= P rows is the first B of them. There
    are controls for each row, None where nobody plays; what such a row gives means nothing. Each body moves around its
    own origin. Nothing in it reads a clock, a file or a socket.
    """

    spec: ModelSpec
    performers: int

    def encode(self, x: F32, controls: Sequence[Controls | None]) -> None:
        """Write the next step's input, (B, F) float32, into `x`."""
        ...

    def spread(self, controls: Controls) -> float:
        """Factor on the spread of samples that the family's own constraints call for; 1 where they call for none."""
        ...

    def decode(self, sample: F32, controls: Sequence[Controls | None]) -> Pose:
        """Turn a sample (B, D) into bodies, with the family's constraints, and keep the constrained sample as feedback.

        The arrays of the payload, of B rows, belong to the family and are overwritten by the next call.
        """
        ...

    def features(self, clip: F32) -> F32:
        """Step inputs (L - 1, F) for a clip of positions (L, J, 3), metres, to start a model with.

        Any thread may ask while another one plays: nothing that is fed back is read or changed.
        """
        ...

    def place(self, row: int, clip: F32, blend: int) -> None:
        """Seat a performer at the end of `clip` (L, J, 3), where it stands now, blending over `blend` frames."""
        ...

    def enter(self, row: int, clip: F32) -> None:
        """Seat a performer that was not here at the end of `clip` (L, J, 3); nothing of the row's past is left."""
        ...

    def stand(self, row: int, root: F32) -> None:
        """Have a performer that is seated go on from the floor position and heading of `root` (7,), around its origin.

        A family whose bodies cannot be moved leaves it where it is.
        """
        ...


class Touch(Protocol):
    """Translates between a model's numbers and how hard one pianist strikes keys; a family whose module is for `keys`.

    A step is a note-on. What a step is told depends on what happened before it and at its moment, never on what comes
    later, so that notes played live get what a whole file gets. Nothing in it reads a clock, a file or a socket.
    """

    spec: ModelSpec

    def press(self, at: int, number: int, own: int, x: F32) -> None:
        """Write the input (1, F) float32 of the step for a key that goes down, and remember the key.

        Args:
            at: nanoseconds since any moment; never less than in an earlier call.
            number: of the key; one that no piano has counts as the nearest that it has.
            own: velocity that its player gave it; heard from the next step on, as far as a player's velocities vary.
            x: written.
        """
        ...

    def release(self, at: int, number: int) -> None:
        """Note that a key comes up."""
        ...

    def pedal(self, at: int, value: int) -> None:
        """Note where the sustain pedal is, 0 to 127."""
        ...

    def decode(self, output: HeadOutput, sample: float, controls: Controls) -> float:
        """The velocity of the key that was pressed last, without bounds or rounding.

        Args:
            output: of its step.
            sample: drawn from the mixture, in units of velocity.
            controls: `temperature` goes from the mean (0) to the sample (1) and beyond; `loudness` moves all
                velocities up or down, 64 not at all; `contrast` scales how far they are from the training's mean.
        """
        ...

    def restart(self) -> None:
        """Forget all that happened."""
        ...


class Status(NamedTuple):
    """How the show is doing, once a second.

    Attributes:
        fps: frames sent per second.
        late: frames that missed their deadline since the start.
        skipped: frames that were not sent since the start.
        p99_ms: milliseconds, 99th percentile of the lateness.
        model: name of the model.
        status: one word for what the engine does.
        clients: receivers that subscribed.
        cue: name of the last cue; empty before the first.
        provider: what computes the model, and why not what was asked for.
        recording: the file that is recorded into, its length and size, or why nothing is; empty where nobody wants it.
    """

    fps: float
    late: int
    skipped: int
    p99_ms: float
    model: str
    status: str
    clients: int = 0
    cue: str = ""
    provider: str = ""
    recording: str = ""


Datagrams = Sequence[bytes | bytearray | memoryview]


class Output(Protocol):
    """A protocol: pure translation from frames to datagrams of at most `MAX_DATAGRAM` bytes each.

    Performers may come and go from frame to frame; the one that it has not met yet may cost it some time.
    """

    def datagrams(self, frame: Frame) -> Datagrams:
        """The datagrams of one frame; valid until the next call."""
        ...

    def notes(self, events: Sequence[Event]) -> Datagrams:
        """The datagrams of what happens now, at once and in order; none where the protocol has no words for it.

        Another thread than that of the frames may ask, of an output of its own.
        """
        ...

    def announce(self, performers: Sequence[int]) -> Datagrams:
        """What receivers need to know once about these performers; sent at the start, every 2 s and on request."""
        ...

    def report(self, status: Status) -> Datagrams:
        """The state of the show; none where the protocol has no words for it."""
        ...


class Loaded(NamedTuple):
    """A vetted model file: the bytes of the graph, its description and its arrays."""

    graph: bytes
    spec: ModelSpec
    arrays: Mapping[str, NDArray[np.generic]]

    @property
    def sha256(self) -> str:
        """Of the file."""
        return hashlib.sha256(self.graph).hexdigest()
