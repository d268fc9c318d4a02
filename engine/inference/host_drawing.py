"""Drawing by the CPU, with the same numbers as where a model draws by itself."""

import numpy as np
from numpy.typing import NDArray

from engine.contracts import Knobs, StepModel
from engine.sampling.kernels import divide
from engine.sampling.mdn import Sampler
from engine.sampling.noise import Noise
from engine.schema.frame import F32


class HostDrawing:
    """A `Drawing` of any `StepModel`, whose batch it has.

    Args:
        model: stepped, and neither closed nor kept from being used otherwise.
    """

    def __init__(self, model: StepModel) -> None:
        head = model.spec.head
        self._model = model
        self._noise = Noise([0] * model.batch, head.dims, head.colour)
        self._sampler = Sampler(head, model.batch)
        self._divisor = np.ones(model.batch, np.float32)

    def draw(self, x: F32, seeds: NDArray[np.uint64], frame: int, colour: F32, knobs: Knobs) -> F32:
        """Advance every row by one frame and sample it; see `Drawing.draw`.

        Raises:
            ValueError: the colour is not that of the model's head.
        """
        noise = self._noise
        if len(colour) != len(noise.colour):
            raise ValueError(f"{len(colour)} weights of normals; expected {len(noise.colour)}")
        np.copyto(noise.colour, colour)
        for row in np.flatnonzero(noise.seeds != seeds).tolist():
            noise.reseed(row, int(seeds[row]))
        noise.fill(frame, len(seeds))
        divide(knobs.temperature, knobs.pi_temperature, self._divisor)
        output = self._model.step(x, noise.u, self._divisor, knobs.top_p)
        return self._sampler.draw(output, noise.u, noise.normals, knobs)
