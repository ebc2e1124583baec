"""A run goes on as another one: from the step that failed, or from any step with another input."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.rows import a_person, a_run
from tests.workflows.driving import (
    a_flow,
    asked_by,
    at_once,
    decide,
    drive_only,
    events_of,
    record_of,
    started,
)
from workflows import (
    Condition,
    HumanReview,
    Loop,
    Parallel,
    Router,
    Step,
    StepInput,
    Steps,
    Workflow,
    policy,
    services,
)
from workflows.errors import NotEligible, UnkeepableInput, UnknownStep, WorkflowDisabled, WrongStatus
from workflows.forking import fork_outlook, may_fork, may_retry, retry_outlook
from workflows.models import Grant, Requirement, StepRecord, Value, WorkflowRun
from workflows.models import Workflow as Registration
from workflows.services import Actor
from workflows.types import RunStatus

pytestmark = pytest.mark.django_db


class Shop:
    """Steps that add their name to what they get; "pay" fails while it is broken."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.broken = False

    def step(self, name: str, **settings: Any) -> Step:
        def function(step_input: StepInput) -> str:
            self.calls.append(name)
            if name == "pay" and self.broken:
                raise ValueError("no money")
            before = step_input.previous_step_content
            return f"{step_input.input if before is None else before} {name}"

        return Step(name, function, max_retries=0, **settings)


@pytest.fixture
def shop() -> Shop:
    """Give the steps."""
    return Shop()


def everything(shop: Shop) -> Workflow:
    """A workflow of every primitive."""
    a, b, c = (shop.step(name) for name in "abc")
    return a_flow(
        a,
        Loop([b, c], name="loop", max_iterations=2),
        Parallel(b, Steps(name="side", steps=[b, c]), name="both"),
        Router([b, Steps(name="way", steps=[b, c])], lambda _: "way", name="router"),
        Condition([b, c], True, name="if so"),
        Step("inner", workflow=Workflow(name="inner", steps=[b, c])),
        shop.step("end"),
    )


PLACES = [
    "a",
    "loop",
    "loop/2/c",
    "both/side/c",
    "both/b",
    "router/1/way/c",
    "if so/if/c",
    "inner/c",
    "end",
]


def content_of(run: WorkflowRun) -> Any:
    """What a run brought."""
    assert run.output is not None
    return run.output.plain()["content"]


@pytest.mark.parametrize("path", PLACES)
def test_a_fork_keeps_what_was_before_and_comes_to_the_same(shop: Shop, admin: User, path: str) -> None:
    flow = everything(shop)
    old = drive_only(started(flow, "in"), flow)
    again = fork_outlook(old, path).again
    shop.calls.clear()

    fork = drive_only(services.fork_run(old.id, path, actor=Actor.of(admin)), flow)

    assert (fork.status, content_of(fork)) == (RunStatus.completed, content_of(old))
    leaves = [place for place in again if place.rpartition("/")[2] in ("a", "b", "c", "end")]
    assert len(shop.calls) == len(leaves)
    assert fork.records.count() == old.records.count()


@pytest.mark.parametrize("path", [*PLACES[1:4], *PLACES[5:]])
def test_another_input_flows_on(shop: Shop, admin: User, path: str) -> None:
    flow = everything(shop)
    old = drive_only(started(flow, "in"), flow)

    fork = services.fork_run(old.id, path, actor=Actor.of(admin), given="X")
    fork = drive_only(fork, flow)

    assert fork.status == RunStatus.completed
    assert content_of(fork).startswith("X")
    kept = Value.objects.get(run=fork, path=path, slot="given:")
    assert json.loads(kept.data) == {"content": "X"}


