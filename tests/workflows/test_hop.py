"""Hop: whoever asks, in whichever thread, a script's database sees one client."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from workflows.hop import hop

pytestmark = pytest.mark.django_db(transaction=True)


def current() -> BaseDatabaseWrapper:
    """The connection that work done here would use."""
    return connections["default"]


def test_the_work_is_done_in_the_thread_that_asks() -> None:
    assert hop(threading.current_thread) is threading.current_thread()


def test_every_thread_gets_the_same_connection() -> None:
    with ThreadPoolExecutor(2) as pool:
        assert pool.submit(hop, current).result() is pool.submit(hop, current).result() is hop(current)


def test_the_threads_own_connection_is_another_one_and_comes_back() -> None:
    own = current()
    assert hop(current) is not own
    assert current() is own


def test_it_may_be_nested() -> None:
    assert hop(hop, current) is hop(current)


def test_one_works_at_a_time() -> None:
    begun, go_on, order = threading.Event(), threading.Event(), list[str]()

    def first() -> None:
        begun.set()
        assert go_on.wait(10)
        order.append("first")

    with ThreadPoolExecutor(2) as pool:
        pool.submit(hop, first)
        assert begun.wait(10)
        pool.submit(hop, order.append, "second")
        go_on.set()
    assert order == ["first", "second"]


async def test_where_a_loop_runs_it_is_done_elsewhere() -> None:
    assert hop(threading.current_thread) is not threading.current_thread()
    assert hop(current) is await asyncio.to_thread(hop, current)


def test_it_is_not_in_the_transaction_of_whoever_asks() -> None:
    with transaction.atomic():
        assert hop(lambda: current().in_atomic_block) is False
        assert current().in_atomic_block


def test_what_went_wrong_is_raised_and_the_next_one_has_its_turn() -> None:
    with pytest.raises(KeyError):
        hop({"there": 1}.__getitem__, "missing")
    assert hop(int) == 0
