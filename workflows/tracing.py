"""Tracing: OpenTelemetry spans of requests, services, jobs, steps and models, for deployments that ask for them.

Off unless OpenTelemetry's own variables name where spans go and the extra `otel` is installed; then all of this costs
a look at one variable. A run carries what has made it due (`WorkflowRun.trace`) to the worker that drives it. Spans say
ids, names of workflows and steps, and how it went; never inputs, outputs, messages of errors, or who people are. No
Django here: authors' models are traced where there is none.
"""

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar

from workflows.engine.drivers import perform
from workflows.engine.needs import Call
from workflows.engine.record import Failure

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, Tracer

log = logging.getLogger(__name__)

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

NAME = "hitl-portal"
ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
PARENT = "traceparent"  # as W3C Trace Context calls it
NOTHING = nullcontext()

Said = Mapping[str, object]
Kind = Literal["INTERNAL", "SERVER", "CLIENT"]

_tracer: "Tracer | None" = None


def start() -> None:
    """Trace from now on, where the environment says whereto; spans that authors make in steps go along."""
    if not any(map(os.environ.get, ENDPOINTS)):
        return
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as missing:
        log.warning("nothing is traced: %s; install hitl-portal[otel]", missing)
        return
    named = Resource.create({"service.name": NAME}).merge(OTELResourceDetector().detect())
    provider = TracerProvider(resource=named)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    use(provider)


def use(provider: "TracerProvider | None") -> None:
    """Trace through this provider from now on; with None, not at all."""
    global _tracer  # noqa: PLW0603  what is looked at everywhere is this one variable
    _tracer = provider.get_tracer(NAME) if provider is not None else None


def is_on() -> bool:
    """Spans are made."""
    return _tracer is not None


def span(
    name: str, said: Said, *, parent: str | None = None, kind: Kind = "INTERNAL"
) -> "AbstractContextManager[Span | None]":
    """A span around a block, with attributes; inside of what `carried` once gave, else of the one under way."""
    return NOTHING if _tracer is None else _spanned(_tracer, name, said, parent, kind)


def note(said: Said) -> None:
    """Attributes for the span that is under way."""
    if _tracer is not None:
        from opentelemetry.trace import get_current_span

        get_current_span().set_attributes(_attributes(said))


def traced(
    name: str,
) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """A span around each call of a function."""

    def tracing(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        @wraps(function)
        def called(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
            if _tracer is None:
                return function(*args, **kwargs)
            with span(name, {}):
                return function(*args, **kwargs)

        return called

    return tracing


def carried() -> str | None:
    """The span that is under way, as text that another process goes on from; None without one."""
    if _tracer is None:
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get(PARENT)


def performing() -> Callable[[Call], Any]:
    """How calls of steps are performed: as the engine does it, inside of spans where such are made."""
    return perform if _tracer is None else _performed


def _performed(call: Call) -> Any:
    node = call.record.node
    said = {"hitl.step": call.record.path, "hitl.kind": node.kind, "hitl.call": call.key}
    with span(f"step {node.name}", said) as made:
        result = perform(call)
        if isinstance(result, Failure) and made is not None:
            _failed(made, result.error_type)
    return result


@contextmanager
def _spanned(tracer: "Tracer", name: str, said: Said, parent: str | None, kind: Kind) -> "Iterator[Span]":
    from opentelemetry.trace import SpanKind
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    with tracer.start_as_current_span(
        name,
        context=TraceContextTextMapPropagator().extract({PARENT: parent}) if parent else None,
        kind=SpanKind[kind],
        attributes=_attributes(said),
        record_exception=False,  # what an error says may be somebody's words
        set_status_on_exception=False,
    ) as made:
        try:
            yield made
        except Exception as error:
            _failed(made, type(error).__name__)
            raise


def _failed(made: "Span", error: str) -> None:
    from opentelemetry.trace import Status, StatusCode

    made.set_status(Status(StatusCode.ERROR))
    made.set_attribute("error.type", error)


def _attributes(said: Said) -> dict[str, str | int]:
    return {name: value if isinstance(value, int) else str(value) for name, value in said.items()}