def test_at_the_first_step_the_runs_own_input_is_another(shop: Shop, admin: User) -> None:
    flow = a_flow(shop.step("a"), shop.step("b"))
    old = drive_only(started(flow, {"order": 7}), flow)
    assert fork_outlook(old, "a").gets == {"order": 7}

    fork = services.fork_run(old.id, "a", actor=Actor.of(admin), given={"order": 8})

    assert (fork.summary, content_of(drive_only(fork, flow))) == ("order: 8", "{'order': 8} a b")
    assert json.loads(Value.objects.get(run=fork, slot="inputs").data)["input"] == {"order": 8}


def test_it_tells_what_a_step_got(shop: Shop) -> None:
    flow = everything(shop)
    old = drive_only(started(flow, "in"), flow)
    assert fork_outlook(old, "loop/2/c").gets == "in a b"
    assert fork_outlook(old, "inner").gets == content_of(old).removesuffix(" b c end")
    assert fork_outlook(old, "inner/b").gets == fork_outlook(old, "inner").gets


def test_both_runs_say_what_was_done(shop: Shop, admin: User) -> None:
    flow = a_flow(shop.step("a"), shop.step("b"))
    old = drive_only(started(flow), flow)
    before = events_of(old)

    fork = services.fork_run(old.id, "b", actor=Actor.of(admin))

    assert (fork.forked_from, fork.forked_at, fork.requested_by, fork.session_id) == (
        old,
        "b",
        admin,
        old.session_id,
    )
    assert events_of(old) == [*before, "RunForked"]
    told = old.events.last()
    assert told is not None
    assert (told.actor, told.data) == ("admin", {"forked_as": str(fork.id), "path": "b"})
    queued = fork.events.get()
    said = {"source": "fork", "forked_from": str(old.id), "path": "b", "kept": 1}
    assert (queued.type, queued.actor, queued.data) == ("RunQueued", "admin", said)


def test_the_old_run_stays_as_it_was(shop: Shop, admin: User) -> None:
    flow = everything(shop)
    old = drive_only(started(flow, "in"), flow)
    rows = list(StepRecord.objects.filter(run=old).order_by("id").values())

    drive_only(services.fork_run(old.id, "both/side/c", actor=Actor.of(admin), given="X"), flow)

    assert list(StepRecord.objects.filter(run=old).order_by("id").values()) == rows
    assert WorkflowRun.objects.get(id=old.id).status == RunStatus.completed


def test_pressing_twice_is_one_fork(shop: Shop, admin: User) -> None:
    flow = a_flow(shop.step("a"), shop.step("b"))
    old = drive_only(started(flow), flow)

    first, second, third = (
        services.fork_run(old.id, "b", actor=Actor.of(admin), key=key) for key in ("one", "one", "two")
    )

    assert first == second != third


