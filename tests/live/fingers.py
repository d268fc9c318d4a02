"""Presses keys of a running show, one after the other at random moments, and lifts each.

python fingers.py PORT SECONDS CHANNEL

Prints when each key was pressed: number, and seconds of the system's clock.
"""

import random
import socket
import sys
import time

from engine.schema.note import HIGHEST, LOWEST
from engine.wire import osc

HELD = 0.03
"""Seconds that a key is down."""

GAPS = (0.01, 0.3)
"""Seconds between two keys: they come at any moment of a frame."""


def main(port: int, seconds: float, channel: int) -> None:
    """Play until the time is over."""
    chance, end = random.Random(port), time.monotonic() + seconds  # noqa: S311 (moments, not secrets)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
        mouth.connect(("127.0.0.1", port))
        while time.monotonic() < end:
            number, velocity = chance.randint(LOWEST, HIGHEST), chance.randint(30, 100)
            pressed, lifted = (osc.encode("/engine/in/note", number, each, channel) for each in (velocity, 0))
            at = time.monotonic()
            mouth.send(pressed)
            time.sleep(HELD)
            mouth.send(lifted)
            sys.stdout.write(f"{number} {at}\n")
            time.sleep(chance.uniform(*GAPS))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
