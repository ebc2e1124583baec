"""The demo workflows do what their pages say, and seeding twice changes nothing."""

import os
import subprocess
import sys
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.providers import Provider, Say, call
from tests.providers.fixture import provider
from tests.workflows.driving import asked_by, decide, drive_only, record_of, started, work
from workflows import Workflow, policy, registry
from workflows.demo import seed
from workflows.demo.flows import article, offsite_team, refund, refund_agent, release, support, trip
from workflows.errors import NotEligible
from workflows.models import Requirement, WorkflowRun
from workflows.types import RunStatus

__all__ = ["provider"]

pytestmark = pytest.mark.django_db
# Models are asked in a thread of its own, which reads what was said from the database.
in_threads = pytest.mark.django_db(transaction=True)

INPUTS = dict(seed.RUNS)


@pytest.fixture(autouse=True)
def registered() -> None:
    registry.register()


def begun(workflow: Workflow) -> Requirement:
    return asked_by(drive_only(started(workflow, INPUTS[workflow.id]), workflow))


def decided(requirement: Requirement, person: User, action: str = "approve", **said: Any) -> WorkflowRun:
    decide(requirement, person, action, **said)
    return work(refund, release, article, support, refund_agent, offsite_team, trip)


def content(run: WorkflowRun) -> Any:
    assert run.status == RunStatus.completed
    assert run.output is not None
    return run.output.plain()["content"]


def test_a_refund_shows_amount_and_customer_and_is_paid_once(reviewer: User) -> None:
    requirement = begun(refund)
    check = record_of(requirement.run, "check").output

    assert (requirement.kind, requirement.message) == ("confirmation", "Pay this refund?")
    assert check is not None
    assert check.plain()["content"]["amount"] == "249.90 EUR"
    assert check.plain()["content"]["customer"] == "Ada Lovelace"
    run = decided(requirement, reviewer)
    assert "we have refunded 249.90 EUR" in content(run)
    assert record_of(run, "pay").tries == 1


def test_a_rejected_refund_is_not_paid_and_the_customer_is_told(reviewer: User) -> None:
    run = decided(begun(refund), reviewer, "reject")

    assert record_of(run, "pay").status == "skipped"
    assert "cannot refund" in content(run)


def test_a_trip_is_checked_as_its_model_and_booked_with_what_was_filled_in(reviewer: User) -> None:
    asked = {
        "traveller": "requester", "destination": "Graz", "first_day": "2026-12-01", "last_day": "2026-12-03",
        "purpose": "A fair", "budget": 900,
    }  # fmt: skip
    requirement = asked_by(drive_only(started(trip, asked), trip))
    check = record_of(requirement.run, "check").output
    assert check is not None
    assert check.plain()["content"]["per day"] == "300.00 EUR"

    filled = {"cost_centre": "AB-1234", "answer_by": "2026-11-30T09:00+01:00", "refundable": True}
    booked = content(decided(requirement, reviewer, values=filled))
    assert booked | filled == booked
    assert booked["room"] == "single"
    assert "shared_with" not in booked


def test_a_release_is_confirmed_with_its_environment_and_reviewed(reviewer: User) -> None:
    form = begun(release)
    assert form.kind == "user_input"
    decided(form, reviewer, values={"environment": "canary", "window_minutes": 45})
    record = asked_by(form.run)

    assert record.kind == "output_review"
    assert record.evidence is not None
    text = record.evidence.plain()["content"]
    assert "checkout 4.12.0 → canary" in text
    assert "Window: 45 minutes" in text
    assert content(decided(record, reviewer)) == "Released to canary."


def test_a_release_takes_half_an_hour_unless_somebody_says_otherwise(reviewer: User) -> None:
    form = begun(release)
    decided(form, reviewer, values={"environment": "staging"})

    record = asked_by(form.run)
    assert record.evidence is not None
    assert "Window: 30 minutes" in record.evidence.plain()["content"]


@pytest.mark.parametrize("action", ["reject", "cancel"])
def test_a_refused_release_ends_the_run(reviewer: User, action: str) -> None:
    assert decided(begun(release), reviewer, action).status == RunStatus.cancelled


