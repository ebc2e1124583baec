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

AGENTS = (
    "Agent Team tool Toolkit Function UserInputField UserFeedbackQuestion UserFeedbackOption ToolExecution "
    "RunRequirement RunOutput TeamRunOutput UserControlFlowTools UserFeedbackTools MCPTools approval ApprovalType "
    "RunNotFoundError RunNotContinuableError RunEvent TeamRunEvent"
)
EVENTS = (
    "RunStarted",
    "RunContent",
    "RunCompleted",
    "RunPaused",
    "RunContinued",
    "RunCancelled",
    "RunError",
    "ToolCallStarted",
    "ToolCallCompleted",
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
        ("workflows.agents", AGENTS),
        ("workflows.agents.models", "OpenAIChat OpenAIResponses Claude Gemini OpenAILike ScriptedModel"),
        ("workflows.printing", "pprint_run_response apprint_run_response"),
        ("workflows.db", "SqliteDb PostgresDb AsyncSqliteDb AsyncPostgresDb"),
    ],
)
def test_names_are_where_authors_look_for_them(module: str, names: str) -> None:
    found = import_module(module)
    assert not [name for name in names.split() if not hasattr(found, name)]


@pytest.mark.parametrize("name", EVENTS)
def test_events_are_found_by_both_their_names(name: str) -> None:
    from workflows import agents

    assert getattr(agents, name) is getattr(agents, f"{name}Event")
    assert getattr(agents, f"Team{name}") is getattr(agents, f"Team{name}Event")
    assert issubclass(getattr(agents, f"Team{name}"), getattr(agents, name))


def test_approval_is_the_decorator_wherever_its_module_was_imported() -> None:
    import workflows.agents.approvals  # noqa: F401
    from workflows.agents import approval

    assert callable(approval)
