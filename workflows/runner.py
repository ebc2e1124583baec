"""Runner: drive one claimed run to its next rest. The only job that there is; everything else makes runs due."""

import logging
import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

from django.db import NotSupportedError

from workflows import services, tracing
from workflows.engine.drivers import Perform, drive
from workflows.engine.needs import Call
from workflows.engine.record import Failure
from workflows.engine.snapshot import DefinitionChanged
from workflows.errors import LeaseLost
from workflows.logs import wordless
from workflows.outages import AWAY
from workflows.registry import Definition
from workflows.speaking import speaking
from workflows.store import Claim, RunStore
from workflows.types import RunStatus
from workflows.worker_store import WorkerStore

log = logging.getLogger(__name__)

# What operators are told of a run; the rest is in its log of events.
TOLD = frozenset({"StepInterrupted", "WorkflowCompleted", "WorkflowCancelled", "WorkflowError"})


def advance(claim: Claim, workflows: Mapping[str, Definition], stop: threading.Event) -> None:
    """Drive a run until it waits for people, has ended, or `stop` is set; then let go of it.

    Where the lease was lost meanwhile, nothing of this attempt is written after the loss: somebody else goes on.
    """
    store = WorkerStore(claim, stop)
    try:
        with _traced(store), store.kept():
            services.settle(claim.run_id)
            workflow = workflows[claim.workflow]
            if not store.rest_if_idle(workflow.plan):
                _drive(store, workflow, stop)
    except DefinitionChanged as changed:
        log.warning("run %s: %s", claim.run_id, changed)
        store.stop(RunStatus.definition_changed, str(changed), "DefinitionChanged")
    except LeaseLost as lost:
        log.warning("%s", lost)
    except (*AWAY, NotSupportedError):
        # The database may be back when the lease is over, or a migration is: then the run is taken up again.
        raise
    except Exception as error:
        # What authors' code raises never comes here: this run would fail the same way for ever, and unseen.
        log.exception("run %s cannot be driven", claim.run_id)
        store.stop(RunStatus.error, f"The run could not be driven: {error!r}", "WorkflowError")


def _traced(store: RunStore) -> AbstractContextManager[object]:
    """A span, inside of that of the request that has made the run due; for the first who drives it after that."""
    trace = store.run.trace
    if trace is not None:
        store.forget_trace()
    said = {"hitl.run": store.claim.run_id, "hitl.workflow": store.claim.workflow}
    return tracing.span("advance", said, parent=trace)


def _drive(store: RunStore, workflow: Definition, stop: threading.Event) -> None:
    machine = store.load(workflow.plan)
    machine.halt_when(stop.is_set)
    perform = _logged(tracing.performing(), store.claim.run_id)
    with speaking(machine, store.claim.run_id) as speaker:
        while not store.released:
            for event in drive(machine, speaker.saved(store.save), perform):
                speaker.hear(event, machine)
                level = logging.INFO if event.type in TOLD else logging.DEBUG
                log.log(level, "run %s: %s %s", store.claim.run_id, event.type, event.path)
            if not store.released:
                services.confirm_decisions(store.claim.run_id)
                store.absorb(machine)


def _logged(perform: Perform, run_id: UUID) -> Perform:
    """The same, and a line for each call that fails: where, and how it came to that."""

    def performed(call: Call) -> Any:
        result = perform(call)
        if isinstance(result, Failure):
            said = (run_id, call.record.node.name, call.record.path, result.error_type)
            log.warning(
                "run %s: step '%s' at %s failed: %s", *said, exc_info=result.cause and wordless(result.cause)
            )
        return result

    return performed
