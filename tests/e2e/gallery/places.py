"""The list of all pages and states: what axe looks at, and what screenshots are taken of."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.e2e.portal import Portal

SUBMIT = """([address, fields, token]) => {
  const form = Object.assign(document.createElement("form"), {method: "post", action: address});
  const kept = document.querySelector("[name=csrfmiddlewaretoken]");
  for (const [name, value] of [...fields, ...(token && kept ? [["csrfmiddlewaretoken", kept.value]] : [])])
    form.append(Object.assign(document.createElement("input"), {type: "hidden", name, value}));
  document.body.append(form);
  form.submit();
}"""
BROKEN = """from django.test import RequestFactory
from hitl_portal.pages import broken
print(broken(RequestFactory().get("/")).content.decode())"""
MOST_FIELDS = 1000
OF_DJANGO = ("color-contrast", "link-in-text-block", "target-size")


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A person's page, and what was filled in for it: addresses by name."""

    page: Page
    portal: Portal
    addresses: dict[str, str]

    def go(self, address: str) -> None:
        """To an address, or to what was filled in under that name."""
        self.page.goto(self.addresses.get(address, address))

    def submit(self, address: str, fields: list[tuple[str, str]], *, token: bool = True) -> None:
        """Send a form that no page has."""
        with self.page.expect_navigation():
            self.page.evaluate(SUBMIT, [address, fields, token])


Way = Callable[[Visit], None]


@dataclass(frozen=True, kw_only=True)
class Place:
    """One page or state: its name, who looks, and how they get there."""

    name: str
    way: Way
    person: str = "reviewer"
    excused: tuple[str, ...] = ()

    def is_excused(self, fault: str) -> bool:
        """It is in what others have made: Django's admin."""
        return any(rule in fault for rule in self.excused)


def to(address: str) -> Way:
    """Straight to an address."""
    return lambda visit: visit.go(address)


def menu(visit: Visit) -> None:
    visit.go("/")
    visit.page.get_by_label("Your account").click()


def keys(visit: Visit) -> None:
    visit.go("/")
    expect(visit.page.locator("#keys-slot dialog")).to_be_attached()
    visit.page.keyboard.press("?")
    expect(visit.page.locator("dialog[open]")).to_be_visible()


def loading(visit: Visit) -> None:
    """A card whose list has not come yet."""
    visit.page.route("**/inbox/rows/**", lambda route: None)
    visit.page.goto(visit.addresses["card-schema"], wait_until="domcontentloaded")


def disconnected(visit: Visit) -> None:
    visit.go("/runs/")
    visit.page.evaluate("document.getElementById('connection').hidden = false")


def refused(visit: Visit) -> None:
    """Sent from a revision that is gone."""
    visit.go("card-confirmation")
    fields = [("revision", "0"), ("action", "approve"), ("feedback", "The parcel was seen.")]
    visit.submit(f"{visit.addresses['card-confirmation']}decide/", fields)


def late(visit: Visit) -> None:
    """Sent after somebody else has decided."""
    visit.go("card-closed")
    fields = [("revision", "1"), ("action", "approve"), ("feedback", "I would have paid too.")]
    visit.submit(f"{visit.addresses['card-closed']}decide/", fields)


def half_filled(visit: Visit) -> None:
    visit.go("card-schema")
    visit.submit(f"{visit.addresses['card-schema']}decide/", [("revision", "1"), ("action", "approve")])


def token_made(visit: Visit) -> None:
    """A new token, shown this once, to somebody who has come in just now."""
    visit.page.context.clear_cookies(name="hitl_session")
    visit.go(visit.portal.sign_in_link("requester"))
    with visit.page.expect_navigation():
        visit.page.get_by_role("button", name="Sign in").click()
    visit.go("/tokens/")
    visit.page.get_by_label("Name", exact=True).fill("Nightly orders")
    visit.page.get_by_role("button", name="Make it").click()
    expect(visit.page.locator(".token-text")).to_be_visible()


def wrong_password(visit: Visit) -> None:
    visit.go("/accounts/sign-in/")
    visit.page.get_by_label("Username").fill("reviewer")
    visit.page.get_by_label("Password").fill("not it")
    visit.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(visit.page.get_by_role("alert")).to_be_visible()


def ended(visit: Visit) -> None:
    visit.go("/runs/new/")
    visit.submit(f"{visit.addresses['run-completed']}cancel/", [])


