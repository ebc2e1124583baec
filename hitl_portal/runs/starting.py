"""The page that starts a run: choose a workflow, fill in its input.

One form does both. Without a script, a workflow that was chosen but whose fields are not shown yet is shown first.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hitl_portal.pages import page
from hitl_portal.refused import in_words
from hitl_portal.runs.forms import ChooseForm, InputForm, has_fields, input_form, startable
from workflows import services
from workflows.errors import InvalidInput, UnkeepableInput, UnknownWorkflow, WorkflowDisabled
from workflows.models import Workflow

if TYPE_CHECKING:
    from hitl_portal.pages import PageRequest


@dataclass(frozen=True, kw_only=True)
class Start:
    """What the page shows: which workflow is chosen, and the form of its input."""

    choice: ChooseForm
    workflow: Workflow | None
    form: InputForm | None

    @property
    def has_fields(self) -> bool:
        """There are two ways to say the input."""
        return self.workflow is not None and has_fields(self.workflow)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def new(request: "PageRequest") -> HttpResponse:
    """Start a run of `workflow`; `raw` asks for its input as text or JSON instead of fields."""
    if request.method != "POST":
        return _shown(request, _asked(request))
    choice = ChooseForm(request.POST)
    workflow = choice.cleaned_data["workflow"] if choice.is_valid() else None
    if workflow is None:
        return _shown(request, Start(choice=choice, workflow=None, form=None), status=422)
    if not _is_shown(request, workflow):
        return _shown(request, Start(choice=choice, workflow=workflow, form=input_form(workflow)))
    form = input_form(workflow, raw="input" in request.POST, data=request.POST, files=request.FILES)
    return _started(request, Start(choice=choice, workflow=workflow, form=form))


def _asked(request: "PageRequest") -> Start:
    """The workflow of the address, else the first one."""
    able = startable()
    workflow = able.filter(name=request.GET.get("workflow", "")).first() or able.first()
    if workflow is None:
        return Start(choice=ChooseForm(), workflow=None, form=None)
    form = input_form(workflow, raw="raw" in request.GET)
    return Start(choice=ChooseForm(initial={"workflow": workflow.name}), workflow=workflow, form=form)


def _is_shown(request: "PageRequest", workflow: Workflow) -> bool:
    """Whether what was filled in was meant for this workflow; text and JSON are for anyone."""
    if "show" in request.POST:
        return False
    meant = request.POST.get("shown", workflow.name) == workflow.name
    return meant or ("input" in request.POST and not has_fields(workflow))


def _started(request: "PageRequest", start: Start) -> HttpResponse:
    workflow, form = start.workflow, start.form
    assert workflow is not None
    assert form is not None
    if not form.is_valid():
        return _shown(request, start, status=422)
    actor = services.Actor.of(request.user)
    try:
        run = services.start_run(workflow.name, form.given(), actor=actor, source="portal")
    except (UnknownWorkflow, WorkflowDisabled) as refused:
        start.choice.add_error("workflow", in_words(refused))
    except InvalidInput as wrong:
        form.refuse(wrong.by_field)
    except UnkeepableInput as refused:
        form.add_error(None, in_words(refused))
    else:
        messages.success(request, _("The run is started."))
        return redirect("runs:detail", run.id)
    return _shown(request, start, status=422)


def _shown(request: "PageRequest", start: Start, status: int = 200) -> HttpResponse:
    return render(request, "runs/new.html", {"start": start, "form": start.form}, status=status)
