"""The README says what the code says: its tables are fresh, its commands exist."""

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import readme_table
import typer
from outputs.reference import of, read, solved
from pythonosc.osc_message import OscMessage

import engine.cli
import export.cli
from engine import plugins
from engine.contracts import Status
from engine.motion.core20 import CORE20
from engine.outputs import native, td
from engine.schema.frame import Image, Label, Notes, Signal
from engine.schema.note import KEYS, Note, Pedal
from engine.schema.show import Options

JOINTS = len(CORE20.names)
APPS = {"engine": engine.cli.app, "engine-export": export.cli.app}
OTHERS = frozenset(
    {"git", "cd", "python3", "source", "pip", "pytest", "tools/check", "tools/test"}
    | {"oscdump", "oscsend", "mosquitto_pub", "mosquitto_sub"}
)
"""What else a reader is told to type."""

DOCUMENTS = ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md")

MORE: dict[str, list[Options]] = {
    "td": [td.Options(rotations=True), td.Options(rotations=True, layout="list")],
    "native": [native.Options(thumbnail=True)],
}
"""Options without which a protocol does not send everything."""


def heard(name: str) -> Iterator[OscMessage]:
    """Everything that a protocol sends."""
    for options in [plugins.options()[name](), *MORE.get(name, [])]:
        output = plugins.output(name)(of(CORE20), [1], "/engine", options)
        state = output.report(Status(30.0, 0, 0, 0.1, "m", "playing"))
        image = Image(np.zeros((2, 3), np.uint8), np.zeros(1, np.float32))
        here = np.zeros(2, np.float32)
        signals = (Signal("dance/path", here), Signal("p1/path", here, 1), Signal("sign/probabilities", here[:1]))
        labels = (Label("think", 0.5, 0),)
        frame = solved()._replace(notes=Notes((0,) * KEYS), image=image, signals=signals, labels=labels)
        events = () if name == "midi" else output.notes([Note(21, 0), Pedal(0)])  # which is no OSC
        for datagram in (*output.datagrams(frame), *events, *output.announce([1]), *state):
            yield from read(datagram)


def tags(message: OscMessage) -> str:
    names = {int: "i", float: "f", str: "s", bytes: "b"}
    return "".join(names[type(value)] for value in message.params)


def line(address: str) -> str:
    """The line of the table that an address stands in: one for the channels of all joints, of all keys, of a path."""
    address = re.sub(r"^(/p1|/dance)/path:t[xyz]$", "/dance/path:tx", address)
    return re.sub(r"^/n\d+$", "/n21", re.sub(r"^/p1/\w+:([tr])[xyz]$", r"/p1/<joint>:\1x", address))


@pytest.mark.parametrize("name", plugins.outputs())
def test_every_address_that_is_sent_stands_in_the_table_with_its_types_and_no_other(name: str) -> None:
    sent = {(line(message.address), tags(message)) for message in heard(name)}
    told = [(each.path, each.types * (each.times * JOINTS or 1)) for each in readme_table.profiles()[name]]
    assert set(told) == sent
    assert len(told) == len(sent)


def test_the_tables_of_the_readme_are_those_of_the_code() -> None:
    text = readme_table.README.read_text(encoding="utf-8")
    fresh = readme_table.fill(text, {name: make() for name, make in readme_table.TABLES.items()})
    assert text == fresh, "run: python tools/readme_table.py --write"


def test_a_table_is_put_between_its_marks() -> None:
    text = "a\n<!-- x: made by y -->\nold\n<!-- end of x -->\nb\n"
    assert readme_table.fill(text, {"x": "new"}) == text.replace("old", "new")


def test_a_readme_without_marks_is_refused() -> None:
    with pytest.raises(SystemExit, match="0 places marked x"):
        readme_table.fill("nothing", {"x": "new"})


def commands(document: str) -> Iterator[list[str]]:
    """Words of each command in the shell blocks; a command ends at a line's end, `&&` or `&`."""
    text = (readme_table.README.parent / document).read_text(encoding="utf-8")
    for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            for part in re.split(r"\s&&?(?=\s|$)", line):
                if words := shlex.split(part, comments=True):
                    yield words


def parse(words: list[str]) -> None:
    """Let the program that is named take its options, without running it."""
    group = typer.main.get_command(APPS[words[0]])
    assert isinstance(group, typer.core.TyperGroup)
    context = group.make_context(words[0], words[1:])
    name, command, rest = group.resolve_command(context, words[1:])
    assert command is not None
    command.make_context(name, rest, parent=context)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_of_a_document_parses(document: str) -> None:
    found = list(commands(document))
    ours = [words for words in found if words[0] in APPS]
    for words in ours:
        parse(words)
    assert ours or document != "README.md"
    strangers = {words[0] for words in found if words[0] not in OTHERS | set(APPS)}
    assert strangers == set()


def test_a_command_that_does_not_exist_does_not_parse() -> None:
    with pytest.raises(Exception, match="No such option"):
        parse(["engine", "serve", "--loud"])
    with pytest.raises(Exception, match="No such command"):
        parse(["engine", "sing"])


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_a_document_points_to_exists(document: str) -> None:
    text = (readme_table.README.parent / document).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#:]+)\)", text) if not link.endswith(".png")]
    assert [link for link in links if not (readme_table.README.parent / link).exists()] == []


@pytest.mark.parametrize("script", ["tools/check", "tools/test", ".ci/run"])
def test_scripts_can_be_run(script: str) -> None:
    assert shutil.which(str(readme_table.README.parent / script))


def test_the_documents_tell_nothing_of_the_machine_they_were_written_on() -> None:
    for document in (*DOCUMENTS, "CHANGELOG.md", "NOTICE"):
        text = (readme_table.README.parent / document).read_text(encoding="utf-8")
        assert not re.search(r"/(root|home|tmp|work)/", text), document


def test_the_readme_gives_credit_as_it_is_asked_for(data_dir: Path) -> None:
    asked = re.search(r'acknowledgement: "([^"]+)"', (data_dir / "cmu_dance/PROVENANCE.md").read_text("utf-8"))
    assert asked
    for document in ("README.md", "NOTICE"):
        text = (readme_table.README.parent / document).read_text(encoding="utf-8")
        assert asked[1] in " ".join(text.replace(">", " ").split()), document
