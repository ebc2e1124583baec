"""Who may open what, and do what: every address that there is, asked by everybody. A new address needs a line here.

The statuses are of nobody who is signed in, the requester, the reviewer, a stranger and an admin; of looking at it
(GET), then of sending to it (POST) what BODIES has for it, else an empty form. What others may not see answers 404, as
if it were not there; what they see and may not do, 403; 302 leads to the sign-in page, or on after something was done.
What tokens open is in api/test_permissions.py, what sockets tell in live/test_permissions.py.
"""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests.hitl_portal.world import World, a_world, filled_in, routes

pytestmark = pytest.mark.one_database

WHO = ("nobody", "requester", "reviewer", "stranger", "admin")
JSON = "application/json"

BODIES: dict[str, dict[str, Any]] = {
    "inbox/bulk/": {"do": "claim", "action": "claim", "item": "<requirement_id>:1"},
    "inbox/views/": {"name": "Refunds", "query": "q=refund"},
    "requirements/<uuid:requirement_id>/decide/": {"revision": 1, "action": "approve", "feedback": ""},
    "comments/<kind:kind>/<uuid:subject_id>/": {"text": "Because."},
    "audit/verify/": {"run": "<run_id>"},
    "api/v1/approvals/<approval_id>/resolve": {"status": "approved"},
    "api/v1/runs/<run_id>/continue": {"step_requirements": []},
    "api/v1/runs": {"workflow": "refund", "input": {"order_id": 7}},
    "api/v1/runs/<run_id>/fork": {"path": "nowhere"},
    "api/v1/requirements/<requirement_id>/decide": {"revision": 1, "action": "approve"},
    "api/v1/requirements": {"kind": "confirmation", "message": "Pay?"},
    "api/v1/pauses": {"server": "clerks", "place": "agent/clerk", "run": "1"},
    "doctor/": {"check": "backups"},
    "tokens/": {"name": "nightly", "scopes": ["read"], "days": 30},
}

