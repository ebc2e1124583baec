"""A link's life, played at random: it decides at most once, and only while everything it is bound to is as it was.

A second, naive opinion keeps what has happened as plain flags and says what the link must say.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from hitl_portal.links.models import AnswerLink
from hitl_portal.links.services import answer_by, find
from hitl_portal.links.standing import Dead, why_not
from tests.hitl_portal.links.conftest import YES, away, token_for
from tests.rows import a_person, a_requirement, a_run
from workflows import services
from workflows.errors import WorkflowsError
from workflows.models import Decision, Requirement
from workflows.policy import ADMINS, REVIEWERS
from workflows.services import Actor

HOLD = timedelta(minutes=5)


@dataclass(kw_only=True)
class Story:
    """A question with the reviewer's link about it, what happens to it, and what that should mean."""

    requirement: Requirement
    reviewer: User
    admin: User
    token: str
    gone: set[str] = field(default_factory=set)
    held: Decision | None = None

    @classmethod
    def begins(cls) -> "Story":
        requester, reviewer, admin = (
            a_person("requester"),
            a_person("reviewer", REVIEWERS),
            a_person("admin", ADMINS),
        )
        details = {"path": "approve", "key": "before:0", "kind": "confirmation", "on_reject": "skip"}
        asked = a_requirement(
            a_run(requester, status="PAUSED"), details=details | {"step_name": "approve", "step_type": "Step"}
        )
        return cls(requirement=asked, reviewer=reviewer, admin=admin, token=token_for(asked, reviewer))

    @property
    def counts(self) -> bool:
        """The second opinion."""
        return not self.gone

    def fresh(self) -> Requirement:
        self.requirement.refresh_from_db()
        return self.requirement

    def change(self) -> None:
        if self.fresh().is_open:
            Requirement.objects.filter(pk=self.requirement.pk).update(revision=F("revision") + 1)
            self.gone.add("changed")

    def assign_away(self) -> None:
        if self.fresh().is_open:
            services.assign(self.requirement.pk, to=self.admin, actor=Actor.of(self.admin))
            self.gone.add("assigned")

    def assign_back(self) -> None:
        if self.fresh().is_open and "out" not in self.gone:
            services.assign(self.requirement.pk, to=self.reviewer, actor=Actor.of(self.admin))

    def leave(self) -> None:
        away(self.reviewer, self.admin)
        self.gone.add("away")

    def put_out(self) -> None:
        self.reviewer.groups.clear()
        self.gone.add("out")

    def take_in(self) -> None:
        self.reviewer.groups.add(Group.objects.get(name=REVIEWERS))
        self.gone.discard("out")

    def decide_otherwise(self) -> None:
        if self.fresh().is_open:
            revision = self.requirement.revision
            self.held = services.resolve(
                self.requirement.pk, revision=revision, answer=YES, actor=Actor.of(self.admin)
            )
            self.gone.add("decided")

    def undo(self) -> None:
        if self.held is not None and self.fresh().status == "decided":
            services.undo(self.held.pk, actor=Actor.of(self.admin))
            self.held = None
            self.gone.discard("decided")

    def cancel(self) -> None:
        with suppress(WorkflowsError):
            services.cancel_run(self.requirement.run_id, actor=Actor.of(self.admin))
        self.gone.add("ended")

    def answer(self) -> None:
        """By the link: it must be taken exactly where the second opinion says so."""
        revision, before = self.fresh().revision, Decision.objects.count()
        try:
            with transaction.atomic():
                answer_by(find(self.token), revision=revision, answer=YES)
            taken = True
        except Dead:
            taken = False
        assert taken == self.counts
        assert Decision.objects.count() == before + taken
        if taken:
            self.gone.add("used")


STEPS = (
    *("change", "assign_away", "assign_back", "leave", "put_out", "take_in"),
    *("decide_otherwise", "undo", "cancel", "answer", "answer"),
)


class TestStories(TestCase):
    """Hypothesis and the database's rollback between examples."""

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(st.sampled_from(STEPS), max_size=12))
    def test_a_link_counts_while_everything_is_as_it_was(self, steps: list[str]) -> None:
        with self.settings(HITL_HOLD_SECONDS=HOLD.total_seconds()):
            story = Story.begins()
            for step in steps:
                getattr(story, step)()
                assert (why_not(find(story.token), timezone.now()) is None) == story.counts, step
            story.answer()
        assert AnswerLink.objects.exclude(decision=None).count() <= 1
