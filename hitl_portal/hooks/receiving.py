"""Receiving: what is done with a post, step by step, and that a line of it stands in its source's log.

Order matters: nothing is believed before the signature, strangers cannot use up what the source may send, and a message
that has started a run answers with it whatever has changed since.
"""

import json
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest

from hitl_portal.bodies import limited_body
from hitl_portal.hooks import log
from hitl_portal.hooks.models import Delivery, WebhookSource
from hitl_portal.hooks.reading import Post, headers_of, read_payload, read_post, verify
from hitl_portal.hooks.schemes import Message
from hitl_portal.hooks.starting import known_run, start
from hitl_portal.hooks.throttling import admit
from hitl_portal.problems import PROBLEMS, Problem
from hitl_portal.sealing import Unreadable
from workflows import services
from workflows.errors import WrongStatus
from workflows.models import WorkflowRun


@dataclass(frozen=True, kw_only=True)
class Received:
    """The answer to a post: a run, or what a greeting is answered with."""

    run: WorkflowRun | None = None
    greeting: dict[str, Any] | None = None


def receive(request: HttpRequest, source: WebhookSource) -> Received:
    """Deal with a post. Raises Problem; either way the log has a line, but for floods."""
    entry = log.Entry(source=source, message=Message(headers={}, body=b""))
    try:
        return _taken(request, entry)
    except Problem as problem:
        _write_refused(entry, problem)
        raise


def replay(line: Delivery, once: str, actor: services.Actor) -> WorkflowRun:
    """Do again what a kept payload asks for, as the source says now.

    Where the message has started no run yet, it does so under its own id, so that the sender's next try answers the
    same run; else it is a new message, `once` naming it, so that a form sent twice is one run. Raises WrongStatus where
    nothing was kept, and Problem.
    """
    source = line.source
    payload = _kept(line)
    is_new = bool(line.message_id) and known_run(source, line.message_id) is None
    post = Post(id=line.message_id if is_new else f"replay_{once}", payload=payload)
    entry = log.Entry(
        source=source,
        message=Message(headers={}, body=json.dumps(payload).encode()),
        id=post.id,
        payload=payload,
        is_signed=True,
        is_read=True,
        replay_of=line,
        replayed_by=actor.name,
    )
    try:
        return _answered(entry, post, actor)
    except Problem as problem:
        _write_refused(entry, problem)
        raise


def _taken(request: HttpRequest, entry: log.Entry) -> Received:
    source = entry.source
    entry.message = Message(
        headers=headers_of(request), body=b""
    )  # what is too large is logged without a body
    entry.message = replace(entry.message, body=limited_body(request, source.max_bytes))
    verify(entry.message, source)
    entry.is_signed = True
    admit(source)
    entry.payload = read_payload(entry.message)
    entry.is_read = True
    greeting = source.scheme.greeting(entry.message, entry.payload)
    if greeting is not None:
        log.write(entry, "greeted", 200)
        return Received(greeting=greeting)
    post = read_post(entry.message, entry.payload, source)
    entry.id = post.id
    return Received(run=_answered(entry, post))


def _answered(entry: log.Entry, post: Post, actor: services.Actor | None = None) -> WorkflowRun:
    known = known_run(entry.source, post.id)
    entry.run = known or start(entry.source, post, actor)
    log.write(entry, "repeated" if known else "started", 202)
    return entry.run


def _write_refused(entry: log.Entry, problem: Problem) -> None:
    """A line for it. Of a flood, forged or not, only the count goes on: a line each would be what it is after."""
    try:
        if not entry.is_signed:
            admit(entry.source, column="forged_free_at")
    except Problem as flood:
        log.count(entry.source, flood.kind)
        raise
    if problem.kind == "too-many":
        log.count(entry.source, problem.kind)
    else:
        log.write(entry, problem.kind, PROBLEMS[problem.kind][0], problem.detail)


def _kept(line: Delivery) -> Any:
    if not line.sealed_body:
        raise WrongStatus("Nothing was kept that could be replayed")
    try:
        return json.loads(line.payload())
    except Unreadable:
        raise WrongStatus("What was kept cannot be read with the keys of now") from None
