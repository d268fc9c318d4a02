"""Other people's programs steer a show, and strangers do not."""

import contextlib
import re
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from live.paced import paced, whole
from live.receiving import free_port, listening, need
from live.steered import Steered, playing, until

pytestmark = pytest.mark.live


def sent(show: Steered, *words: str) -> None:
    """Say something with `oscsend`."""
    subprocess.run([need("oscsend", "liblo-tools"), "127.0.0.1", str(show.control), *words], check=True)


def test_oscsend_changes_the_temperature(tmp_path: Path) -> None:
    with playing(tmp_path) as show:
        sent(show, "/engine/subscribe", "sis", "", str(show.echoes), "control")
        time.sleep(0.5)
        sent(show, "/engine/ctl/temperature", "f", "0.25")
        until(lambda: show.heard("/engine/ctl/temperature", show.echoes) == [[0.25]], "no echo")
        sent(show, "/engine/ctl/temperature", "f", "7")
        until(lambda: show.heard("/engine/ctl/temperature", show.echoes)[1:] == [[2.0]], "no clamped echo")
        assert show.value("temperature") == 2.0
        time.sleep(1)
        steered = show.frames()
        show.end()
    with playing(tmp_path) as show:
        until(lambda: len(show.frames().numbers) >= len(steered.numbers), "frames too few", 20)
        left_alone = show.frames()
        show.end()
    count = min(len(steered.numbers), len(left_alone.numbers))
    same = (steered.positions[:count] == left_alone.positions[:count]).all(axis=(1, 2))
    assert same[:12].all()  # the same seed; by then nothing was set
    assert not same[-10:].any()


def test_oscdump_hears_the_echo(tmp_path: Path) -> None:
    port, heard = free_port(), tmp_path / "heard"
    with listening([need("oscdump", "liblo-tools"), "-L", str(port)], port, heard), playing(tmp_path) as show:
        sent(show, "/engine/subscribe", "sis", "", str(port), "control")
        sent(show, "/engine/p1/ctl/blend", "f", "-3")
        until(lambda: "/engine/p1/ctl/blend f 0.000" in heard.read_text(), "no echo")
        show.end()


@paced
def test_hold_freezes_the_body_and_run_lets_it_stand(tmp_path: Path) -> None:
    with playing(tmp_path) as show:
        time.sleep(0.5)
        show.send("/engine/ctl/hold", 1)
        time.sleep(0.7)
        held = show.frames()
        show.send("/engine/ctl/hold", 0)
        show.send("/engine/panic")
        time.sleep(1.2)
        waiting = show.frames()
        assert show.value("run") == 0
        show.send("/engine/reset")
        time.sleep(1.5)
        again = show.frames()
        assert show.value("run") == 1
        show.end()
    assert (held.positions[-10:] == held.positions[-1]).all()
    assert (waiting.positions[-10:] == waiting.positions[-1]).all()
    assert np.abs(waiting.positions[-1] - held.positions[-1]).max() > 0.05
    assert np.abs(np.diff(again.positions[-10:], axis=0)).max() > 0.001
    whole(again.numbers.tolist())


CUES = """
[[cues]]
name = "calm"
controls = { temperature = 0.3 }
transition = 0.2
[[cues]]
name = "storm"
controls = { temperature = 1.7 }
transition = 0.2
"""

PATCH = """#N canvas 0 0 400 400 12;
#X obj 20 20 loadbang;
#X msg 20 50 connect 127.0.0.1 {port};
#X obj 120 50 delay 300;
#X msg 120 80 list storm;
#X obj 120 110 oscformat engine cue go;
#X obj 120 140 list prepend send;
#X obj 120 170 list trim;
#X obj 20 200 netsend -u -b;
#X connect 0 0 1 0;
#X connect 0 0 2 0;
#X connect 1 0 7 0;
#X connect 2 0 3 0;
#X connect 3 0 4 0;
#X connect 4 0 5 0;
#X connect 5 0 6 0;
#X connect 6 0 7 0;
"""


def test_pure_data_fires_a_cue(tmp_path: Path) -> None:
    pd = need("pd", "puredata-core")
    patch = tmp_path / "go.pd"
    with playing(tmp_path, CUES) as show:
        patch.write_text(PATCH.format(port=show.control))
        options = ["-nogui", "-stderr", "-nosound", "-nomidi", "-noprefs"]
        with subprocess.Popen([pd, *options, "-open", str(patch)], stderr=subprocess.PIPE, text=True) as program:
            try:
                until(lambda: show.ask("/engine/state/cue?VALUE")["VALUE"] == ["storm"], "no cue", 10)
            finally:
                program.kill()
        until(lambda: show.value("temperature") == pytest.approx(1.7), "no storm")
        show.end()


def test_a_plain_client_walks_the_tree(tmp_path: Path) -> None:
    with playing(tmp_path, CUES) as show:
        info = show.ask("/?HOST_INFO")
        assert info["OSC_PORT"] == show.control
        temperature = show.ask("/engine/ctl/temperature")
        tree = show.ask("/")
        show.end()
    assert temperature["TYPE"] == "f"
    assert temperature["RANGE"] == [{"MIN": 0.0, "MAX": 2.0}]
    assert tree["CONTENTS"]["engine"]["CONTENTS"]["ctl"]["CONTENTS"]["temperature"] == temperature


def test_strangers_change_nothing(tmp_path: Path) -> None:
    with playing(tmp_path, CUES) as show:
        show.send("/engine/ctl/temperature", 0.2, source="127.0.0.66", times=10_000)
        show.send("/engine/cue/go", "storm", source="127.0.0.66")
        time.sleep(0.5)
        assert show.value("temperature") == 1.0
        assert show.ask("/engine/state/cue?VALUE")["VALUE"] == [""]
        show.send("/engine/ctl/temperature", 0.5)
        until(lambda: show.value("temperature") == 0.5, "deaf")
        show.end()


def test_the_sockets_are_those_that_the_show_names(tmp_path: Path) -> None:
    with playing(tmp_path) as show:
        until(lambda: show.value("temperature") == 1.0, "no tree")
        sockets = {
            (kind, local) for kind in ("udp", "udp6", "tcp", "tcp6") for local in listened(show.engine.pid, kind)
        }
        show.end()
    named = {("udp", f"127.0.0.1:{show.control}"), ("tcp", f"127.0.0.1:{show.tree}")}
    assert named <= sockets
    rest = sockets - named
    assert [kind for kind, _ in rest] == ["udp"]  # what the one sender sends from
    assert all(local.startswith("127.0.0.1:") for _, local in rest)


def listened(process: int, kind: str) -> list[str]:
    """Addresses and ports that a process has bound, of TCP only those that listen."""
    inodes = set()
    for each in Path(f"/proc/{process}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            found = re.fullmatch(r"socket:\[(\d+)\]", str(each.readlink()))
            inodes |= {found[1]} if found else set()
    rows = [line.split() for line in Path(f"/proc/net/{kind}").read_text().splitlines()[1:]]
    return [_address(row[1]) for row in rows if row[9] in inodes and (kind.startswith("udp") or row[3] == "0A")]


def _address(local: str) -> str:
    host, _, port = local.partition(":")
    numbers = [int(host[at : at + 2], 16) for at in range(0, len(host), 2)]
    return f"{'.'.join(map(str, numbers[::-1]))}:{int(port, 16)}"
