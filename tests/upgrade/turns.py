"""What both versions do: work until everything waits or has ended, and answer as a reviewer."""

import threading

from django.contrib.auth.models import User

from workflows import registry, services, store
from workflows.models import Requirement
from workflows.runner import advance
from workflows.types import Action, Answer, RequirementKind


def work() -> None:
    """What a worker does, until nothing is due."""
    known = registry.known()
    while (claim := store.claim("upgrade", list(known))) is not None:
        advance(claim, known, threading.Event())


def answer(requirement: Requirement, action: Action) -> None:
    """One decision, by the reviewer."""
    choices = ("short",) if requirement.kind == RequirementKind.route else ()
    said = Answer(action=action, choices=choices, feedback="once more" if action is Action.reject else None)
    actor = services.Actor.of(User.objects.get(username="reviewer"))
    services.resolve(requirement.id, revision=requirement.revision, answer=said, actor=actor)


def waiting() -> list[Requirement]:
    """What is open."""
    return list(Requirement.objects.filter(status=Requirement.Status.OPEN))
