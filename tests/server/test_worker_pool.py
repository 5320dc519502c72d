"""The worker processes: a query past its time is really stopped; queues, cached results, shutdown."""

import asyncio
import json
import os
import signal

import pytest

from serving import ENDLESS
from whereas.http.errors import HTTPError
from whereas.server.sparql.limits import Limits
from whereas.server.sparql.protocol import SparqlRequest, accepted_formats
from whereas.server.sparql.worker_pool import WorkerPool


def alive(process_id):
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def test_query_past_its_time_is_stopped_and_the_next_is_answered(checked):
    async def run():
        workers = WorkerPool(checked.cache.folder / "store", Limits(time=1, concurrent=1))
        await workers.start()
        process_id = workers._idle[0].pid
        with pytest.raises(HTTPError) as refused:
            await workers.answer(SparqlRequest(ENDLESS), accepted_formats(""))
        answered = await workers.answer(SparqlRequest("ASK {}"), accepted_formats(""))
        await workers.stop()
        return process_id, refused.value, answered

    process_id, refused, answered = asyncio.run(run())
    assert (refused.status, str(refused)) == (504, "the query took longer than 1 seconds and was stopped")
    assert not alive(process_id)
    assert json.loads(answered.content)["boolean"] is True


def test_results_are_cached_but_for_volatile_ones_and_up_to_a_size(checked):
    query, other = "SELECT ?g WHERE { GRAPH ?g {} } ORDER BY ?g", "SELECT (1 + 1 AS ?two) {}"

    async def run():
        workers = WorkerPool(checked.cache.folder / "store", Limits(concurrent=1, answers=3000))
        accepted = accepted_formats("text/csv")

        async def content(text, suffixes=accepted):
            return (await workers.answer(SparqlRequest(text), suffixes)).content

        first = await content(query)
        chance = [await content("SELECT (RAND() AS ?x) {}") for _ in range(2)]
        os.kill(workers._idle[0].pid, signal.SIGKILL)  # a query that runs now fails
        again = await content(query)
        with pytest.raises(HTTPError):
            await content(other)
        large = "SELECT (1 AS ?one) { } #" + "x" * 2900
        assert await content(large) == b"one\r\n1\r\n"  # which leaves no room for the first one
        os.kill(workers._idle[0].pid, signal.SIGKILL)
        with pytest.raises(HTTPError):
            await content(query)
        json_again = await content(large, accepted_formats("application/sparql-results+json"))
        await workers.stop()
        return first, again, chance, json_again

    first, again, chance, json_again = asyncio.run(run())
    assert first == again
    assert chance[0] != chance[1]
    assert json.loads(json_again)["results"]


def test_full_queue_refuses_queries(checked):
    async def run():
        workers = WorkerPool(checked.cache.folder / "store", Limits(time=2, concurrent=1, waiting=1))
        queries = [asyncio.create_task(workers.answer(SparqlRequest(ENDLESS), accepted_formats(""))) for _ in range(3)]
        errors = await asyncio.gather(*queries, return_exceptions=True)
        await workers.stop()
        return [(error.status, str(error), error.headers) for error in errors]

    errors = asyncio.run(run())
    assert errors[0] == (504, "the query took longer than 2 seconds and was stopped", {})
    assert errors[2] == (503, "server busy, retry after 2 s", {"Retry-After": "2"})


def test_saved_query_has_a_reserved_slot_and_others_wait_no_longer_than_they_may_run(checked):
    async def run():
        workers = WorkerPool(checked.cache.folder / "store", Limits(time=2, concurrent=1))
        await workers.start()
        endless = [asyncio.create_task(workers.answer(SparqlRequest(ENDLESS), accepted_formats(""))) for _ in range(4)]
        await asyncio.sleep(0)
        saved = await workers.answer(SparqlRequest("ASK {}"), accepted_formats(""), is_saved=True)
        running = [task for task in endless if not task.done()]
        errors = await asyncio.gather(*endless, return_exceptions=True)
        ready = len(workers._idle)  # killed processes are replaced at once
        await workers.stop()
        return saved, len(running), [error.status for error in errors], ready

    saved, running, statuses, ready = asyncio.run(run())
    assert (json.loads(saved.content)["boolean"], running, ready) == (True, 4, 2)
    assert statuses[0] == 504
    assert statuses.count(503) >= 2


def test_shutdown_refuses_waiting_queries_and_answers_running_ones(checked):
    async def run():
        workers = WorkerPool(checked.cache.folder / "store", Limits(time=2, concurrent=1))
        queries = [asyncio.create_task(workers.answer(SparqlRequest(ENDLESS), accepted_formats(""))) for _ in range(3)]
        await asyncio.sleep(0.1)
        workers.refuse()
        done, _ = await asyncio.wait(queries[1:], timeout=1)
        late = await asyncio.gather(
            workers.answer(SparqlRequest("ASK {}"), accepted_formats("")), *queries, return_exceptions=True
        )
        await workers.stop()
        return len(done), [(error.status, str(error), error.headers) for error in late]

    ended, errors = asyncio.run(run())
    stopping = (503, "server shutting down, retry after 2 s", {"Retry-After": "2"})
    assert ended == 2
    assert errors[0] == errors[2] == errors[3] == stopping
    assert errors[1][0] == 504


@pytest.mark.parametrize(
    ("ended_by", "status", "problem"),
    [
        (signal.SIGABRT, 500, "the query engine stopped (SIGABRT); if the query sorts values of several kinds, write "
         "ORDER BY STR(?variable)"),
        (signal.SIGKILL, 503, "the query engine stopped (SIGKILL); ask again later"),
        (signal.SIGSEGV, 400, "the query engine stopped (SIGSEGV): the query is nested too deeply"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)  # fmt: skip
def test_death_of_a_process_is_told_by_its_signal(checked, ended_by, status, problem):
    async def run():
        workers = WorkerPool(checked.cache.folder / "store", Limits(time=30, concurrent=1))
        await workers.start()
        process_id = workers._idle[-1].pid
        query = asyncio.create_task(workers.answer(SparqlRequest(ENDLESS), accepted_formats("")))
        await asyncio.sleep(1)
        os.kill(process_id, ended_by)
        (error,) = await asyncio.gather(query, return_exceptions=True)
        answered = await workers.answer(SparqlRequest("ASK {}"), accepted_formats(""))
        await workers.stop()
        return error, answered

    error, answered = asyncio.run(run())
    assert (error.status, str(error)) == (status, problem)
    assert json.loads(answered.content)["boolean"] is True


def test_process_that_died_idle_is_replaced(checked):
    async def run():
        workers = WorkerPool(checked.cache.folder / "store", Limits(concurrent=1))
        await workers.start()
        for process in workers._idle:
            os.kill(process.pid, signal.SIGKILL)
            await process.wait()
        answered = await workers.answer(SparqlRequest("ASK {}"), accepted_formats(""))
        await workers.stop()
        return answered

    assert json.loads(asyncio.run(run()).content)["boolean"] is True


def test_values_of_several_kinds_are_sorted(checked):
    mixed = " ".join(f"{n} '{n}a'" for n in range(400, 0, -1))

    async def run():
        workers = WorkerPool(checked.cache.folder / "store", Limits(concurrent=1))
        query = f"SELECT ?o {{ VALUES ?o {{ {mixed} }} }} ORDER BY ?o"
        answered = await workers.answer(SparqlRequest(query), accepted_formats("text/csv"))
        await workers.stop()
        return answered

    lines = asyncio.run(run()).content.decode().split()
    assert lines[:4] == ["o", "1", "2", "3"] and len(lines) == 801
