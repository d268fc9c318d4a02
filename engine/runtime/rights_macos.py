"""The right to run before everybody else on a Mac, which any program has: time constraint, else the quality of service.

Source: Apple's technical note TN2169, "High Precision Timers in iOS / OS X".
"""

import ctypes

COMPUTATION = 5_000_000
"""Nanoseconds that a frame computes at most, as far as the scheduler plans; it takes 50 us to 50 ms."""

CONSTRAINT = 10_000_000
"""Nanoseconds within which that has to be done."""

TIME_CONSTRAINT = 2
"""THREAD_TIME_CONSTRAINT_POLICY (mach/thread_policy.h)."""

USER_INTERACTIVE = 0x21
"""QOS_CLASS_USER_INTERACTIVE (sys/qos.h): on the fast cores, and with timers that are not gathered."""


class Timebase(ctypes.Structure):
    """`mach_timebase_info`: nanoseconds are ticks * numer / denom."""

    _fields_ = (("numer", ctypes.c_uint32), ("denom", ctypes.c_uint32))


class Constraint(ctypes.Structure):
    """`thread_time_constraint_policy`, in ticks; a period of 0 is none."""

    _fields_ = (
        ("period", ctypes.c_uint32),
        ("computation", ctypes.c_uint32),
        ("constraint", ctypes.c_uint32),
        ("preemptible", ctypes.c_int),
    )


WORDS = ctypes.sizeof(Constraint) // ctypes.sizeof(ctypes.c_uint32)
"""THREAD_TIME_CONSTRAINT_POLICY_COUNT."""


def claim(system: ctypes.CDLL) -> str | None:
    """Ask for the calling thread and say what it got: `time constraint`, `user interactive` or None.

    Args:
        system: the C library.
    """
    system.pthread_self.restype = ctypes.c_void_p
    system.pthread_mach_thread_np.argtypes = (ctypes.c_void_p,)
    system.pthread_mach_thread_np.restype = ctypes.c_uint32
    thread = system.pthread_mach_thread_np(system.pthread_self())
    wish = _wish(system)
    if system.thread_policy_set(ctypes.c_uint32(thread), TIME_CONSTRAINT, ctypes.byref(wish), WORDS) == 0:
        return "time constraint"
    if system.pthread_set_qos_class_self_np(USER_INTERACTIVE, 0) == 0:
        return "user interactive"
    return None


def _wish(system: ctypes.CDLL) -> Constraint:
    base = Timebase()
    system.mach_timebase_info(ctypes.byref(base))
    computation, constraint = (each * base.denom // base.numer for each in (COMPUTATION, CONSTRAINT))
    return Constraint(0, computation, constraint, 1)