def test_an_article_comes_back_with_what_the_reviewer_said(reviewer: User) -> None:
    draft = begun(article)
    decided(draft, reviewer, "reject", feedback="Shorter, please.")
    second = asked_by(draft.run)

    assert second.details["retry_count"] == 1
    assert second.evidence is not None
    assert "Revised as asked: Shorter, please." in second.evidence.plain()["content"]


def test_an_article_is_sent_back_three_times_at_most(reviewer: User) -> None:
    draft = begun(article)
    for _ in range(3):
        decided(asked_by(draft.run), reviewer, "reject", feedback="Again.")
    run = decided(asked_by(draft.run), reviewer, "reject", feedback="Once more.")

    assert run.status == RunStatus.cancelled
    assert "Max retries (3)" in run.outcome


def test_an_edited_article_is_published_as_it_was_edited(reviewer: User) -> None:
    run = decided(begun(article), reviewer, "edit", content="Four words are enough.")

    assert content(run) == "Published (4 words)."


def test_a_ticket_is_looked_into_and_its_answer_proposed(reviewer: User) -> None:
    proposal = begun(support)

    assert (proposal.kind, proposal.details["proposal"]) == ("confirmation", ["explain the problem"])
    assert len(proposal.details["choices"]) == 3
    assert record_of(proposal.run, "promised soon/if/put first").status == "completed"
    decided(proposal, reviewer)
    draft = asked_by(proposal.run)
    assert draft.kind == "iteration_review"
    assert draft.evidence is not None
    assert "rounded twice" in draft.evidence.plain()["content"]


def test_another_answer_is_chosen_and_the_reply_revised_and_sent(reviewer: User) -> None:
    proposal = begun(support)
    decided(proposal, reviewer, "reject")
    route = asked_by(proposal.run)
    assert route.kind == "route"
    decided(route, reviewer, choices=("offer a credit",))
    decided(asked_by(proposal.run), reviewer, "reject", feedback="Warmer, please.")
    draft = asked_by(proposal.run)
    assert draft.evidence is not None
    text = draft.evidence.plain()["content"]
    assert "costs nothing" in text
    assert "Revised as asked: Warmer, please." in text

    decided(draft, reviewer)
    sent = content(decided(asked_by(proposal.run), reviewer))
    assert sent.startswith("Sent to A-2203:")
    assert "Warmer, please." in sent


def test_a_reply_that_nobody_wants_to_send_is_not_sent(reviewer: User) -> None:
    proposal = begun(support)
    decided(proposal, reviewer)
    decided(asked_by(proposal.run), reviewer)

    run = decided(asked_by(proposal.run), reviewer, "cancel")
    assert run.status == RunStatus.cancelled
    assert not run.records.filter(path="send reply", status="completed").exists()


@pytest.mark.parametrize(("plan", "step"), [("business", "if/put first"), ("basic", "else/queue up")])
def test_what_was_promised_soon_comes_first(plan: str, step: str) -> None:
    run = drive_only(started(support, INPUTS["support"] | {"plan": plan}), support)

    assert record_of(run, f"promised soon/{step}").status == "completed"


@in_threads
def test_an_agent_looks_by_itself_and_asks_before_it_pays(reviewer: User) -> None:
    requirement = begun(refund_agent)
    tool = requirement.details["tool"]

    assert (requirement.kind, requirement.message) == (
        "tool_confirmation",
        "Refund clerk wants to use 'pay_refund'.",
    )
    assert (tool["args"]["order"], tool["args"]["amount"]) == ("A-1042", 249.9)
    assert tool["description"] == "Pay money back to the customer of an order. It cannot be taken back."
    looked = record_of(requirement.run, "handle the request/0.0:look_up_order").output
    assert looked is not None
    assert looked.plain()["content"]["customer"] == "Grace Hopper"
    assert "249.90 EUR paid back for A-1042" in content(decided(requirement, reviewer))


@in_threads
def test_what_is_paid_is_what_the_reviewer_made_of_it(reviewer: User) -> None:
    args = {"order": "A-1042", "amount": 124.95, "reason": "One of two parcels came without the lamp."}

    assert "124.95 EUR paid back" in content(decided(begun(refund_agent), reviewer, "edit", content=args))