class TestDecisions:
    def flow(self, shop: Shop) -> Workflow:
        inner = [shop.step("look"), shop.step("pay", requires_confirmation=True)]
        asked = HumanReview(requires_confirmation=True, four_eyes=True)
        return a_flow(
            shop.step("a", requires_confirmation=True), Steps(name="g", steps=inner, human_review=asked)
        )

    def approved(self, flow: Workflow, reviewer: User, requester: User) -> WorkflowRun:
        run = started(flow, "in", actor=Actor.of(requester))
        for _ in range(3):
            drive_only(run, flow)
            decide(asked_by(run), reviewer)
            services.settle(run.id)
            release(run)
        return drive_only(run, flow)

    def test_what_was_approved_before_is_not_asked_again(
        self, shop: Shop, admin: User, reviewer: User, requester: User
    ) -> None:
        flow = self.flow(shop)
        old = self.approved(flow, reviewer, requester)
        assert old.status == RunStatus.completed

        fork = drive_only(services.fork_run(old.id, "g", actor=Actor.of(admin)), flow)

        assert asked_by(fork).path == "g"
        assert not Requirement.objects.filter(run=fork, path="a").exists()

    def test_an_approval_around_it_does_not_unlock_another_input(
        self, shop: Shop, admin: User, reviewer: User, requester: User
    ) -> None:
        flow = self.flow(shop)
        old = self.approved(flow, reviewer, requester)
        shop.calls.clear()

        fork = drive_only(services.fork_run(old.id, "g/pay", actor=Actor.of(admin), given="1000"), flow)

        asked = asked_by(fork)
        assert (asked.path, shop.calls) == ("g", [])
        assert "DecisionVoided" in events_of(fork)
        with pytest.raises(NotEligible):
            decide(asked, admin)  # four eyes: who forked has asked for it

    def test_the_gate_of_the_step_shows_what_it_gets_now(
        self, shop: Shop, admin: User, reviewer: User, requester: User
    ) -> None:
        flow = self.flow(shop)
        old = self.approved(flow, reviewer, requester)
        fork = drive_only(services.fork_run(old.id, "g/pay", actor=Actor.of(admin), given="1000"), flow)
        decide(asked_by(fork), reviewer)
        release(fork)
        drive_only(fork, flow)

        asked = asked_by(fork)
        assert asked.path == "g/pay"
        assert asked.evidence is not None
        assert asked.evidence.plain() == {"content": "1000"}
        assert asked.digest != Requirement.objects.get(run=old, path="g/pay").digest

    def test_a_restricted_run_stays_restricted(
        self, shop: Shop, admin: User, reviewer: User, requester: User
    ) -> None:
        flow = self.flow(shop)
        old = self.approved(flow, reviewer, requester)
        WorkflowRun.objects.filter(id=old.id).update(is_restricted=True)

        fork = services.fork_run(old.id, "g", actor=Actor.of(admin))

        assert WorkflowRun.objects.get(id=fork.id).is_restricted
        assert not WorkflowRun.objects.visible(reviewer).filter(id=fork.id).exists()
        assert not Grant.objects.exists()


def release(run: WorkflowRun) -> None:
    """Let the time to undo a decision be over."""
    Requirement.objects.filter(run=run).update(release_at=None)
    WorkflowRun.objects.filter(id=run.id).update(wake_at=run.created_at)


class TestRetry:
    def failed(self, shop: Shop, requester: User) -> tuple[Workflow, WorkflowRun]:
        pay = shop.step("pay", on_error="fail")
        flow = a_flow(
            shop.step("a"), Loop([shop.step("b"), pay], name="loop", max_iterations=1), shop.step("c")
        )
        shop.broken = True
        old = drive_only(started(flow, "in", actor=Actor.of(requester)), flow)
        assert old.status == RunStatus.error
        shop.broken = False
        shop.calls.clear()
        return flow, old

    def test_it_goes_on_from_what_failed(self, shop: Shop, admin: User, requester: User) -> None:
        flow, old = self.failed(shop, requester)
        new = services.retry_run(old.id, actor=Actor.of(admin))
        assert (new.forked_from, new.forked_at, new.requested_by) == (old, "loop/1/pay", requester)

        new = drive_only(new, flow)

        assert (new.status, shop.calls, content_of(new)) == (
            RunStatus.completed,
            ["pay", "c"],
            "in a b pay c",
        )
        assert record_of(new, "a").started_at == record_of(old, "a").started_at

    def test_it_tells_what_it_keeps_and_does_again(self, shop: Shop, requester: User) -> None:
        _, old = self.failed(shop, requester)
        outlook = retry_outlook(old)
        assert (outlook.path, outlook.kept, outlook.again) == (
            "loop/1/pay",
            ["a", "loop/1/b"],
            ["loop/1/pay"],
        )

    def test_a_second_retry_is_the_same_run(self, shop: Shop, admin: User, requester: User) -> None:
        _, old = self.failed(shop, requester)
        first, second = (services.retry_run(old.id, actor=Actor.of(admin)) for _ in range(2))
        assert first == second

    def test_a_retry_that_fails_can_be_tried_again(self, shop: Shop, admin: User, requester: User) -> None:
        flow, old = self.failed(shop, requester)
        shop.broken = True
        again = drive_only(services.retry_run(old.id, actor=Actor.of(admin)), flow)
        assert again.status == RunStatus.error
        shop.broken = False

        third = drive_only(services.retry_run(again.id, actor=Actor.of(admin)), flow)

        assert (third.status, third.forked_from) == (RunStatus.completed, again)

    def test_a_run_that_somebody_ended_goes_on_where_it_stood(
        self, shop: Shop, admin: User, reviewer: User
    ) -> None:
        flow = a_flow(shop.step("a"), shop.step("b", requires_confirmation=True))
        old = drive_only(started(flow, "in"), flow)
        services.cancel_run(old.id, actor=Actor.of(admin))

        new = drive_only(services.retry_run(old.id, actor=Actor.of(admin)), flow)
        decide(asked_by(new), reviewer)
        release(new)

        assert content_of(drive_only(new, flow)) == "in a b"
        assert shop.calls == ["a", "b"]

    def test_a_persons_no_is_not_retried(self, shop: Shop, admin: User, reviewer: User) -> None:
        flow = a_flow(shop.step("a", requires_confirmation=True, on_reject="cancel"))
        old = drive_only(started(flow), flow)
        decide(asked_by(old), reviewer, "reject")
        release(old)
        old = drive_only(old, flow)
        assert old.status == RunStatus.cancelled

        with pytest.raises(WrongStatus):
            services.retry_run(old.id, actor=Actor.of(admin))


