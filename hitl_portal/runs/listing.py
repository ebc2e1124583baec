"""The list of runs: those that somebody wants to see, a page at a time, and the form that says which."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from hitl_portal import access
from hitl_portal.pages import page
from hitl_portal.runs.filters import LONGEST, ORDERS, SORTS, STATUSES, WHO, RunFilters
from hitl_portal.templatetags.wording import status_name
from workflows.models import Workflow, WorkflowRun

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from hitl_portal.pages import PageRequest

PAGE_SIZE = 50


class FilterForm(forms.Form):
    """What the list is to show. Whatever is wrong in it is let pass: see `RunFilters`."""

    status = forms.ChoiceField(label=_("Status"))
    workflow = forms.ChoiceField(label=_("Workflow"))
    asker = forms.CharField(label=_("Asked for by, or source"), max_length=LONGEST)
    since = forms.DateField(label=_("Since"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}))
    who = forms.ChoiceField(label=_("Which"), choices=tuple(WHO.items()))
    sort = forms.ChoiceField(label=_("Order"), choices=tuple(SORTS.items()))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(workflow.name, workflow.title) for workflow in Workflow.objects.only("name", "title")]
        status, workflow = self.fields["status"], self.fields["workflow"]
        assert isinstance(status, forms.ChoiceField)
        assert isinstance(workflow, forms.ChoiceField)
        status.choices = [("", _("Any")), *((each.value, status_name(each)) for each in STATUSES)]
        workflow.choices = [("", _("All")), *names]
        for field in self.fields.values():
            field.required = False


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One page of the list. `pinned` is the run that another one is being chosen for, to compare the two."""

    filters: RunFilters
    runs: list[WorkflowRun]
    next: str
    is_first: bool
    pinned: WorkflowRun | None

    @property
    def kept_while_searching(self) -> list[tuple[str, str]]:
        """What the search form sends besides its words."""
        return [(name, text) for name, text in self.filters.said.items() if name != "q"]

    @property
    def statuses(self) -> list[dict[str, Any]]:
        """The ways to each status."""
        now = self.filters.status
        found: list[dict[str, Any]] = [
            {"name": _("All"), "query": self.filters.but(status=""), "here": not now}
        ]
        return found + [
            {"name": status_name(each), "query": self.filters.but(status=each), "here": now == each}
            for each in STATUSES
        ]

    @property
    def wishes(self) -> list[dict[str, Any]]:
        """Each wish besides the status in words, and the address without it."""
        said = {name: text for name, text in self.filters.said.items() if name not in ("status", "compare")}
        return [
            {"text": _in_words(name, text), "without": self.filters.but(**{name: ""})}
            for name, text in said.items()
        ]


def listing_of(person: "User", filters: RunFilters, after: str) -> Listing:
    """A page of the runs that this person may see and wants to; two queries at most."""
    visible = access.visible_runs(person)
    runs, end = ORDERS[filters.sort].page(filters.applied(visible, person), after, PAGE_SIZE)
    query = "&".join(part for part in (filters.query, urlencode({"after": end})) if part) if end else ""
    pinned = visible.filter(id=filters.compare).first() if filters.compare else None
    return Listing(filters=filters, runs=runs, next=query, is_first=not after, pinned=pinned)


def _in_words(name: str, text: str) -> str:
    match name:
        case "who":
            return str(WHO[text])
        case "sort":
            return str(SORTS[text])
        case "since":
            return _("since %(day)s") % {"day": text}
        case "until":
            return _("until %(day)s") % {"day": text}
    return f"“{text}”" if name == "q" else text


@require_safe
@page
def runs(request: "PageRequest") -> HttpResponse:
    """The runs that this person may see, as the address wants them."""
    filters = RunFilters.of(request.GET)
    listing = listing_of(request.user, filters, request.GET.get("after", ""))
    form = FilterForm(initial=filters.said)
    return render(request, "runs/list.html", {"listing": listing, "form": form})


@require_safe
@page
def rows(request: "PageRequest") -> HttpResponse:
    """What changes of the list while it is open."""
    listing = listing_of(request.user, RunFilters.of(request.GET), request.GET.get("after", ""))
    return render(request, "runs/_rows.html", {"listing": listing})