def too_much(visit: Visit) -> None:
    visit.go("/runs/new/")
    visit.submit("/runs/new/", [("input", "")] * (MOST_FIELDS + 1))


def without_token(visit: Visit) -> None:
    visit.go("/runs/new/")
    visit.submit("/runs/new/", [], token=False)


def tried(visit: Visit) -> None:
    """A payload that does not have all that the workflow needs."""
    visit.go("source-change")
    visit.page.get_by_text("How a mapping is written").click()
    visit.page.get_by_role("button", name="Try it").click()
    expect(visit.page.locator("#trial")).to_be_visible()


def source_secret(visit: Visit) -> None:
    visit.go("source")
    visit.page.get_by_text("Change to another secret").click()
    visit.page.get_by_role("button", name="Add the secret").click()
    expect(visit.page.get_by_text("Copy it now")).to_be_visible()


def broken(visit: Visit) -> None:
    """The page for errors of ours; nothing breaks on demand, so it is written by a command."""
    words = visit.portal.command("shell", "-v", "0", "-c", BROKEN)
    visit.page.route(
        "**/broken/", lambda route: route.fulfill(status=500, content_type="text/html", body=words)
    )
    visit.go("/broken/")


def examined(visit: Visit) -> None:
    """Everything was looked at."""
    visit.go("/doctor/")
    visit.page.get_by_role("button", name="Examine everything").click()
    expect(visit.page.locator(".check[data-state=ok]").first).to_be_visible()
    expect(visit.page.locator(".check[data-state=awaited]")).to_have_count(0, timeout=40_000)


def new_secret(visit: Visit) -> None:
    visit.go("endpoint-off")
    visit.page.get_by_role("button", name="New secret").click()
    expect(visit.page.locator(".secret")).to_be_visible()