MATRIX = {
    "": ("302 200 200 200 200", "405 405 405 405 405"),
    "inbox/rows/": ("302 200 200 200 200", "405 405 405 405 405"),
    "inbox/bulk/": ("302 302 302 302 302", "302 200 200 200 200"),
    "inbox/filters/": ("302 200 200 200 200", "405 405 405 405 405"),
    "inbox/keys/": ("302 200 200 200 200", "405 405 405 405 405"),
    "inbox/preferences/": ("302 200 200 200 200", "302 422 422 422 422"),
    "inbox/views/": ("302 200 200 200 200", "302 302 302 302 302"),
    "inbox/views/<uuid:view_id>/forget/": ("405 405 405 405 405", "302 404 302 404 404"),
    "requirements/<uuid:requirement_id>/": ("302 200 200 404 200", "405 405 405 405 405"),
    "requirements/<uuid:requirement_id>/card/": ("302 200 200 404 200", "405 405 405 405 405"),
    "requirements/<uuid:requirement_id>/standing/": ("302 200 200 404 200", "405 405 405 405 405"),
    "requirements/<uuid:requirement_id>/decide/": ("405 405 405 405 405", "302 403 302 404 302"),
    "requirements/<uuid:requirement_id>/offer/": ("405 405 405 405 405", "302 200 200 404 200"),
    "requirements/<uuid:requirement_id>/preview/": ("405 405 405 405 405", "302 403 404 404 404"),
    "requirements/<uuid:requirement_id>/edited/": ("302 404 404 404 404", "405 405 405 405 405"),
    "requirements/<uuid:requirement_id>/claim/": ("405 405 405 405 405", "302 403 302 404 302"),
    "requirements/<uuid:requirement_id>/unclaim/": ("405 405 405 405 405", "302 302 302 404 302"),
    "requirements/<uuid:requirement_id>/assign/": ("302 403 200 404 200", "302 403 422 404 422"),
    "requirements/<uuid:requirement_id>/snooze/": ("405 405 405 405 405", "302 422 422 404 422"),
    "decisions/<uuid:decision_id>/undo/": ("405 405 405 405 405", "302 403 409 404 403"),
    "requirements/<uuid:requirement_id>/others/": ("302 200 200 404 200", "405 405 405 405 405"),
    "answer/<token>/": ("410 410 410 410 410", "410 410 410 410 410"),
    "answer/<token>/done/": ("410 410 410 410 410", "405 405 405 405 405"),
    "answer/<token>/undo/": ("405 405 405 405 405", "410 410 410 410 410"),
    "answer/<token>/sign-out/": ("405 405 405 405 405", "410 410 410 410 410"),
    "answer/<token>/preview/": ("405 405 405 405 405", "410 410 410 410 410"),
    "answer/<token>/asked/": ("410 410 410 410 410", "405 405 405 405 405"),
    "answer/<token>/values/<uuid:value_id>/": ("410 410 410 410 410", "405 405 405 405 405"),
    "answer/<token>/values/<uuid:value_id>/data/": ("410 410 410 410 410", "405 405 405 405 405"),
    "answer/<token>/values/<uuid:value_id>/media/<int:number>/": (
        "410 410 410 410 410",
        "405 405 405 405 405",
    ),
    "comments/mentions/": ("302 200 200 200 200", "405 405 405 405 405"),
    "comments/mentions/count/": ("302 200 200 200 200", "405 405 405 405 405"),
    "comments/mentions/read/": ("405 405 405 405 405", "302 302 302 302 302"),
    "comments/<kind:kind>/<uuid:subject_id>/": ("302 200 200 404 200", "302 302 302 404 302"),
    "comments/<kind:kind>/<uuid:subject_id>/people/": ("302 200 200 404 200", "405 405 405 405 405"),
    "comments/<uuid:comment_id>/erase/": ("405 405 405 405 405", "302 403 302 404 302"),
    "notifications/": ("302 200 200 200 200", "405 405 405 405 405"),
    "notifications/bell/": ("302 200 200 200 200", "405 405 405 405 405"),
    "notifications/read/": ("405 405 405 405 405", "302 302 302 302 302"),
    "notifications/settings/": ("302 200 200 200 200", "302 422 422 422 422"),
    "notifications/browser/": ("405 405 405 405 405", "302 302 302 302 302"),
    "notifications/services/": ("405 405 405 405 405", "302 422 422 422 422"),
    "notifications/sent/": ("302 200 200 200 200", "405 405 405 405 405"),
    "notifications/try/<slug:channel>/": ("405 405 405 405 405", "302 404 404 404 404"),
    "notifications/addresses/<uuid:address_id>/try/": ("405 405 405 405 405", "302 404 302 404 404"),
    "notifications/addresses/<uuid:address_id>/remove/": ("405 405 405 405 405", "302 404 302 404 404"),
    "values/<uuid:value_id>/": ("302 200 200 404 200", "405 405 405 405 405"),
    "values/<uuid:value_id>/data/": ("302 200 200 404 200", "405 405 405 405 405"),
    "values/<uuid:value_id>/media/<int:number>/": ("302 404 404 404 404", "405 405 405 405 405"),
    "requirements/<uuid:requirement_id>/asked/": ("302 404 404 404 404", "405 405 405 405 405"),
    "runs/": ("302 200 200 200 200", "405 405 405 405 405"),
    "runs/rows/": ("302 200 200 200 200", "405 405 405 405 405"),
    "runs/compare/": ("302 404 404 404 404", "405 405 405 405 405"),
    "runs/new/": ("302 200 200 200 200", "302 422 422 422 422"),
    "runs/<uuid:run_id>/": ("302 200 200 404 200", "405 405 405 405 405"),
    "runs/<uuid:run_id>/body/": ("302 200 200 404 200", "405 405 405 405 405"),
    "runs/<uuid:run_id>/cancel/": ("302 200 403 404 200", "302 302 403 404 302"),
    "runs/<uuid:run_id>/events/": ("302 200 200 404 200", "405 405 405 405 405"),
    "runs/<uuid:run_id>/fork/": ("302 403 403 404 404", "302 403 403 404 404"),
    "runs/<uuid:run_id>/retry/": ("302 403 403 404 409", "302 403 403 404 409"),
    "runs/<uuid:run_id>/time/": ("302 200 200 404 200", "405 405 405 405 405"),
    "runs/<uuid:run_id>/repoint/": ("405 405 405 405 405", "302 403 403 404 409"),
    "runs/<uuid:run_id>/restart/": ("302 403 403 404 200", "302 403 403 404 409"),
    "runs/<uuid:run_id>/rounds/": ("302 404 404 404 404", "405 405 405 405 405"),
    "runs/<uuid:run_id>/speech/": ("302 200 200 404 200", "405 405 405 405 405"),
    "runs/<uuid:run_id>/talk/": ("302 404 404 404 404", "405 405 405 405 405"),
    "runs/<uuid:run_id>/outputs/<uuid:value_id>/": ("302 200 200 404 200", "405 405 405 405 405"),
    "insights/": ("302 200 200 200 200", "405 405 405 405 405"),
    "insights/numbers.csv": ("302 200 200 200 200", "405 405 405 405 405"),
    "insights/decisions.csv": ("302 200 200 200 200", "405 405 405 405 405"),
    "people/absences/": ("302 200 200 200 200", "302 200 200 200 200"),
    "people/absences/of/<str:username>/": ("302 404 302 404 200", "302 404 302 404 200"),
    "people/absences/<uuid:delegation_id>/end/": ("405 405 405 405 405", "302 404 302 404 302"),
    "people/coverage/": ("302 403 403 403 200", "405 405 405 405 405"),
    "people/coverage/count/": ("302 403 403 403 200", "405 405 405 405 405"),
    "audit/": ("302 403 403 403 200", "405 405 405 405 405"),
    "audit/verify/": ("405 405 405 405 405", "302 403 403 403 200"),
    "audit/keys.txt": ("302 200 200 200 200", "405 405 405 405 405"),
    "audit/receipts/<uuid:decision_id>.json": ("302 200 200 404 200", "405 405 405 405 405"),
    "fields/people/": ("302 200 200 200 200", "405 405 405 405 405"),
    "accounts/sign-in/": ("200 302 302 302 302", "200 302 302 302 302"),
    "accounts/sign-out/": ("405 405 405 405 405", "302 302 302 302 302"),
    "accounts/link/<uidb64>/<token>/": ("410 410 410 410 410", "410 410 410 410 410"),
    "accounts/preferences/": ("405 405 405 405 405", "302 302 302 302 302"),
    "accounts/confirm/": ("302 200 200 200 200", "405 405 405 405 405"),
    "accounts/confirm/done/": ("302 200 200 200 200", "405 405 405 405 405"),
    "accounts/confirm/code/": ("302 302 302 302 302", "302 302 302 302 302"),
    "accounts/confirm/passkey/": ("302 302 302 302 302", "302 302 302 302 302"),
    "accounts/confirm/password/": ("302 200 200 200 200", "302 200 200 200 200"),
    "accounts/inactive/": ("200 200 200 200 200", "405 405 405 405 405"),
    "accounts/password/": ("302 200 200 200 200", "302 200 200 200 200"),
    "accounts/password/forgotten/": ("200 200 200 200 200", "200 200 200 200 200"),
    "accounts/password/forgotten/sent/": ("200 200 200 200 200", "405 405 405 405 405"),
    "accounts/password/new/<base36:uidb36>-<str:key>/": ("200 200 200 200 200", "200 200 200 200 200"),
    "accounts/password/new/done/": ("200 200 200 200 200", "405 405 405 405 405"),
    "accounts/password/set/": ("302 302 302 302 302", "302 302 302 302 302"),
    "accounts/security/": ("302 200 200 200 200", "302 405 405 405 405"),
    "accounts/security/app/": ("302 302 302 302 302", "302 302 302 302 302"),
    "accounts/security/app/remove/": ("302 404 404 404 404", "302 404 404 404 404"),
    "accounts/security/codes/": ("302 404 404 404 404", "302 405 405 405 405"),
    "accounts/security/codes/new/": ("302 302 302 302 302", "302 302 302 302 302"),
    "accounts/security/passkeys/": ("302 302 302 302 302", "302 302 302 302 302"),
    "accounts/security/passkeys/<int:pk>/name/": ("302 302 302 302 302", "302 302 302 302 302"),
    "accounts/security/passkeys/<int:pk>/remove/": ("302 302 302 302 302", "302 302 302 302 302"),
    "accounts/security/passkeys/add/": ("302 302 302 302 302", "302 302 302 302 302"),
    "accounts/sessions/": ("302 200 200 200 200", "405 405 405 405 405"),
    "accounts/sessions/<int:session_number>/end/": ("405 405 405 405 405", "302 404 404 404 404"),
    "accounts/sessions/end/": ("405 405 405 405 405", "302 302 302 302 302"),
    "accounts/sign-in/passkey/": ("302 302 302 302 302", "302 302 302 302 302"),
    "accounts/sign-in/second/": ("302 302 302 302 302", "302 302 302 302 302"),
    "accounts/sign-up/": ("403 403 403 403 403", "403 403 403 403 403"),
    "accounts/sso/called-off/": ("302 302 302 302 302", "302 302 302 302 302"),
    "accounts/sso/<slug:provider_id>/": ("404 404 404 404 404", "405 405 405 405 405"),
    "accounts/sso/<slug:provider_id>/back/": ("404 404 404 404 404", "405 405 405 405 405"),
    "api/v1/openapi.json": ("200 200 200 200 200", "200 200 200 200 200"),
    "api/v1/docs": ("302 200 200 200 200", "405 405 405 405 405"),
    "api/v1/workflows": ("401 200 200 200 200", "405 405 405 405 405"),
    "api/v1/workflows/<workflow_id>": ("401 200 200 200 200", "405 405 405 405 405"),
    "api/v1/sessions/<session_id>": ("401 200 200 404 200", "405 405 405 405 405"),
    "api/v1/runs": ("401 200 200 200 200", "401 202 202 202 202"),
    "api/v1/runs/<run_id>": ("401 200 200 404 200", "405 405 405 405 405"),
    "api/v1/runs/<run_id>/continue": ("405 405 405 405 405", "401 403 403 404 400"),
    "api/v1/runs/<run_id>/events": ("401 200 200 404 200", "405 405 405 405 405"),
    "api/v1/runs/<run_id>/stream": ("401 200 200 404 200", "405 405 405 405 405"),
    "api/v1/requirements/<requirement_id>/stream": ("401 200 200 404 200", "405 405 405 405 405"),
    "api/v1/runs/<run_id>/audit": ("401 200 200 404 200", "405 405 405 405 405"),
    "api/v1/runs/<run_id>/cancel": ("405 405 405 405 405", "401 202 403 404 202"),
    "api/v1/runs/<run_id>/retry": ("405 405 405 405 405", "401 403 403 404 409"),
    "api/v1/runs/<run_id>/fork": ("405 405 405 405 405", "401 403 403 404 422"),
    "api/v1/pauses": ("405 405 405 405 405", "401 404 404 404 404"),
    "api/v1/requirements": ("401 200 200 200 200", "401 201 201 201 201"),
    "api/v1/requirements/<requirement_id>": ("401 200 200 404 200", "405 405 405 405 405"),
    "api/v1/requirements/<requirement_id>/decide": ("405 405 405 405 405", "401 403 200 404 200"),
    "api/v1/requirements/<requirement_id>/withdraw": ("405 405 405 405 405", "401 403 403 404 403"),
    "api/v1/approvals": ("401 200 200 200 200", "405 405 405 405 405"),
    "api/v1/approvals/count": ("401 200 200 200 200", "405 405 405 405 405"),
    "api/v1/approvals/<approval_id>": ("401 200 200 404 200", "405 405 405 405 405"),
    "api/v1/approvals/<approval_id>/status": ("401 200 200 404 200", "405 405 405 405 405"),
    "api/v1/approvals/<approval_id>/resolve": ("405 405 405 405 405", "401 403 403 404 200"),
    "api/v1/": ("404 404 404 404 404", "404 404 404 404 404"),
    "tokens/": ("302 200 200 200 200", "302 302 302 302 302"),  # to show first who one is
    "tokens/<uuid:token_id>/revoke/": ("405 405 405 405 405", "302 404 302 404 302"),
    "slack/actions": ("405 405 405 405 405", "404 404 404 404 404"),
    "hooks/<slug:source>": ("405 405 405 405 405", "401 401 401 401 401"),
    "webhooks/": ("302 403 403 403 200", "405 405 405 405 405"),
    "webhooks/new/": ("302 403 403 403 200", "302 403 403 403 422"),
    "webhooks/sources/<slug:source>/": ("302 403 403 403 200", "405 405 405 405 405"),
    "webhooks/sources/<slug:source>/change/": ("302 403 403 403 200", "302 403 403 403 422"),
    "webhooks/sources/<slug:source>/secrets/": ("405 405 405 405 405", "302 403 403 403 422"),
    "webhooks/secrets/<uuid:secret_id>/end/": ("405 405 405 405 405", "302 403 403 403 302"),
    "webhooks/deliveries/<uuid:webhook_delivery_id>/": ("302 403 403 403 200", "405 405 405 405 405"),
    "webhooks/deliveries/<uuid:webhook_delivery_id>/replay/": (
        "405 405 405 405 405",
        "302 403 403 403 409",
    ),
    "outbound/": ("302 403 403 403 200", "405 405 405 405 405"),
    "outbound/new/": ("302 403 403 403 200", "302 403 403 403 422"),
    "outbound/<uuid:endpoint_id>/": ("302 403 403 403 200", "405 405 405 405 405"),
    "outbound/<uuid:endpoint_id>/edit/": ("302 403 403 403 200", "302 403 403 403 422"),
    "outbound/<uuid:endpoint_id>/switch/": ("405 405 405 405 405", "302 403 403 403 302"),
    "outbound/<uuid:endpoint_id>/secret/": ("405 405 405 405 405", "302 403 403 403 200"),
    "outbound/<uuid:endpoint_id>/retire/": ("405 405 405 405 405", "302 403 403 403 302"),
    "outbound/<uuid:endpoint_id>/delete/": ("302 403 403 403 200", "302 403 403 403 302"),
    "outbound/<uuid:endpoint_id>/ping/": ("405 405 405 405 405", "302 403 403 403 302"),
    "outbound/deliveries/<uuid:delivery_id>/": ("302 403 403 403 200", "405 405 405 405 405"),
    "outbound/deliveries/<uuid:delivery_id>/replay/": ("405 405 405 405 405", "302 403 403 403 302"),
    "doctor/": ("302 403 403 403 200", "302 403 403 403 200"),
    "doctor/seen/<str:token>/": ("404 404 404 404 404", "405 405 405 405 405"),
    "healthz": ("200 200 200 200 200", "405 405 405 405 405"),
    "readyz": ("200 200 200 200 200", "405 405 405 405 405"),
    "metrics": ("404 404 404 404 404", "405 405 405 405 405"),
    "favicon.ico": ("302 302 302 302 302", "302 302 302 302 302"),
}


