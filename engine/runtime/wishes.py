"""What the controls want of a frame beyond what the acts do."""

from typing import NamedTuple

from engine.schema.frame import F32


class Wishes(NamedTuple):
    """What is done to a frame after the model.

    Attributes:
        hold: whether the last pose stays as it is.
        smooth: hertz at rest of the filter on everything that is sent; 0 is off.
        shares: (256,) by performer number - 1: how much of the movement is shown; 0 is the neutral pose.
    """

    hold: bool
    smooth: float
    shares: F32
