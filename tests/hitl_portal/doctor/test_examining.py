"""Checks run side by side, each for its time, in the language of who asked."""

import threading
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.utils import translation

from hitl_portal.doctor.examining import Result, examine
from hitl_portal.doctor.findings import Check, Finding, State, ok, together, warning

SOON = 20.0


def a_check(look: Callable[[], Finding], name: str = "one", seconds: float = SOON) -> Check:
    return Check(name=name, title="One", looked_at="Looks.", look=look, seconds=seconds)


def only(look: Callable[[], Finding], seconds: float = SOON) -> Result:
    (result,) = examine([a_check(look, seconds=seconds)])
    return result


def test_they_run_side_by_side() -> None:
    both = threading.Barrier(2)

    def meet() -> Finding:
        both.wait(SOON)
        return ok("met")

    results = list(examine([a_check(meet, "one"), a_check(meet, "other")]))

    assert {result.check.name: result.finding.found for result in results} == {"one": "met", "other": "met"}


def test_each_is_told_as_soon_as_it_is_done() -> None:
    told = threading.Event()

    def wait() -> Finding:
        return ok(str(told.wait(SOON)))

    results = examine([a_check(wait, "slow"), a_check(lambda: ok("at once"), "fast")])
    assert next(results).check.name == "fast"
    told.set()
    assert next(results).finding.found == "True"


def test_one_that_takes_too_long_has_failed_and_holds_up_nobody() -> None:
    never = threading.Event()
    results = list(
        examine([a_check(lambda: ok(str(never.wait())), "slow", 0.05), a_check(lambda: ok("well"), "fast")])
    )
    never.set()

    found = {result.check.name: result.finding.state for result in results}
    assert found == {"slow": State.FAILED, "fast": State.OK}


def test_one_that_breaks_has_failed_with_what_broke_it() -> None:
    def breaks() -> Finding:
        raise LookupError("no such key")

    finding = only(breaks).finding

    assert finding.state is State.FAILED
    assert "LookupError: no such key" in finding.found


def test_it_speaks_the_language_of_who_asked() -> None:
    with translation.override("de"):
        assert only(lambda: ok(translation.get_language() or "")).finding.found == "de"


@pytest.mark.django_db(transaction=True)
def test_it_reaches_the_database_and_leaves_no_connection_behind() -> None:
    assert only(lambda: ok(str(User.objects.count()))).finding.found == "0"


def test_the_worst_of_several_counts() -> None:
    finding = together([ok("well"), warning("odd", "look"), warning("odder", "look there")], "all is well")

    assert finding == Finding(state=State.WARNING, found="odd odder", remedy="look look there")
