"""The doctor's page, for admins: everything is looked at when somebody says so, and not when the page is opened.

With htmx each check is asked for by itself, and shown when it is done; without JavaScript all of them come together.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hitl_portal.doctor import subjects
from hitl_portal.doctor.examining import Result, examine
from hitl_portal.doctor.findings import Check, State
from hitl_portal.pages import page
from workflows import policy

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from hitl_portal.pages import PageRequest

SHOWN_FIRST = (State.FAILED, State.WARNING, State.OK, State.SKIPPED)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A check as it is shown: looked at already, under way, or neither."""

    check: Check
    result: Result | None = None
    is_under_way: bool = False


@dataclass(frozen=True, kw_only=True)
class Part:
    """The lines of a subject."""

    title: "str | _StrPromise"
    lines: list[Line]


@require_http_methods(["GET", "HEAD", "POST"])
@page
def doctor(request: "PageRequest") -> HttpResponse:
    """What there is to look at (GET); a look at all of it, or at what `check` names (POST)."""
    if not policy.is_admin(request.user):
        raise PermissionDenied(_("Admins see this."))
    names = request.POST.getlist("check")
    if request.method != "POST":
        return render(request, "doctor/page.html", _shown({}))
    if request.htmx and names:
        return _one(request, names)
    chosen = subjects.named(names) if names else subjects.all_checks()
    if request.htmx:
        return render(request, "doctor/_parts.html", _shown({}, under_way=chosen))
    return render(request, "doctor/page.html", _shown(_examined(chosen)))


def _one(request: "PageRequest", names: list[str]) -> HttpResponse:
    """The line of a check that the page waits for."""
    results = _examined(subjects.named(names[:1]))
    if not results:
        return HttpResponse(status=204)
    (result,) = results.values()
    return render(request, "doctor/_line.html", {"line": Line(check=result.check, result=result)})


def _examined(checks: Iterable[Check]) -> dict[str, Result]:
    return {result.check.name: result for result in examine(checks)}


def _shown(results: Mapping[str, Result], under_way: Iterable[Check] = ()) -> dict[str, object]:
    awaited = {check.name for check in under_way}
    parts = [
        Part(
            title=subject.title,
            lines=[
                Line(check=check, result=results.get(check.name), is_under_way=check.name in awaited)
                for check in subject.checks
            ],
        )
        for subject in subjects.SUBJECTS
    ]
    counted = Counter(result.finding.state for result in results.values())
    return {
        "parts": parts,
        "counted": {state.value: counted[state] for state in SHOWN_FIRST if counted[state]},
        "todo": [
            result.check
            for state in (State.FAILED, State.WARNING)
            for result in results.values()
            if result.finding.state is state
        ],
    }
