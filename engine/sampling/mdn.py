"""One sample per performer from what a mixture head gives."""

import numpy as np

from engine.contracts import HeadOutput, Knobs
from engine.kept import Kept
from engine.sampling.kernels import draw_chosen, draw_mixture
from engine.schema.frame import F32
from engine.schema.model import Head


class Sampler:
    """Draws for up to P performers from a full or a lazy head; all parameters are per performer.

    A head that gives NaN draws NaN: hiding it would keep a broken performer from being noticed.
    """

    def __init__(self, head: Head, performers: int) -> None:
        self.head = head
        self._divisor = np.zeros(performers, np.float32)
        self._shares = np.zeros((performers, head.components), np.float64)
        self._order = np.zeros((performers, head.components), np.int64)
        self._component = np.zeros(performers, np.int64)
        sample = self._sample = np.zeros((performers, head.dims), np.float32)
        self._samples = Kept(lambda batch: sample[:batch])

    def draw(self, output: HeadOutput, u: F32, normals: F32, knobs: Knobs) -> F32:
        """Draw `mu + std * normals` of the chosen component; at temperature 0 its mean.

        Args:
            output: of a step of B <= P rows.
            u: (B,) uniform in [0, 1), chooses the component of a full head.
            normals: (B, D) standard normal.
            knobs: of each row; the spread is multiplied by `temperature` and `sigma`, and a full head's logits are
                divided by `temperature` and `pi_temperature`.

        Returns:
            (B, D) float32, overwritten by the next draw.
        """
        mu, sigma, logits, _ = output
        temperature, pi_temperature, spread, top_p = knobs
        if logits is None:
            draw_chosen(mu, sigma, normals, temperature, spread, self._sample)
        else:
            draw_mixture(
                logits, mu, sigma, u, normals,
                temperature, pi_temperature, spread, top_p,
                self._divisor, self._shares, self._order, self._component, self._sample,
            )  # fmt: skip
        return self._samples[len(mu)]
