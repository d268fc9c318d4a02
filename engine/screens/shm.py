"""Pictures in memory that other programs of this machine read: a ring in a mapped file.

The file is `figurant-NAME.ring`, in `/dev/shm` where there is one and in the folder for temporary files elsewhere. All
numbers are little-endian. `tools/receivers/shm_reader.py` reads it.

    0   8 bytes  `FIGURANT`; zeros while the header changes
    8   uint32   version, 1
    12  uint32   state: 1 while pictures come, 0 when the show is over
    16  uint64   session: another number for each show that has written here
    24  uint32   H, rows of a picture
    28  uint32   W, columns
    32  uint32   N, slots
    36  uint32   bytes from one slot to the next
    40  uint64   pictures written so far; the newest, number n, lies in slot (n - 1) % N
    48  float64  pictures per second, as planned
    64  slots, each:
        0   uint64  lock: 2 n when picture n is whole, odd while one is written
        8   int64   number of the frame
        16  int64   milliseconds since the start of the show
        24  8 bytes of nothing
        32  H x W bytes, grey, 0 black, the top row first

A reader copies a slot and believes it if the lock was 2 n before and is 2 n after. The writer never waits, and a reader
that ends in any way leaves nothing behind. What a killed show leaves is taken over by the next one of the same name,
which is refused while another one writes there.
"""

from collections.abc import Callable
from typing import Annotated

from msgspec import Meta

from engine import imagery
from engine.schema import show
from engine.schema.model import Size

Slots = Annotated[int, Meta(ge=2, le=1024, description="a whole number from 2 to 1024")]


class Options(show.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be asked of shared memory.

    Attributes:
        slots: pictures that it holds; so many may come while a reader does something else.
    """

    named = True
    bare = True

    slots: Slots = 16


def create(
    screen: show.Screen,
    size: Size,
    *,
    fps: float,
    name: str,  # noqa: ARG001 (its readers know the ring by its own)
    say: Callable[[str], object],  # noqa: ARG001 (nothing fails later)
) -> imagery.Screen:
    """Pictures as they are, in shared memory.

    Raises:
        ConfigError: the name cannot be one of a file.
        TransportError: another show writes there, or the file cannot be made.
    """
    from engine.screens._ring import Ring, path_of

    slots = screen.options.slots if isinstance(screen.options, Options) else Options().slots
    return Ring(path_of(screen.host, f"{screen}: name"), size, slots=slots, fps=fps)
