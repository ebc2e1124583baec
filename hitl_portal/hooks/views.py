"""The address that other programs post to."""

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from hitl_portal.addresses import public
from hitl_portal.hooks.models import WebhookSource
from hitl_portal.hooks.reading import Post, read_post
from hitl_portal.problems import Problem, answered, require_method
from workflows import services
from workflows.errors import InvalidInput, UnkeepableInput, UnknownWorkflow, WorkflowDisabled
from workflows.models import WorkflowRun


@csrf_exempt  # the signature says who posts, no cookie
@answered
def receive(request: HttpRequest, source: str) -> HttpResponseBase:
    """Start the run that a signed post asks for and answer 202 with its id and address.

    The same webhook-id again answers the same run. Everything else is a Problem, and starts nothing.
    """
    require_method(request, "POST")
    sender = _enabled_source(source)
    run = _start(sender, read_post(request, sender))
    url = public("runs:detail", run.id)
    return JsonResponse(
        {"run": run.id, "url": url, "status": run.status}, status=202, headers={"Location": url}
    )


def _enabled_source(name: str) -> WebhookSource:
    source = WebhookSource.objects.select_related("workflow").filter(name=name, enabled=True).first()
    if source is None:
        raise Problem("unknown-source", f"No webhook source is named '{name}'")
    return source


def _start(source: WebhookSource, post: Post) -> WorkflowRun:
    workflow = source.workflow.name
    if post.workflow not in {None, workflow}:
        raise Problem("unknown-workflow", f"This source cannot start a workflow named '{post.workflow}'")
    sender = f"webhook:{source.name}"
    try:
        return services.start_run(
            workflow,
            post.input,
            actor=services.Actor(name=sender, channel="webhook"),
            source=sender,
            external_id=post.id,
        )
    except InvalidInput as wrong:
        errors = [{"detail": said, "field": name} for name, said in wrong.by_field.items()]
        raise Problem("validation", str(wrong), errors=errors) from None
    except UnkeepableInput as refused:
        raise Problem("malformed", str(refused)) from None
    except UnknownWorkflow as unknown:
        raise Problem("unknown-workflow", str(unknown)) from None
    except WorkflowDisabled as disabled:
        raise Problem("workflow-disabled", str(disabled)) from None
