"""The tables of the README that say what the code says: what is sent, which knobs there are, and what can be called.

python tools/readme_table.py            print them
python tools/readme_table.py --write    put them into the README, between their marks
"""

import argparse
import importlib
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from engine import plugins
from engine.controls.tree import PLACES, TAGS, VERBS, Verb
from engine.outputs._body import Address
from engine.schema.controls import PARAMETERS, Control, Part

MOST_TYPES = 16
"""Letters of types that are written out; more are all of one type, and counted."""

README = Path(__file__).parents[1] / "README.md"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def profiles() -> dict[str, tuple[Address, ...]]:
    """What each protocol sends, by its name; our own comes first."""
    names = sorted(plugins.outputs(), key=lambda name: (name != "native", name))
    return {name: importlib.import_module(f"{plugins.OUTPUTS}.{name}").ADDRESSES for name in names}


def addresses() -> str:
    """What is sent where."""
    rows = [
        (name, f"`{each.path}`", _types(each), each.carries, each.when)
        for name, lines in profiles().items()
        for each in lines
    ]
    return table(("profile", "address", "types", "what", "when"), rows)


def _types(address: Address) -> str:
    share = {0: "", 1: " x J"}.get(address.times, f" x {address.times} J")
    if len(address.types) > MOST_TYPES:
        return f"`{address.types[0]}` x {len(address.types)}"
    return f"`{address.types}`{share}"


PARTS: Mapping[tuple[Part, ...], str] = {
    ("bodies",): "all, or one performer",
    ("bodies", "images"): "all, or one performer",
    ("keys",): "the piano",
    ("images",): "the pictures",
}


def _whose(control: Control) -> str:
    """Who has a value of it."""
    if control.scope == "performer":
        return PARTS.get(control.parts, "all, one performer, or the piano")
    return "all" if control.scope == "act" else "one performer"


def controls() -> str:
    """The knobs."""
    rows = [
        (_called(each), _whose(each), TAGS[each.kind], each.description, _range(each), _number(each.default, each))
        for each in PARAMETERS
    ]
    return table(("control", "for", "type", "what it does", "range", "default"), rows)


def _called(control: Control) -> str:
    """Its name, and its address where that is not `/engine/ctl/` and the name."""
    if control.name in PLACES:
        return f"`{control.name}`: `/engine/{PLACES[control.name]}`"
    return f"`{control.name}`" if control.count == 1 else f"`{control.name}/0` to `{control.name}/{control.count - 1}`"


def _range(control: Control) -> str:
    return f"{control.low:g} to {_number(control.high, control)}"


def verbs() -> str:
    """What can be called."""
    rows = [
        (f"`/engine/{verb.path}`", f"`{verb.tags}`" if verb.tags else "", verb.description, _who(verb))
        for verb in VERBS.values()
    ]
    return table(("address", "types", "what it does", "who may"), rows)


def _who(verb: Verb) -> str:
    return "this machine, MQTT with a password" if verb.trusted else "all who may send"


def _number(value: float, control: Control) -> str:
    return f"{value:.10g} {control.unit}".strip()


TABLES = {"addresses": addresses, "controls": controls, "verbs": verbs}
"""By the name of their marks."""


def fill(text: str, tables: Mapping[str, str]) -> str:
    """The text with the tables between `<!-- NAME: ... -->` and `<!-- end of NAME -->`."""
    for name, made in tables.items():
        pattern = rf"(<!-- {name}\b[^>]*-->\n).*?(<!-- end of {name} -->)"
        text, count = re.subn(pattern, lambda found: f"{found[1]}{made}\n{found[2]}", text, flags=re.DOTALL)  # noqa: B023
        if count != 1:
            raise SystemExit(f"README.md: {count} places marked {name}; expected one")
    return text


def main() -> int:
    """Print or write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the tables into the README")
    tables = {name: make() for name, make in TABLES.items()}
    if parser.parse_args().write:
        README.write_text(fill(README.read_text(encoding="utf-8"), tables), encoding="utf-8")
    else:
        print("\n\n".join(tables.values()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