INBOX = [
    Place(name="inbox", way=to("/")),
    Place(name="inbox-of-requester", way=to("/"), person="requester"),
    Place(name="inbox-empty", way=to("/"), person="stranger"),
    Place(name="inbox-decided", way=to("/?show=decided")),
    Place(name="inbox-snoozed", way=to("/?show=snoozed")),
    Place(name="inbox-found", way=to("/?q=parcel&kind=approval")),
    Place(name="inbox-nothing-found", way=to("/?q=xylophone")),
    Place(name="inbox-loading", way=loading),
    Place(name="inbox-keys", way=keys),
    Place(name="account-menu", way=menu),
    Place(name="bulk-approve", way=to("bulk-approve")),
    Place(name="bulk-reject", way=to("bulk-reject")),
    Place(name="filters", way=to("/inbox/filters/")),
    Place(name="views", way=to("/inbox/views/?workflow=refund")),
    Place(name="preferences", way=to("/inbox/preferences/")),
]
CARDS = [
    *(
        Place(name=f"card-{name}", way=to(f"card-{name}"))
        for name in (
            "confirmation",
            "user-input",
            "schema",
            "route",
            "proposal",
            "second-attempt",
            "iteration-review",
            "error",
            "tool-confirmation",
            "tool-input",
            "external-execution",
            "feedback",
            "votes",
            "held",
            "closed",
            "expired",
        )
    ),
    Place(name="card-half-filled", way=half_filled),
    Place(name="card-stale", way=refused),
    Place(name="card-late", way=late),
    Place(name="card-of-requester", way=to("card-confirmation"), person="requester"),
]
RUNS = [
    Place(name="runs", way=to("/runs/")),
    Place(name="runs-none", way=to("/runs/"), person="stranger"),
    Place(name="run-start", way=to("/runs/new/?workflow=refund")),
    *(
        Place(name=f"run-{name}", way=to(f"run-{name}"), person="admin")
        for name in ("paused", "completed", "failed", "of-team", "of-loop", "cancel", "restart")
    ),
]
PEOPLE = [
    Place(name="insights", way=to("/insights/")),
    Place(name="insights-empty", way=to("/insights/"), person="stranger"),
    Place(name="audit", way=to("/audit/"), person="admin"),
    Place(name="absences", way=to("/people/absences/"), person="admin"),
    Place(name="absences-none", way=to("/people/absences/"), person="requester"),
    Place(name="coverage", way=to("/people/coverage/"), person="admin"),
    Place(name="notifications", way=to("/notifications/")),
    Place(name="notifications-none", way=to("/notifications/"), person="stranger"),
    Place(name="notification-choices", way=to("/notifications/settings/")),
    Place(name="notifications-sent", way=to("/notifications/sent/")),
    Place(name="tokens", way=to("/tokens/"), person="admin"),
    Place(name="token-made", way=token_made, person="requester"),
    Place(name="api-reference", way=to("/api/v1/docs")),
    Place(name="endpoints", way=to("/outbound/"), person="admin"),
    Place(name="endpoint", way=to("endpoint"), person="admin"),
    Place(name="endpoint-off", way=to("endpoint-off"), person="admin"),
    Place(name="endpoint-new", way=to("/outbound/new/"), person="admin"),
    Place(name="endpoint-edit", way=to("endpoint-edit"), person="admin"),
    Place(name="endpoint-delete", way=to("endpoint-delete"), person="admin"),
    Place(name="endpoint-secret", way=new_secret, person="admin"),
    Place(name="delivery", way=to("delivery"), person="admin"),
    Place(name="sources", way=to("/webhooks/"), person="admin"),
    Place(name="source", way=to("source"), person="admin"),
    Place(name="source-waiting", way=to("source-waiting"), person="admin"),
    Place(name="source-new", way=to("/webhooks/new/"), person="admin"),
    Place(name="source-tried", way=tried, person="admin"),
    Place(name="source-secret", way=source_secret, person="admin"),
    Place(name="source-delivery", way=to("source-delivery"), person="admin"),
    Place(name="doctor", way=to("/doctor/"), person="admin"),
    Place(name="doctor-done", way=examined, person="admin"),
    Place(name="admin", way=to("/admin/"), person="admin", excused=OF_DJANGO),
    Place(name="admin-runs", way=to("/admin/workflows/workflowrun/"), person="admin", excused=OF_DJANGO),
]
LINKS = [
    Place(name="link-tool", way=to("link-tool"), person=""),
    Place(name="link-form", way=to("link-form"), person=""),
    Place(name="link-decided", way=to("link-decided"), person=""),
    Place(name="link-unknown", way=to("/answer/none/"), person=""),
    Place(name="link-of-another", way=to("link-tool"), person="admin"),
]
DOOR = [
    Place(name="sign-in", way=to("/accounts/sign-in/"), person=""),
    Place(name="sign-in-wrong", way=wrong_password, person=""),
    Place(name="sign-in-forgotten", way=to("/accounts/password/forgotten/"), person=""),
    Place(name="sign-in-mail-sent", way=to("/accounts/password/forgotten/sent/"), person=""),
    Place(name="sign-in-mail-used", way=to("/accounts/password/new/2-used-up/"), person=""),
    Place(name="sign-in-closed", way=to("/accounts/inactive/"), person=""),
    Place(name="sign-up", way=to("/accounts/sign-up/"), person=""),
    Place(name="security", way=to("/accounts/security/")),
    Place(name="security-password", way=to("/accounts/password/set/")),
    Place(name="security-app", way=to("/accounts/security/app/")),
    Place(name="security-passkey", way=to("/accounts/security/passkeys/add/")),
    Place(name="sessions", way=to("/accounts/sessions/")),
    Place(name="confirm-without-factor", way=to("/accounts/confirm/")),
    Place(name="confirmed", way=to("/accounts/confirm/done/")),
    Place(name="sign-in-link-used", way=to("/accounts/link/MQ/used-up/"), person=""),
    Place(name="error-400", way=too_much),
    Place(name="error-403", way=to("/audit/"), person="requester"),
    Place(name="error-403-form", way=without_token),
    Place(name="error-404", way=to("/nowhere/")),
    Place(name="error-409", way=ended, person="admin"),
    Place(name="error-500", way=broken),
    Place(name="connection-lost", way=disconnected),
]
PLACES = [*INBOX, *CARDS, *RUNS, *PEOPLE, *LINKS, *DOOR]
IN_GERMAN = [
    place
    for place in PLACES
    if place.name
    in {
        "inbox",
        "filters",
        "preferences",
        "bulk-approve",
        "card-confirmation",
        "card-tool-confirmation",
        "card-feedback",
        "card-schema",
        "runs",
        "run-of-team",
        "insights",
        "audit",
        "absences",
        "coverage",
        "endpoint-off",
        "delivery",
        "sign-in",
        "error-409",
    }
]
