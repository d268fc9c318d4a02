"""Sends OSC messages to a port of this machine, evenly, as many a second as it is told.

python flood.py PORT RATE SECONDS
"""

import socket
import sys
import time

from engine.wire import osc

BATCH = 50
"""Messages between two looks at the clock."""


def main(port: int, rate: float, seconds: float) -> None:
    """Send values that rise and fall, and print how many were sent."""
    datagrams = [osc.encode("/engine/ctl/temperature", 0.5 + 0.01 * step) for step in range(BATCH)]
    begin = time.monotonic()
    sent = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        while (now := time.monotonic() - begin) < seconds:
            if sent > now * rate:
                time.sleep(0.0005)
                continue
            for datagram in datagrams:
                sender.sendto(datagram, ("127.0.0.1", port))
            sent += BATCH
    sys.stdout.write(f"{sent}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]))
