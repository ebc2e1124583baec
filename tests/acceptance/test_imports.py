"""Where authors find the names (spec 1.1)."""

from importlib import import_module

import pytest

FRONT_DOOR = (
    "Workflow Step Steps Loop Parallel Condition Router StepInput StepOutput WorkflowExecutionInput HumanReview "
    "OnReject OnError OnTimeout pause UserInputField StepRequirement ErrorRequirement StepType ExecutorType "
    "PauseKind StepMetrics WorkflowMetrics CEL_AVAILABLE validate_cel_expression"
)
TYPES = (
    "OnReject OnError OnTimeout HumanReview StepInput StepOutput StepRequirement ErrorRequirement UserInputField "
    "StepType ExecutorType PauseKind StepMetrics WorkflowMetrics WorkflowExecutionInput"
)


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("workflows", FRONT_DOOR),
        ("workflows.workflow", "Workflow"),
        ("workflows.step", "Step"),
        ("workflows.steps", "Steps"),
        ("workflows.loop", "Loop"),
        ("workflows.router", "Router"),
        ("workflows.condition", "Condition"),
        ("workflows.parallel", "Parallel"),
        ("workflows.decorators", "pause"),
        ("workflows.types", TYPES),
        (
            "workflows.run",
            "RunStatus RunContext WorkflowRunOutput WorkflowRunEvent StepPausedEvent CustomEvent",
        ),
        ("workflows.db", "SqliteDb PostgresDb AsyncSqliteDb AsyncPostgresDb"),
    ],
)
def test_names_are_where_authors_look_for_them(module: str, names: str) -> None:
    found = import_module(module)
    assert not [name for name in names.split() if not hasattr(found, name)]
