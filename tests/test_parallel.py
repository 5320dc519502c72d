"""Work on several processes, one of which ends."""

import faulthandler
import os
import signal

import pytest

from whereas import parallel
from whereas.parallel import WorkerDeath, parallel_map

NAMES = [f"name {number}" for number in range(40)]


def end_at(context: tuple[str, int], name: str) -> str:
    if name == context[0]:
        faulthandler.disable()  # pytest's, which would print where the process was
        os.kill(os.getpid(), context[1])
    return name.upper()


def context_of(*values):
    return values


@pytest.fixture(autouse=True)
def several_cores(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 3)


@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
def test_death_of_a_process_names_what_it_was_at_work_on(number):
    with pytest.raises(WorkerDeath) as death:
        list(parallel_map(end_at, NAMES, context_of, ("name 23", number)))
    assert (death.value.name, death.value.reason) == ("name 23", number.name)
    expected = f"name 23: the process at work on this stopped ({number.name}); nothing was changed, try again"
    assert str(death.value) == expected


def test_results_are_in_the_order_of_the_names():
    results = list(parallel_map(end_at, NAMES, context_of, ("", 0)))
    assert results == [(name, name.upper()) for name in NAMES]
    assert len(NAMES) > parallel.FEW


def test_few_names_stay_in_this_process():
    here = parallel_map(lambda _, name: (name, os.getpid()), NAMES[:3], context_of, ())
    assert [pid for _, (_, pid) in here] == [os.getpid()] * 3
