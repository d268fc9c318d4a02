"""An engine without a show, to be run as a program: the broker's client, and values that are what was set last.

    python stand_in.py PORT [USER PASSWORD [CERTIFICATES]]

Prints what was asked, said and counted, a line of JSON each. A cue that is called is something that happens.
"""

import asyncio
import gc
import json
import signal
import sys
import time

from engine.contracts import Status
from engine.controls.letter import Inbox
from engine.controls.mqtt import MqttClient
from engine.controls.news import News
from engine.controls.tree import Tree
from engine.schema.controls import PARAMETERS, expanded
from engine.schema.show import Mqtt
from engine.wire.decode import Value


def tell(**what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


async def main(settings: Mqtt) -> None:
    tree, inbox, mirror = Tree("/engine", expanded(PARAMETERS)), Inbox(), dict[str, tuple[Value, ...]]()
    for name in ("temperature", "blend", "run"):
        node = tree.parameter(name)
        assert node is not None
        assert node.default is not None
        mirror[node.path] = node.arguments(node.default)
    client = MqttClient(settings, tree, mirror, inbox, {"name": "stand-in"}, lambda line: tell(said=line))
    running = asyncio.create_task(client.run())
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    for frame in range(sys.maxsize):
        await asyncio.wait([running], timeout=1 / 30)
        if running.done():
            break
        for letter in inbox.drain():
            for address, arguments in letter.messages:
                tell(asked=address, arguments=arguments, trusted=letter.source.trusted, at=time.time())
                mirror[address] = arguments
                client.hear([News(address, arguments, letter.source, event=address == "/engine/cue/go")])
        if frame % 30 == 0:
            client.report(Status(30.0, 0, 0, 0.1, "stand-in", "playing"))
            tell(counters=client.counters._asdict(), collected=gc.get_count()[0])


if __name__ == "__main__":
    gc.disable()  # as in a show
    _, at, *login = sys.argv
    user, password, ca = (*login, None, None, None)[:3]
    asyncio.run(main(Mqtt(host="127.0.0.1", port=int(at), user=user, password=password, tls=ca is not None, ca=ca)))
