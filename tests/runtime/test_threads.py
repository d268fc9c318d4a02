"""Libraries start no workers, unless somebody wants them."""

import os

import pytest

from engine.runtime import threads


def test_one_thread_is_the_default_and_what_a_person_chose_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in threads.VARIABLES:
        monkeypatch.setenv(variable, "1")  # so that it is put back as it was
        monkeypatch.delenv(variable)
    monkeypatch.setenv("OMP_NUM_THREADS", "6")
    threads.single()
    chosen = {variable: os.environ[variable] for variable in threads.VARIABLES}
    assert chosen == {**dict.fromkeys(threads.VARIABLES, "1"), "OMP_NUM_THREADS": "6"}
