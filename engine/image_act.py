"""One model of pictures, played at the rate of the wire."""

from engine.contracts import Imagery
from engine.schema.controls import Controls
from engine.schema.frame import U8, Image


class ImageAct:
    """Plays a model of pictures at the rate of the wire; pure but for what it keeps.

    Args:
        imagery: the model; `close` closes it.
        fps: frames per second on the wire.
    """

    def __init__(self, imagery: Imagery, *, fps: float) -> None:
        self._imagery, self._fps = imagery, fps

    def frame(self, controls: Controls, given: U8 | None, *, hold: bool) -> Image:
        """The next picture of the wire.

        Args:
            controls: how it plays; `speed` is how fast its time passes.
            given: (H, W) the newest picture from outside, for a model that takes some; None: there is none.
            hold: show the last one again.

        Returns:
            A picture whose arrays are overwritten by the next call.
        """
        raise NotImplementedError