@in_threads
def test_after_a_no_the_agent_offers_a_voucher_that_only_an_admin_grants(reviewer: User, admin: User) -> None:
    payment = begun(refund_agent)
    decided(payment, reviewer, "reject", feedback="The lamp was in the second parcel.")
    voucher = asked_by(payment.run)

    assert voucher.details["tool"]["name"] == "grant_voucher"
    with pytest.raises(NotEligible):
        decide(voucher, reviewer, "approve")
    assert "A voucher of 25.00 EUR" in content(decided(voucher, admin))


@in_threads
def test_a_team_asks_two_things_at_once(reviewer: User) -> None:
    run = drive_only(started(offsite_team, INPUTS["offsite-team"]), offsite_team)
    form, question = Requirement.objects.open().filter(run=run).order_by("kind")[::-1]

    assert [form.kind, question.kind] == ["tool_input", "feedback"]
    assert form.details["tool"]["member"]["name"] == "Room scout"
    fields = {field["name"]: field for field in form.details["tool"]["fields"]}
    assert (fields["people"]["value"], fields["day"]["value"]) == (11, "2026-05-11")
    assert fields["room"]["allowed_values"] == ["garden", "library", "workshop"]
    assert (fields["lunch"]["field_type"], fields["lunch"]["value"]) == ("bool", None)
    decided(question, reviewer, values={"How should the invitation sound?": ["Warm"]})
    said = content(decided(form, reviewer, values={"room": "library", "lunch": True, "cost_centre": "4711"}))
    assert "The library is reserved on 2026-05-11 for 11 people, with lunch, paid by 4711." in said
    assert "Looking forward" in said


@in_threads
def test_a_room_that_nobody_reserves_is_told(reviewer: User) -> None:
    run = drive_only(started(offsite_team, INPUTS["offsite-team"]), offsite_team)
    decided(Requirement.objects.open().get(run=run, kind="feedback"), reviewer, "reject", feedback="Brief.")

    said = content(decided(asked_by(run), reviewer, "reject", feedback="We meet online."))
    assert "No room is reserved: We meet online." in said


@in_threads
@pytest.mark.parametrize("workflow", [refund_agent, offsite_team], ids=lambda workflow: workflow.id)
def test_without_any_input_the_scripts_play_on(workflow: Workflow) -> None:
    assert drive_only(started(workflow), workflow).status == RunStatus.paused


def test_the_scripts_say_that_they_are_scripts() -> None:
    assert refund_agent.name == "Refund by an agent (played by a script)"
    assert offsite_team.name == "Offsite by a team (played by a script)"


WITH_A_KEY = """
from workflows.demo.refund_agent import refund_agent

run = refund_agent.run({"order": "A-1042"})
print(refund_agent.name, run.step_requirements[-1].executor_requirements[0].tool_execution.tool_args["amount"])
"""


def test_with_a_key_a_real_model_plays(provider: Provider) -> None:
    provider.will(
        Say("", calls=[call("look_up_order", order="A-1042")]),
        Say("", calls=[call("pay_refund", order="A-1042", amount=12.5, reason="As the order says.")]),
    )
    key = os.environ | {"OPENAI_API_KEY": "key", "OPENAI_BASE_URL": provider.openai}
    run = subprocess.run(
        [sys.executable, "-c", WITH_A_KEY], env=key, check=True, capture_output=True, text=True
    )

    assert run.stdout == "Refund by an agent 12.5\n"
    assert provider.requests[0].body["model"] == "gpt-5.4"
    assert "Grace Hopper" in provider.requests[1].body["messages"][-1]["content"]


def test_seeding_makes_three_people_and_a_run_of_each_workflow() -> None:
    admin, reviewer, requester = seed.people()
    seed.runs(requester)

    assert policy.is_admin(admin)
    assert admin.is_staff
    assert policy.is_reviewer(reviewer)
    assert not policy.is_admin(reviewer)
    assert not policy.is_reviewer(requester)
    assert {run.workflow.name for run in requester.requested_runs.all()} == INPUTS.keys()


def test_seeding_again_changes_nothing() -> None:
    for _ in range(2):
        people = seed.people()
        seed.runs(people[-1])

    assert User.objects.count() == 3
    assert WorkflowRun.objects.count() == len(seed.RUNS)


def test_seeding_leaves_a_portal_alone_that_is_in_use(requester: User) -> None:
    started(refund, INPUTS["refund"])
    seed.runs(requester)

    assert WorkflowRun.objects.count() == 1
