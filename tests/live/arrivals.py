"""Writes what arrives at a UDP port: the time of arrival, and the number and the milliseconds of its frame.

python arrivals.py 9100
"""

import re
import socket
import struct
import sys
import time

FRAME = re.compile(rb"/frame\0+,ii\0(........)", re.DOTALL)

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
    listener.bind(("", int(sys.argv[1])))
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    sys.stdout.write("listening\n")
    while True:
        found = FRAME.search(listener.recv(65536))
        now = time.monotonic()
        if found is not None:
            number, milliseconds = struct.unpack(">ii", found[1])
            sys.stdout.write(f"{now} {number} {milliseconds}\n")
