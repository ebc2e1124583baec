"""Traces from a request through job and step to a model's provider; of what they say, and of what they do not."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests import flows
from tests.hitl_portal.conftest import answering
from tests.providers.fixture import provider
from tests.providers.replies import Say
from tests.providers.server import Provider
from tests.workflows.driving import a_flow, decide, drive_only, paused, started, work
from workflows import Parallel, Step, StepInput, Workflow, tracing
from workflows.agents import Agent
from workflows.agents.models import OpenAIChat
from workflows.engine.drivers import perform
from workflows.models import WorkflowRun
from workflows.registration import register_plan

__all__ = ["provider"]

pytestmark = pytest.mark.django_db(transaction=True)

Spans = Callable[[], dict[str, ReadableSpan]]
ROOT = Path(__file__).resolve().parents[2]
DECIDE = "POST /requirements/<uuid:requirement_id>/decide/"


@pytest.fixture
def spans() -> Iterator[Spans]:
    """Trace, and give the spans so far that have ended, by their names."""
    kept, traces = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    traces.add_span_processor(SimpleSpanProcessor(kept))
    tracing.use(traces)
    yield lambda: {span.name: span for span in kept.get_finished_spans()}
    tracing.use(None)


def echo(step_input: StepInput) -> str:
    return f"{step_input.input}"


def failing(step_input: StepInput) -> str:
    raise ValueError("a secret")


def asking(provider: Provider) -> Workflow:
    """An agent that may speak when somebody has said so."""
    model = OpenAIChat(id="stub", api_key="key", base_url=provider.openai)
    return a_flow(Step("draft", agent=Agent(model, name="Clerk"), requires_confirmation=True))


def said(span: ReadableSpan) -> dict[str, object]:
    return dict(span.attributes or {})


def is_inside(inner: ReadableSpan, outer: ReadableSpan) -> bool:
    return (
        inner.parent is not None
        and outer.context is not None
        and (inner.parent.trace_id, inner.parent.span_id) == (outer.context.trace_id, outer.context.span_id)
    )


def test_one_trace_goes_from_the_request_to_the_provider(
    spans: Spans, provider: Provider, client: Client, reviewer: User
) -> None:
    provider.will(Say("a secret reply"))
    workflow = asking(provider)
    requirement = paused(workflow, "a secret input")
    client.force_login(reviewer)
    answer = answering(requirement, "approve", feedback="a secret word")
    assert client.post(f"/requirements/{requirement.id}/decide/", answer).status_code == 302
    drive_only(requirement.run, workflow)

    found = spans()
    chain = [found[name] for name in (DECIDE, "decide", "advance", "step draft", "chat stub")]
    assert all(is_inside(inner, outer) for outer, inner in pairwise(chain))
    run, asked = str(requirement.run_id), str(requirement.id)
    assert said(found["decide"]) == {"hitl.run": run, "hitl.requirement": asked}
    assert said(found["advance"]) == {"hitl.run": run, "hitl.workflow": "flow"}
    assert said(found["step draft"])["hitl.step"] == "draft"
    assert said(found["chat stub"]) == {"gen_ai.provider.name": "OpenAI", "gen_ai.request.model": "stub"}
    assert said(found[DECIDE])["http.response.status_code"] == 302
    everything = " ".join(span.to_json() for span in found.values())
    assert "secret" not in everything
    assert "reviewer" not in everything


def test_a_run_that_is_started_is_driven_in_the_same_trace(spans: Spans) -> None:
    workflow = a_flow(Step("say", echo))
    drive_only(started(workflow, "x"), workflow)

    assert is_inside(spans()["advance"], spans()["start"])
    assert said(spans()["start"])["hitl.workflow"] == "flow"


def test_a_request_belongs_to_the_trace_of_who_sends_it(spans: Spans, client: Client) -> None:
    sent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    client.get("/healthz", headers={"traceparent": sent})

    (span,) = spans().values()
    assert span.name == "GET /healthz"
    assert span.context is not None
    assert f"{span.context.trace_id:032x}" in sent


def test_what_comes_later_is_not_told_as_part_of_it(spans: Spans, reviewer: User) -> None:
    workflow = a_flow(Step("say", echo, requires_confirmation=True))
    requirement = paused(workflow)
    first = spans()["advance"]
    WorkflowRun.objects.update(wake_at=requirement.opened_at)  # a deadline, say
    work(workflow)

    assert first.parent is not None
    assert spans()["advance"].parent is None
    decide(requirement, reviewer)
    work(workflow)
    assert is_inside(spans()["advance"], spans()["decide"])


def test_of_an_error_its_type_is_told_and_not_what_it_says(spans: Spans) -> None:
    workflow = a_flow(Step("say", failing, max_retries=0))
    drive_only(started(workflow), workflow)

    step = spans()["step say"]
    assert said(step)["error.type"] == "ValueError"
    assert not step.status.is_ok
    assert "secret" not in step.to_json()


def test_steps_side_by_side_are_inside_of_the_same_job(spans: Spans) -> None:
    workflow = a_flow(Parallel(Step("one", echo), Step("two", echo)))
    drive_only(started(workflow), workflow)

    assert is_inside(spans()["step one"], spans()["advance"])
    assert is_inside(spans()["step two"], spans()["advance"])


def test_nothing_is_kept_or_made_where_it_is_off(client: Client) -> None:
    workflow = a_flow(Step("say", echo))
    run = drive_only(started(workflow), workflow)

    assert client.get("/healthz").status_code == 200
    assert run.trace is None
    assert tracing.span("anything", {}) is tracing.NOTHING
    assert tracing.performing() is perform


def test_without_the_packages_it_stays_off_and_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    tracing.start()

    assert not tracing.is_on()
    assert "install hitl-portal[otel]" in caplog.text


class Receiver(HTTPServer):
    """Takes what is exported by OTLP over HTTP."""

    def __init__(self) -> None:
        self.taken: list[ExportTraceServiceRequest] = []
        super().__init__(("127.0.0.1", 0), Taking)


class Taking(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.path == "/v1/traces"
        self.server.taken.append(ExportTraceServiceRequest.FromString(body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def a_process_starts_a_run(environment: dict[str, str], endpoint: str, directory: Path) -> None:
    register_plan(flows.gate.plan)
    command = [sys.executable, "-m", "tests.workflows.transports.acting", "start", str(directory)]
    given = environment | {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_EXPORTER_OTLP_TIMEOUT": "2"}
    subprocess.run(command, cwd=ROOT, env=given, check=True, capture_output=True, timeout=60)


def test_a_process_sends_its_spans_to_the_receiver_that_the_environment_names(
    receiver: Receiver, process_environment: dict[str, str], tmp_path: Path
) -> None:
    a_process_starts_a_run(process_environment, f"http://127.0.0.1:{receiver.server_port}", tmp_path)

    (resource,) = receiver.taken[0].resource_spans
    named = {each.key: each.value.string_value for each in resource.resource.attributes}
    (span,) = resource.scope_spans[0].spans
    run = WorkflowRun.objects.get()
    assert named["service.name"] == "hitl-portal"
    assert span.name == "start"
    assert {each.key: each.value.string_value for each in span.attributes}["hitl.run"] == str(run.id)
    assert run.trace is not None
    assert run.trace.startswith(f"00-{span.trace_id.hex()}-{span.span_id.hex()}-")


def test_a_receiver_that_is_away_is_no_reason_not_to_start_a_run(
    process_environment: dict[str, str], tmp_path: Path
) -> None:
    a_process_starts_a_run(process_environment, "http://127.0.0.1:9", tmp_path)

    assert WorkflowRun.objects.get().trace
