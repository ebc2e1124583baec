"""The address that other programs post to."""

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from hitl_portal.addresses import public
from hitl_portal.hooks.models import WebhookSource
from hitl_portal.hooks.receiving import receive as received
from hitl_portal.problems import Problem, answered, require_method


@csrf_exempt  # the signature says who posts, no cookie
@answered
def receive(request: HttpRequest, source: str) -> HttpResponseBase:
    """Start the run that a signed post asks for and answer 202 with its id and address.

    The same message again answers the same run. What only asks whether somebody is there (GitHub's ping, Slack's
    challenge) is answered with 200. Everything else is a Problem, and starts nothing.
    """
    require_method(request, "POST")
    answer = received(request, _enabled_source(source))
    if answer.run is None:
        return JsonResponse(answer.greeting)
    run, url = answer.run, public("runs:detail", answer.run.id)
    return JsonResponse(
        {"run": run.id, "url": url, "status": run.status}, status=202, headers={"Location": url}
    )


def _enabled_source(name: str) -> WebhookSource:
    source = WebhookSource.objects.select_related("workflow").filter(name=name, enabled=True).first()
    if source is None:
        raise Problem("unknown-source", f"No webhook source is named '{name}'")
    return source
