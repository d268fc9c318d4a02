"""Guests: who is let in, for how long, and which thread does what."""

from typing import Any, cast

import pytest

from engine import plugins
from engine.controls.letter import Source
from engine.runtime.clock import VirtualClock
from engine.runtime.commands import Commands
from engine.runtime.guests import LEASE_NS, MOST, Guests
from engine.runtime.ticker import SECOND
from engine.schema.errors import TransportError
from engine.schema.show import Output

HERE = Source("osc", "127.0.0.1", 5000, trusted=True)
FAR = Source("osc", "192.0.2.7", 5000)


class Made:
    """A target that is nothing but its receiver."""

    def __init__(self, receiver: Output) -> None:
        self.receiver, self.sender, self.closed = receiver, self, False

    def close(self) -> None:
        self.closed = True


class House:
    """Guests, and both threads done by hand."""

    def __init__(self, *, commands: int = 100, errands: int = 100) -> None:
        self.clock = VirtualClock()
        self.commands, self.errands = Commands(commands), Commands(errands)
        self.made: list[Made] = []
        self.playing: list[Made] = []
        self.refusing = False
        self.guests = Guests(
            cast("Any", self.make),
            kinds=plugins.options(),
            clock=self.clock,
            commands=self.commands,
            errands=self.errands,
            add_target=cast("Any", self.playing.append),
            drop_target=cast("Any", self.playing.remove),
            ours=[("127.0.0.1", 9101)],
        )

    def make(self, receiver: Output) -> Made:
        if self.refusing:
            raise TransportError("there", "nothing", "something")
        self.made.append(Made(receiver))
        return self.made[-1]

    def ask(self, host: str = "", port: Any = 7000, profile: str = "native", source: Source = HERE) -> None:
        self.guests.subscribe((host, port, profile), source)()

    def work(self) -> None:
        """Do what waits, in both threads."""
        self.errands.run(100)
        self.commands.run(100)
        self.errands.run(100)

    def wait(self, seconds: float) -> None:
        self.clock.sleep_until_ns(self.clock.now_ns() + round(seconds * SECOND))
        self.guests.sweep()
        self.work()


def test_a_guest_is_made_by_an_errand_and_plays_from_a_border_on() -> None:
    house = House()
    house.ask()
    assert (house.made, house.guests.clients, house.guests.destinations) == ([], 0, ())
    house.errands.run(1)
    assert [made.receiver for made in house.made] == [Output(kind="native", host="127.0.0.1", port=7000)]
    assert house.playing == []
    house.commands.run(1)
    assert house.playing == house.made
    assert (house.guests.clients, house.guests.destinations) == (1, (("127.0.0.1", 7000),))


@pytest.mark.parametrize("profile", ["", "control"])
def test_who_wants_values_alone_is_here_at_once(profile: str) -> None:
    house = House()
    house.ask(profile=profile)
    house.work()
    assert (house.guests.clients, house.guests.destinations, house.made) == (1, (("127.0.0.1", 7000),), [])


def test_whom_frames_tell_what_happens_is_known() -> None:
    house = House()
    for port, profile in ((7000, "native?every=2"), (7001, "td"), (7002, "control"), (7003, "native"), (7003, "")):
        house.ask(port=port, profile=profile)
    house.work()
    assert [port for _, port in house.guests.destinations] == [7000, 7001, 7002, 7003]
    assert [port for _, port in house.guests.framed] == [7000, 7003]
    house.wait(30)
    assert house.guests.framed == ()


def test_options_are_those_of_a_receiver() -> None:
    house = House()
    house.ask("::1", profile="td?rotations=true&every=2", source=Source("osc", "::1", 1))
    house.work()
    assert str(house.made[0].receiver) == "td://[::1]:7000"
    assert house.made[0].receiver.every == 2
    assert house.made[0].receiver.options == plugins.options()["td"](rotations=True)


def test_a_lease_ends_unless_it_is_renewed() -> None:
    house = House()
    house.ask()
    house.work()
    house.wait(29)
    house.ask()
    house.wait(29)
    assert (house.guests.clients, len(house.made)) == (1, 1)
    house.wait(1)
    assert (house.guests.clients, house.guests.destinations, house.playing) == (0, (), [])
    assert house.made[0].closed


def test_who_asks_again_at_the_last_moment_stays() -> None:
    house = House()
    house.ask(profile="control")
    house.clock.sleep_until_ns(LEASE_NS)
    house.guests.sweep()
    house.ask(profile="control")
    house.work()
    assert house.guests.clients == 1


def test_who_is_gone_before_it_was_made_is_closed() -> None:
    house = House()
    house.ask()
    house.clock.sleep_until_ns(LEASE_NS)
    house.guests.sweep()
    house.commands.run(1)  # it leaves
    house.work()
    assert (house.playing, house.made[0].closed, house.guests.clients) == ([], True, 0)