@pytest.fixture
def world(db: None) -> World:
    return a_world()


def ask(world: World, who: str, route: str, method: str) -> int:
    """The status that somebody gets; what it caused is taken back."""
    client = Client()
    if who in world.people:
        client.force_login(world.people[who])
    with transaction.atomic():
        status = _status(client, world, route, method)
        transaction.set_rollback(True)
    return status


def _status(client: Client, world: World, route: str, method: str) -> int:
    address = filled_in(route, world.ids)
    if method == "GET":
        return client.get(address).status_code
    body = body_for(route, world)
    if route.startswith("api/"):
        return client.post(address, body, content_type=JSON).status_code
    return client.post(address, body).status_code


def body_for(route: str, world: World) -> dict[str, Any]:
    """What is sent to an address."""
    return {name: _filled(text, world) for name, text in BODIES.get(route, {}).items()}


def _filled(text: Any, world: World) -> Any:
    return filled_in(text, world.ids).removeprefix("/") if isinstance(text, str) else text


def test_every_address_has_a_line() -> None:
    assert {route for route, _ in routes() if not route.startswith("admin/")} == set(MATRIX)


@pytest.mark.parametrize("route", MATRIX)
def test_everybody_gets_what_is_theirs(world: World, route: str) -> None:
    for method, line in zip(("GET", "POST"), MATRIX[route], strict=True):
        found = {who: ask(world, who, route, method) for who in WHO}

        assert found == dict(zip(WHO, map(int, line.split()), strict=True)), f"{method} {route}"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_in_django_admin_is_open_to_others(world: World, method: str) -> None:
    """It is for staff who are admins; the rest of `admin/` is tested in tests/workflows/admin."""
    client, open_to_all = Client(), {"admin/login/", "admin/logout/", "admin/jsi18n/"}
    ids = dict.fromkeys(("object_id", "app_label", "content_type_id", "url", "id"), "1") | world.ids
    for who in ("requester", "reviewer", "stranger"):
        client.force_login(world.people[who])
        for route, _ in routes():
            if route.startswith("admin/") and "(?P" not in route and route not in open_to_all:
                answer = client.generic(method, filled_in(route, ids))
                assert answer.status_code in {302, 403, 404}, f"{who} {method} {route}"
                assert answer.status_code != 302 or "/admin/login/" in answer.headers["Location"], route
