"""Keeping: the pages on which people name views, choose filters, and say how they work."""

from typing import TYPE_CHECKING
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hitl_portal import access, zones
from hitl_portal.inbox.filters import CHOICES, Filters
from hitl_portal.inbox.keys import PreferencesForm, keys_of
from hitl_portal.inbox.models import LONGEST_NAME, Preferences, SavedView
from hitl_portal.pages import page
from workflows import policy
from workflows.models import Workflow

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from hitl_portal.pages import PageRequest

    ModelForm = forms.ModelForm[SavedView]
else:
    ModelForm = forms.ModelForm

MOST_REQUESTERS = 200


class FiltersForm(forms.Form):
    """Everything that can be wished of the list, each with "any"."""

    q = forms.CharField(label=gettext_lazy("Words"), required=False)
    workflow = forms.ChoiceField(label=gettext_lazy("Workflow"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("What is asked"), required=False)
    who = forms.ChoiceField(label=gettext_lazy("Who works on it"), required=False)
    due = forms.ChoiceField(label=gettext_lazy("Due"), required=False)
    risk = forms.ChoiceField(label=gettext_lazy("Risk"), required=False)
    age = forms.ChoiceField(label=gettext_lazy("Age"), required=False)
    requester = forms.ChoiceField(label=gettext_lazy("Who asked for it"), required=False)
    sort = forms.ChoiceField(label=gettext_lazy("Order"), required=False)
    show = forms.ChoiceField(label=gettext_lazy("Show"), required=False)

    def __init__(self, person: "User", filters: Filters) -> None:
        super().__init__(initial={name: getattr(filters, name) for name in self.base_fields})
        runs = access.visible_runs(person).order_by()
        titles = Workflow.objects.filter(pk__in=runs.values("workflow")).values_list("name", "title")
        names = runs.exclude(requested_by=None).values_list("requested_by__username", flat=True).distinct()
        known = dict(CHOICES) | {
            "workflow": dict(titles),
            "requester": {name: name for name in sorted(names[:MOST_REQUESTERS])},
        }
        for name, choices in known.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            first = [] if "" in choices else [("", _("Any"))]
            field.choices = [*first, *choices.items()]


class ViewForm(ModelForm):
    """A name for what is shown."""

    class Meta:
        model = SavedView
        fields = ("name", "is_shared")
        help_texts = {
            "is_shared": gettext_lazy("Everybody finds it among their views, each with their own items.")
        }


@require_safe
@page
def filters(request: "PageRequest") -> HttpResponse:
    """Choose what the list shows; the form leads back to the list."""
    wish = Filters.of(request.GET)
    context = {"form": FiltersForm(request.user, wish), "query": wish.query}
    return render(request, "inbox/filters.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def views(request: "PageRequest") -> HttpResponse:
    """The views that one may use; with a query, also a form to give that one a name."""
    wish = Filters.of(request.GET)
    form = ViewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        SavedView.objects.update_or_create(
            owner=request.user,
            name=given["name"],
            defaults={"query": wish.query, "is_shared": given["is_shared"]},
        )
        messages.success(request, _("The view is saved."))
        return redirect(f"{reverse('inbox:list')}?{wish.query}")
    context = {
        "form": form,
        "wish": wish,
        "views": SavedView.objects.offered_to(request.user),
        "longest": LONGEST_NAME,
        "administrates": policy.is_admin(request.user),
    }
    return render(request, "inbox/views.html", context, status=422 if form.is_bound else 200)


@require_POST
@page
def forget_view(request: "PageRequest", view_id: UUID) -> HttpResponse:
    """Remove a view: one's own, or as an admin one that is shared."""
    view = get_object_or_404(SavedView.objects.offered_to(request.user), pk=view_id)
    if view.owner_id != request.user.pk and not policy.is_admin(request.user):
        raise PermissionDenied(_("Only who made it, or an admin, can remove it."))
    view.delete()
    messages.success(request, _("The view is removed; nothing that it showed is changed."))
    return redirect("inbox:views")


@require_http_methods(["GET", "HEAD", "POST"])
@page
def preferences(request: "PageRequest") -> HttpResponse:
    """Keys, whether the next item opens by itself, and the time zone."""
    kept = Preferences.of(request.user)
    if "as_it_comes" in request.POST:
        Preferences.objects.filter(person=request.user.pk).delete()
        zones.remember(request, "")
        messages.success(request, _("Everything is as it comes again."))
        return redirect("inbox:preferences")
    form = PreferencesForm(kept, request.POST if request.method == "POST" else None)
    if form.is_valid():
        form.save()
        zones.remember(request, form.cleaned_data["time_zone"])
        messages.success(request, _("Saved."))
        return redirect("inbox:preferences")
    return render(request, "inbox/preferences.html", {"form": form}, status=422 if form.is_bound else 200)


@require_safe
@page
def keys(request: "PageRequest") -> HttpResponse:
    """The person's keys, as help to read and for the page to obey."""
    kept = Preferences.of(request.user)
    return render(request, "inbox/_keys.html", {"keys": keys_of(kept), "preferences": kept})
