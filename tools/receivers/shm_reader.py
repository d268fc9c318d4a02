"""Reads every picture of `--screen shm://NAME`; the layout stands in engine/screens/shm.py. Standard library only.

python shm_reader.py /dev/shm/figurant-NAME.ring
"""

import mmap
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path


def pictures(path: str, patience: float = 5.0) -> Iterator[tuple[int, int, int, bytes]]:
    """Frame number, milliseconds, width and pixels (H x W bytes, grey) of each picture, until none comes any more."""
    heard = time.monotonic()
    while time.monotonic() - heard < patience:
        try:
            with Path(path).open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as ring:
                magic, version, _, session, height, width, slots, stride = struct.unpack_from("<8sIIQIIII", ring)
                seen = 0  # begin with the oldest one that is there
                while magic == b"FIGURANT" and version == 1 and time.monotonic() - heard < patience:
                    _, _, state, now, *_, written = struct.unpack_from("<8sIIQIIIIQ", ring)
                    if now != session or not (state or seen < written):
                        break  # the show is over, or another one has begun: look again what is there
                    if seen == written:
                        time.sleep(0.001)
                        continue
                    seen = max(seen + 1, written - slots + 2)  # what is older may be written over at any moment
                    start = 64 + (seen - 1) % slots * stride
                    lock, frame, milliseconds = struct.unpack_from("<Qqq", ring, start)
                    pixels = ring[start + 32 : start + 32 + height * width]
                    if lock == 2 * seen and struct.unpack_from("<Q", ring, start)[0] == lock:
                        heard = time.monotonic()
                        yield frame, milliseconds, width, pixels
        except (FileNotFoundError, ValueError, struct.error):
            pass  # no show yet
        time.sleep(0.01)


if __name__ == "__main__":
    for frame, milliseconds, width, pixels in pictures(sys.argv[1]):
        print(
            f"frame {frame} at {milliseconds} ms: {width} x {len(pixels) // width}, {sum(pixels) / len(pixels):.1f}",
            flush=True,
        )
