"""Against a stand-in for the library: what is asked is what Apple's headers describe; no Mac was asked."""

import ctypes
from typing import Any

from libraries import library

from engine.runtime import rights_macos
from engine.runtime.rights_macos import Constraint, Timebase

THREAD = 0x1703


def _base(reference: Any) -> int:
    base: Timebase = reference._obj
    base.numer, base.denom = 125, 3  # of Apple's processors: 24 MHz
    return 0


def _mac(*, constraint: int = 0, quality: int = 0) -> tuple[ctypes.CDLL, list[Constraint], list[tuple[Any, ...]]]:
    wishes: list[Constraint] = []

    def wished(_thread: Any, _flavor: int, reference: Any, _words: int) -> int:
        wishes.append(reference._obj)
        return constraint

    system, calls = library(
        pthread_self=1 << 40,
        pthread_mach_thread_np=THREAD,
        mach_timebase_info=_base,
        thread_policy_set=wished,
        pthread_set_qos_class_self_np=quality,
    )
    return system, wishes, calls


def test_a_time_constraint_is_asked_for_in_ticks() -> None:
    system, wishes, calls = _mac()
    assert rights_macos.claim(system) == "time constraint"
    wish = wishes[0]
    assert (wish.period, wish.computation, wish.constraint, wish.preemptible) == (0, 120_000, 240_000, 1)
    name, thread, flavor, _, words = calls[-1]
    assert (name, thread, flavor, words) == ("thread_policy_set", THREAD, 2, 4)


def test_a_thread_is_told_by_a_pointer_of_full_width() -> None:
    system, _, calls = _mac()
    rights_macos.claim(system)
    assert ("pthread_mach_thread_np", 1 << 40) in calls
    assert system.pthread_self.restype is ctypes.c_void_p
    assert system.pthread_mach_thread_np.argtypes == (ctypes.c_void_p,)


def test_the_quality_of_service_is_asked_for_where_that_is_refused() -> None:
    system, _, calls = _mac(constraint=4)
    assert rights_macos.claim(system) == "user interactive"
    assert calls[-1] == ("pthread_set_qos_class_self_np", 0x21, 0)


def test_nothing_is_got_where_both_are_refused() -> None:
    assert rights_macos.claim(_mac(constraint=4, quality=1)[0]) is None
