"""The bundled dance, played to a socket of this machine: what parts and crowds are measured on."""

from collections.abc import Iterator
from contextlib import ExitStack

import numpy as np

from engine import bundled, plugins
from engine.act import Act
from engine.contracts import Datagrams, Family, Loaded, StepModel
from engine.inference.open_model import open_model
from engine.inference.vet import load
from engine.outputs import native
from engine.priming import Primes, warm
from engine.schema.frame import Frame, Pose
from engine.schema.kinds import MAX_PERFORMERS
from engine.transport.udp import UdpSender

ROOT = "/engine"


class Cast:
    """Dancers that can be had in any number.

    Attributes:
        loaded: the bundled dance.
        primes: what they start from.
    """

    def __init__(self) -> None:
        self.loaded: Loaded = load(bundled.MODELS / "dance.onnx")
        clips = self.loaded.arrays["primes"].astype(np.float32)
        self.primes: Primes = warm(lambda batch: open_model(self.loaded, batch), self.family(1), clips)

    def model(self, performers: int) -> StepModel:
        """What steps so many."""
        return open_model(self.loaded, performers)

    def family(self, performers: int) -> Family:
        """What decodes so many."""
        return plugins.family(self.loaded.spec.family)(self.loaded, performers)


class Wire:
    """The native output and the socket that it leaves by.

    More than a show may have are sent as several shows would send them.

    Args:
        cast: whose skeleton it is.
        performers: how many.
        port: of somebody who reads.
        opened: closes the socket.
    """

    def __init__(self, cast: Cast, performers: int, port: int, opened: ExitStack) -> None:
        starts = range(0, performers, MAX_PERFORMERS)
        self._rows = [slice(start, min(start + MAX_PERFORMERS, performers)) for start in starts]
        numbers = [range(rows.start + 1, rows.stop + 1) for rows in self._rows]
        self._outputs = [native.create(cast.loaded.spec, each, ROOT, native.Options()) for each in numbers]
        self._sender = UdpSender("127.0.0.1", port)
        opened.callback(self._sender.close)

    def __call__(self, frame: Frame) -> None:
        """Encode and send a frame."""
        for datagrams in self.encode(frame):
            self._sender.send(datagrams)

    def encode(self, frame: Frame) -> Iterator[Datagrams]:
        """The datagrams of a frame, show by show."""
        if len(self._outputs) == 1:
            yield self._outputs[0].datagrams(frame)
            return
        for rows, output in zip(self._rows, self._outputs, strict=True):
            yield output.datagrams(_some(frame, rows))

    def send(self, datagrams: Datagrams) -> int:
        """Send what was encoded before."""
        return self._sender.send(datagrams)


def _some(frame: Frame, rows: slice) -> Frame:
    """Some performers of a frame, without a copy."""
    positions, root, rotations, _ = frame.pose
    pose = Pose(positions[rows], root[rows], None if rotations is None else rotations[rows])
    return frame._replace(pose=pose, quality=frame.quality[rows], performers=frame.performers[rows])


class Dancers:
    """A crowd in one batch; calling it plays a frame, from the controls to the last datagram.

    Args:
        cast: gives them.
        performers: how many.
        port: of somebody who reads.
        opened: closes model and socket.
    """

    def __init__(self, cast: Cast, performers: int, port: int, opened: ExitStack) -> None:
        numbers = range(1, performers + 1)
        self.act = Act(
            cast.model(performers),
            cast.family(performers),
            seed=1,
            primes=cast.primes,
            freeze_speed=0.0,
            performers=numbers,
        )
        opened.callback(self.act.close)
        for number in numbers:
            self.act.reseed(number, number)
        self._send = Wire(cast, performers, port, opened)

    def __call__(self) -> None:
        """Play a frame."""
        self._send(self.act.tick())
