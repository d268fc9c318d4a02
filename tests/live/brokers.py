"""A real Mosquitto, its own command-line clients, and what they saw."""

import contextlib
import json
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from live.receiving import need
from live.steered import until

BASE = "figurant/stage"

KEY = "broker.key"

PACKAGES = {"mosquitto": "mosquitto", "mosquitto_pub": "mosquitto-clients", "mosquitto_sub": "mosquitto-clients"}


class Seen(NamedTuple):
    """A message as `mosquitto_sub` got it.

    Attributes:
        at: seconds since 1970.
        retained: whether it was kept from before.
        topic: behind `BASE`.
        payload: of it.
    """

    at: float
    retained: bool
    topic: str
    payload: str


class Program:
    """A program whose lines are kept."""

    def __init__(self, command: Sequence[str]) -> None:
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def say(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def end(self, number: signal.Signals = signal.SIGKILL) -> int:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(number)
        code = self.process.wait(timeout=10)
        self._reader.join(timeout=10)
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            with contextlib.suppress(BrokenPipeError):
                stream.close()
        return code


class Broker:
    """Mosquitto on a free loopback port.

    Args:
        folder: for its settings.
        user: that may log in; None: nobody logs in.
        password: of that user.
        tls: whether connections are encrypted, with the certificate that Broker.certificate then names.
    """

    def __init__(self, folder: Path, user: str | None = None, password: str = "", *, tls: bool = False) -> None:
        for program, package in PACKAGES.items():
            need(program, package)
        with socket.socket() as trying:
            trying.bind(("127.0.0.1", 0))
            self.port = int(trying.getsockname()[1])
        self._folder, self._user, self._password = folder, user, password
        self.certificate = _certified(folder) if tls else None
        self._program: Program | None = None
        self._clients: list[Program] = []

    def start(self) -> None:
        own = ["user root", f"listener {self.port} 127.0.0.1", "persistence false"]
        own.append(f"allow_anonymous {str(self._user is None).lower()}")
        if self._user is not None:
            known = self._folder / "passwords"
            known.unlink(missing_ok=True)
            subprocess.run(["mosquitto_passwd", "-b", "-c", known, self._user, self._password], check=True)
            own.append(f"password_file {known}")
        if self.certificate is not None:
            own += [f"certfile {self.certificate}", f"keyfile {self._folder / KEY}"]
        settings = self._folder / "mosquitto.conf"
        settings.write_text("\n".join(own))
        self._program = Program(["mosquitto", "-c", str(settings)])
        until(self._answers, "mosquitto listens", 5)

    def _answers(self) -> bool:
        with socket.socket() as trying:
            return trying.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self, number: signal.Signals = signal.SIGKILL) -> None:
        if self._program is not None:
            self._program.end(number)
            self._program = None

    def signal(self, number: signal.Signals) -> None:
        assert self._program is not None
        self._program.process.send_signal(number)

    def change_password(self, password: str) -> None:
        self._password = password

    def _login(self) -> list[str]:
        login = [] if self._user is None else ["-u", self._user, "-P", self._password]
        tls = [] if self.certificate is None else ["--cafile", str(self.certificate)]
        return ["-h", "127.0.0.1", "-p", str(self.port), *login, *tls]

    def publish(self, topic: str, payload: str, *options: str, base: str = BASE) -> None:
        self._publish(f"{base}/{topic}", "-m", payload, *options)

    def publish_file(self, topic: str, path: Path) -> None:
        self._publish(f"{BASE}/{topic}", "-f", str(path))

    def _publish(self, topic: str, *options: str) -> None:
        subprocess.run(["mosquitto_pub", *self._login(), "-q", "1", "-t", topic, *options], check=True, timeout=20)

    def panel(self, topic: str) -> Program:
        """Somebody who stays connected and publishes each line that is said."""
        return self._keep(Program(["mosquitto_pub", *self._login(), "-q", "1", "-t", f"{BASE}/{topic}", "-l"]))

    def watch(self) -> "Watch":
        command = ["mosquitto_sub", *self._login(), "-q", "1", "-t", f"{BASE}/#", "-F", "%U %r %t %p"]
        return Watch(self._keep(Program(command)))

    def _keep(self, program: Program) -> Program:
        self._clients.append(program)
        return program

    def close(self) -> None:
        for client in self._clients:
            client.end()
        self.stop()


class Watch:
    """What `mosquitto_sub` sees."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def seen(self, topic: str = "") -> list[Seen]:
        found = []
        for line in list(self._program.lines):
            words = line.split(" ", 3)
            if len(words) == 4 and words[2].startswith(f"{BASE}/{topic}"):
                found.append(Seen(float(words[0]), words[1] == "1", words[2].removeprefix(f"{BASE}/"), words[3]))
        return found

    def last(self, topic: str) -> str | None:
        payloads = [seen.payload for seen in self.seen(topic) if seen.topic == topic]
        return payloads[-1] if payloads else None

    def ages(self) -> list[float]:
        """Seconds from each report to its arrival."""
        return [seen.at - json.loads(seen.payload)["time"] for seen in self.seen("telemetry")]


def _certified(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that vouches for itself."""
    certificate = folder / "broker.pem"
    wanted = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    made = ["-newkey", "rsa:2048", "-nodes", "-keyout", str(folder / KEY), "-out", str(certificate)]
    command = [need("openssl", "openssl"), "req", "-x509", *made, *wanted]
    subprocess.run(command, check=True, capture_output=True)
    return certificate


@contextlib.contextmanager
def broker(folder: Path, user: str | None = None, password: str = "", *, tls: bool = False) -> Iterator[Broker]:
    """A broker that runs, and is ended behind the block with everybody who was connected."""
    made = Broker(folder, user, password, tls=tls)
    made.start()
    try:
        yield made
    finally:
        made.close()
