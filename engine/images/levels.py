"""Grey levels: from numbers between 0 and 1 to bytes and back, and darker; all of them into arrays that are there."""

import numpy as np

from engine.kernel import kernel
from engine.schema.frame import F32, U8


@kernel
def energy(light: F32) -> float:
    """Mean square of a picture (H, W), which falls as well where one blurs; NaN or infinite where it is none."""
    total = 0.0
    for row in range(light.shape[0]):
        for column in range(light.shape[1]):
            total += float(light[row, column]) * float(light[row, column])
    return total / light.size


@kernel
def to_grey(light: F32, pixels: U8) -> bool:
    """Write (H, W) numbers, 0 to 1 and bounded to that, as bytes; where one is none, write nothing and say False."""
    if not np.isfinite(energy(light)):
        return False
    for row in range(light.shape[0]):
        for column in range(light.shape[1]):
            level = min(max(light[row, column], np.float32(0.0)), np.float32(1.0))
            pixels[row, column] = np.uint8(level * np.float32(255.0) + np.float32(0.5))
    return True


@kernel
def to_light(pixels: U8, light: F32) -> None:
    """Write bytes (H, W) as numbers from 0 to 1; ValueError where there is no room for just these."""
    if pixels.shape != light.shape:
        raise ValueError("a picture of another size")
    for row in range(pixels.shape[0]):
        for column in range(pixels.shape[1]):
            light[row, column] = np.float32(pixels[row, column]) / np.float32(255.0)


@kernel
def dim(pixels: U8, level: float, out: U8) -> None:
    """Write pixels (H, W), darkened to a share of their light, 0 to 1, into `out`."""
    for row in range(pixels.shape[0]):
        for column in range(pixels.shape[1]):
            out[row, column] = np.uint8(pixels[row, column] * level + 0.5)


@kernel
def fade_over(old: F32, new: F32, share: float, out: F32) -> None:
    """Write (H, W) a share of the old picture and the rest of the new one into `out`."""
    kept = np.float32(share)
    for row in range(old.shape[0]):
        for column in range(old.shape[1]):
            out[row, column] = new[row, column] + kept * (old[row, column] - new[row, column])
