"""One sample per performer from what a mixture head gives."""

import numpy as np

from engine.contracts import HeadOutput
from engine.sampling.kernels import COLDEST, draw_mixture, sample_chosen
from engine.schema.frame import F32
from engine.schema.model import Head


def choice_temperature(temperature: F32, pi_temperature: F32, out: F32) -> F32:
    """What the logits are divided by, (P,), written into `out`; a lazy head is given the same."""
    np.multiply(temperature, pi_temperature, out=out)
    return np.maximum(out, COLDEST, out=out)


class Sampler:
    """Draws for up to P performers from a full or a lazy head; all parameters are per performer.

    A head that gives NaN draws NaN: hiding it would keep a broken performer from being noticed.
    """

    def __init__(self, head: Head, performers: int) -> None:
        self.head = head
        self._divisor = np.zeros(performers, np.float32)
        self._scale = np.zeros(performers, np.float32)
        self._shares = np.zeros((performers, head.components), np.float64)
        self._order = np.zeros((performers, head.components), np.int64)
        self._component = np.zeros(performers, np.int64)
        self._sample = np.zeros((performers, head.dims), np.float32)

    def draw(
        self,
        output: HeadOutput,
        u: F32,
        normals: F32,
        *,
        temperature: F32,
        pi_temperature: F32,
        sigma: F32,
        top_p: F32,
    ) -> F32:
        """Draw `mu + std * normals` of the chosen component; at temperature 0 its mean.

        Args:
            output: of a step of B <= P rows.
            u: (B,) uniform in [0, 1), chooses the component of a full head.
            normals: (B, D) standard normal.
            temperature: (B,) >= 0; multiplies the standard deviation and divides the logits.
            pi_temperature: (B,) divides the logits as well.
            sigma: (B,) >= 0 multiplies the standard deviation as well.
            top_p: (B,) in (0, 1], share of the likeliest components that may be chosen.

        Returns:
            (B, D) float32, overwritten by the next draw.
        """
        batch = len(output.mu)
        scale, sample = self._scale[:batch], self._sample[:batch]
        if output.logits is None:
            np.multiply(temperature, sigma, out=scale)
            sample_chosen(output.mu, output.sigma, scale, normals, sample)
            return sample
        draw_mixture(
            output.logits,
            output.mu,
            output.sigma,
            u,
            normals,
            temperature,
            pi_temperature,
            sigma,
            top_p,
            self._divisor,
            scale,
            self._shares,
            self._order,
            self._component,
            sample,
        )
        return sample
