"""A real browser that looks at a page: Chromium without a window, told what to do by the Chrome DevTools Protocol."""

import base64
import io
import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from live.receiving import need
from PIL import Image
from websockets.sync.client import ClientConnection, connect

PATIENCE = 60.0
"""Seconds that a browser has to start on a busy machine, and to answer."""


class Browser:
    """A browser with one page.

    Args:
        socket: to it.
    """

    def __init__(self, socket: ClientConnection) -> None:
        self._socket, self._numbers = socket, count(1)
        self._session = ""
        target = self.tell("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.tell("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def tell(self, method: str, **parameters: object) -> dict[str, Any]:
        """What the browser answers to a method of the protocol."""
        number = next(self._numbers)
        session = {"sessionId": self._session} if self._session else {}
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters, **session}))
        while True:
            heard = json.loads(self._socket.recv(PATIENCE))
            if heard.get("id") == number:
                assert "error" not in heard, heard["error"]
                found: dict[str, Any] = heard["result"]
                return found

    def open(self, url: str) -> None:
        """Go to a page; it is not waited for, as one with a stream never ends."""
        assert "errorText" not in self.tell("Page.navigate", url=url)

    def value(self, expression: str) -> Any:
        """What an expression of JavaScript gives."""
        result = self.tell("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def wait(self, expression: str) -> None:
        """Return when an expression of JavaScript is true."""
        until = time.monotonic() + PATIENCE
        while not self.value(expression):
            assert time.monotonic() < until, expression
            time.sleep(0.05)

    def screenshot(self, path: Path | None = None) -> np.ndarray:
        """The page as a person sees it, (H, W, 3) uint8; written to a file too, where one is named."""
        data = base64.b64decode(self.tell("Page.captureScreenshot", format="png")["data"])
        if path is not None:
            path.write_bytes(data)
        return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


@contextmanager
def browser(folder: Path, *, width: int = 832, height: int = 480) -> Iterator[Browser]:
    """A browser whose profile lies in an empty folder; without one the test is skipped, or failed where CI is set."""
    chromium = need("chromium", "chromium")
    command = [
        *(chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--mute-audio"),
        *("--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"),
        *(f"--user-data-dir={folder}", "--remote-debugging-port=0", f"--window-size={width},{height}", "about:blank"),
    ]
    log = folder / "chromium.log"
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT) as program:
        try:
            with connect(_address(folder, program, log), max_size=None, open_timeout=PATIENCE) as socket:
                yield Browser(socket)
        finally:
            program.terminate()
            try:
                program.wait(10)
            except subprocess.TimeoutExpired:
                program.kill()


def _address(folder: Path, program: subprocess.Popen[bytes], log: Path) -> str:
    """Where a browser that has started can be told something; it writes that down."""
    written, until = folder / "DevToolsActivePort", time.monotonic() + PATIENCE
    while not written.is_file() or len(lines := written.read_text().split()) < 2:
        assert program.poll() is None, log.read_text(errors="replace")
        assert time.monotonic() < until, log.read_text(errors="replace")
        time.sleep(0.05)
    port, path = lines[:2]
    return f"ws://127.0.0.1:{port}{path}"
