"""Whatever people are members of, are named in, stand in for, mute or wish: nobody is told what they may not see."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hitl_portal import access
from hitl_portal.notifications.audience import Audience
from hitl_portal.notifications.deriving import derive
from hitl_portal.notifications.models import Mute, Note
from tests.hitl_portal.notifications.conftest import carried, wants
from tests.hitl_portal.notifications.told import Told
from tests.rows import a_person, a_requirement, a_run, an_event
from workflows import policy
from workflows.models import Delegation, Grant, Requirement, RunEvent

pytestmark = pytest.mark.django_db

GROUPS = [policy.REVIEWERS, policy.ADMINS, "payers", "writers"]
NAMES = ["ann", "ben", "cat"]
TYPES = [
    "StepPaused",
    "RequirementReminded",
    "RequirementEscalated",
    "RequirementAssigned",
    "RequirementDecided",
]
OF_RUNS = ["WorkflowCompleted", "WorkflowError", "WorkflowCancelled"]

circles = st.fixed_dictionaries(
    {
        "groups": st.lists(st.sampled_from(GROUPS), max_size=2),
        "users": st.lists(st.sampled_from(NAMES), max_size=2),
    }
)
worlds = st.fixed_dictionaries(
    {
        "members": st.fixed_dictionaries(
            {name: st.lists(st.sampled_from(GROUPS), max_size=2) for name in NAMES}
        ),
        "inactive": st.sets(st.sampled_from(NAMES), max_size=1),
        "deciders": st.none() | circles.filter(lambda circle: circle["groups"] or circle["users"]),
        "granted": st.booleans(),
        "four_eyes": st.booleans(),
        "requester": st.none() | st.sampled_from(NAMES),
        "deputies": st.lists(st.permutations(NAMES).map(lambda names: names[:2]), max_size=2),
        "mutes": st.sets(st.sampled_from(NAMES)),
        "off": st.sets(st.sampled_from(NAMES)),
        "type": st.sampled_from(TYPES + OF_RUNS),
        "to": circles,
        "revoked": st.sets(st.sampled_from(NAMES)),
    }
)


@contextmanager
def for_a_moment() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def made(world: dict[str, Any]) -> tuple[dict[str, User], RunEvent]:
    people = {name: a_person(name, *world["members"][name]) for name in NAMES}
    User.objects.filter(username__in=world["inactive"]).update(is_active=False)
    now = timezone.now()
    for absent, deputy in world["deputies"]:
        ends = {
            "starts_at": now - timedelta(hours=1),
            "ends_at": now + timedelta(hours=1),
            "created_by": "admin",
        }
        Delegation.objects.create(person=people[absent], deputy=people[deputy], **ends)
    run = a_run(people.get(world["requester"]), is_restricted=world["deciders"] is not None)
    requirement = asked(run, world)
    for name in world["mutes"]:
        Mute.objects.create(person=people[name], workflow=run.workflow)
    for name in world["off"]:
        wants(people[name], page="off", told="off")
    data = world["to"] | {"to": NAMES[0], "channel": "timer", "revision": 1}
    about = None if world["type"] in OF_RUNS else requirement
    event = an_event(run, type=world["type"], requirement=about, actor="engine", data=data)
    return people, event


def asked(run: Any, world: dict[str, Any]) -> Requirement:
    said = {"four_eyes": world["four_eyes"]}
    deciders = world["deciders"]
    if deciders:
        said["deciders"] = deciders
    requirement = a_requirement(run, policy=said, is_restricted=bool(deciders))
    for name, plural in (("group", "groups"), ("username", "users")):
        for one in deciders[plural] if deciders and world["granted"] else ():
            Grant.objects.create(run=run, requirement=requirement, decides=True, **{name: one})
    return requirement


def may_see(person: User, event: RunEvent) -> bool:
    """As the queries of the inbox say."""
    person = User.objects.get(pk=person.pk)
    if event.requirement_id:
        return access.visible_requirements(person).filter(pk=event.requirement_id).exists()
    return access.visible_runs(person).filter(pk=event.run_id).exists()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds)
def test_who_is_in_the_audience_is_who_may_see(told: Told, world: dict[str, Any]) -> None:
    with for_a_moment():
        people, event = made(world)
        audience = Audience.of(
            list(RunEvent.objects.filter(pk=event.pk).select_related("run", "requirement"))
        )
        active = [person for person in audience.people if person.username in people]

        assert {one.username for one in active if audience.sees(one, event)} == {
            one.username for one in active if may_see(one, event)
        }


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds)
def test_nobody_is_told_what_they_may_not_see_or_do_not_want(told: Told, world: dict[str, Any]) -> None:
    told.sent.clear()
    with for_a_moment():
        people, event = made(world)
        derive()
        noted = list(Note.objects.values_list("person__username", flat=True))
        assert len(noted) == len(set(noted))
        assert {name for name in noted if not may_see(people[name], event)} == set()
        assert not {*noted} & {*world["mutes"], *world["off"], *world["inactive"]}
        for name in world["revoked"]:
            people[name].groups.set([Group.objects.get_or_create(name="writers")[0]])
        Grant.objects.filter(username__in=world["revoked"]).delete()
        carried()
        assert {name for name, _message in told.sent if not may_see(people[name], event)} == set()