def test_the_same_words_are_the_same_guest_and_others_another() -> None:
    house = House()
    for profile in ("native", "native", "td", "control"):
        house.ask(profile=profile)
    house.ask("127.0.0.1")
    house.work()
    assert (house.guests.clients, len(house.made)) == (3, 2)
    assert house.guests.destinations == (("127.0.0.1", 7000),)


def test_so_many_and_no_more() -> None:
    house = House()
    for port in range(MOST):
        house.ask(port=7000 + port)
    with pytest.raises(ValueError, match=r"one more guest; expected at most 32"):
        house.ask(port=6999, profile="control")
    house.ask(port=7000)  # a renewal needs no room
    house.wait(30)
    house.ask(port=6999)
    assert house.guests.clients == 0


def test_a_letter_that_is_only_read_lets_nobody_in() -> None:
    house = House()
    calls = [house.guests.subscribe(("", 7000 + number, "control"), HERE) for number in range(MOST + 1)]
    assert house.guests.clients == 0
    for call in calls[:MOST]:
        call()
    with pytest.raises(ValueError, match="one more guest"):
        calls[MOST]()
    assert house.guests.clients == MOST


def test_whole_numbers_of_any_kind_are_ports() -> None:
    house = House()
    house.ask(port=7000.0, profile="control")
    assert house.guests.destinations == (("127.0.0.1", 7000),)


@pytest.mark.parametrize("port", [0, -1, 65536, 7000.5, float("inf"), float("nan"), True, "7000", None])
def test_what_is_no_port_is_refused(port: object) -> None:
    with pytest.raises(ValueError, match="expected"):
        House().ask(port=port)


@pytest.mark.parametrize(
    ("host", "source"),
    [
        ("192.0.2.8", FAR),
        ("127.0.0.1", FAR),
        ("192.0.2.7", HERE),
        ("224.0.0.1", FAR),
        ("localhost", HERE),
        ("studio.example", FAR),
        ("", Source("mqtt")),
        ("127.0.0.1", Source("mqtt", trusted=True)),
    ],
)
def test_nobody_is_subscribed_by_somebody_else(host: str, source: Source) -> None:
    house = House()
    with pytest.raises(ValueError, match=r"expected|appear"):
        house.ask(host, source=source)
    house.work()
    assert (house.made, house.guests.clients) == ([], 0)


@pytest.mark.parametrize(
    ("host", "source", "expected"),
    [("", FAR, "192.0.2.7"), ("192.0.2.7", FAR, "192.0.2.7"), ("127.0.0.9", HERE, "127.0.0.9"), ("::1", HERE, "::1")],
)
def test_everybody_subscribes_itself(host: str, source: Source, expected: str) -> None:
    house = House()
    house.ask(host, profile="control", source=source)
    assert house.guests.destinations == ((expected, 7000),)


def test_the_show_does_not_subscribe_to_itself() -> None:
    with pytest.raises(ValueError, match="this show's own"):
        House().ask(port=9101)


@pytest.mark.parametrize("profile", ["mp3", "control?every=2", "td://x", "native" + "?" * 300])
def test_a_profile_that_is_none_is_refused(profile: str) -> None:
    with pytest.raises(ValueError, match="expected control, aitoolbox"):
        House().ask(profile=profile)


@pytest.mark.parametrize("profile", ["vmc?rest=/etc/passwd", "td?colour=red", "td?kind=vmc", "native?every=0"])
def test_options_that_cannot_be_are_refused_by_the_errand(profile: str) -> None:
    house = House()
    house.ask(profile=profile)
    house.work()
    assert (house.made, house.errands.refused, house.guests.clients) == ([], 1, 0)
    with pytest.raises(ValueError, match="cannot be had"):
        house.ask(profile=profile)
    house.wait(30)
    house.ask(profile=profile)  # it may try again


def test_a_target_that_cannot_be_made_is_counted() -> None:
    house = House()
    house.refusing = True
    house.ask()
    house.work()
    assert (house.errands.refused, house.guests.clients, house.playing) == (1, 0, [])


def test_where_too_much_waits_nobody_gets_in_and_nothing_stays_open() -> None:
    house = House(errands=0)
    with pytest.raises(ValueError, match="one more guest"):
        house.ask()
    crowded = House(commands=0)
    crowded.ask()
    crowded.work()
    assert (crowded.made[0].closed, crowded.guests.clients) == (True, 0)


@pytest.mark.parametrize("arguments", [(), ("",), ("", 7000), ("", 7000, None), ("", 7000, "td", 1), (1, 7000, "td")])
def test_other_arguments_are_refused(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match="expected host, port and profile"):
        House().guests.subscribe(arguments, HERE)


def test_at_the_end_everything_is_closed() -> None:
    house = House()
    house.ask()
    house.ask(profile="control")
    house.work()
    house.guests.close()
    house.guests.close()
    assert house.made[0].closed