class TestRefusals:
    @pytest.mark.parametrize("name", ["requester", "reviewer", "stranger"])
    def test_admins_do_this(self, request: pytest.FixtureRequest, requester: User, name: str) -> None:
        run = a_run(requester, status=RunStatus.error)
        actor = Actor.of(request.getfixturevalue(name))
        with pytest.raises(NotEligible):
            services.retry_run(run.id, actor=actor)
        with pytest.raises(NotEligible):
            services.fork_run(run.id, "a", actor=actor)
        assert WorkflowRun.objects.count() == 1

    @pytest.mark.parametrize("status", RunStatus)
    def test_a_run_in_which_something_is_under_way_is_not_forked(
        self, admin: User, status: RunStatus
    ) -> None:
        run = a_run(admin, status=status)
        refusal = UnknownStep if may_fork(run) else WrongStatus
        with pytest.raises(refusal):
            services.fork_run(run.id, "a", actor=Actor.of(admin))

    @pytest.mark.parametrize("status", RunStatus)
    def test_only_what_failed_is_retried(self, admin: User, status: RunStatus) -> None:
        run = a_run(admin, status=status)
        assert may_retry(run) == (status == RunStatus.error)
        if not may_retry(run):
            with pytest.raises(WrongStatus):
                services.retry_run(run.id, actor=Actor.of(admin))

    def test_a_workflow_that_is_switched_off_is_not_forked(self, shop: Shop, admin: User) -> None:
        flow = a_flow(shop.step("a"))
        old = drive_only(started(flow), flow)
        Registration.objects.update(enabled=False)
        with pytest.raises(WorkflowDisabled):
            services.fork_run(old.id, "a", actor=Actor.of(admin))

    def test_an_input_that_is_no_data_is_refused(self, shop: Shop, admin: User) -> None:
        flow = a_flow(shop.step("a"), shop.step("b"))
        old = drive_only(started(flow), flow)
        for path in ("a", "b"):
            with pytest.raises(UnkeepableInput):
                services.fork_run(old.id, path, actor=Actor.of(admin), given=float("nan"))
        assert WorkflowRun.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_retry_once(shop: Shop) -> None:
    admin = a_person("admin", policy.ADMINS)
    shop.broken = True
    flow = a_flow(shop.step("pay", on_error="fail"))
    old = drive_only(started(flow), flow)

    first, second = at_once(*[lambda: services.retry_run(old.id, actor=Actor.of(admin))] * 2)

    assert first == second
