from engine.gestures.order import Order


def admitted(order: Order, *numbers: int | None) -> list[bool]:
    return [order.admits(number) for number in numbers]


def test_samples_that_are_not_newer_are_late() -> None:
    order = Order()
    assert admitted(order, 5, 6, 6, 5, 4, 7) == [True, True, False, False, False, True]
    assert (order.late, order.lost) == (3, 0)


def test_numbers_that_are_passed_over_are_lost() -> None:
    order = Order()
    assert admitted(order, 5, 8, 9, 20) == [True] * 4
    assert (order.late, order.lost) == (0, 2 + 10)


def test_counting_begins_again_at_the_lowest_number() -> None:
    order = Order()
    assert admitted(order, 2**31 - 1, -(2**31), -(2**31) + 1, 2**31 - 1) == [True, True, True, False]
    assert (order.late, order.lost) == (1, 0)


def test_samples_without_numbers_are_taken() -> None:
    order = Order()
    assert admitted(order, None, 5, None, 5, 6) == [True, True, True, False, True]


def test_after_a_restart_any_number_may_come() -> None:
    order = Order()
    order.admits(1000)
    order.restart()
    assert order.admits(1)
    assert (order.late, order.lost) == (0, 0)
