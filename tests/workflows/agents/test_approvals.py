"""@approval: in which order, with which type, and what is refused (spec 4.6; P6)."""

from collections.abc import Callable
from typing import Any

import pytest

from workflows.agents.approvals import ApprovalType, approval
from workflows.agents.function import Function, tool
from workflows.types import RequirementKind


def pay(amount: int) -> None:
    """Pay."""


def fresh() -> Callable[..., Any]:
    def pay(amount: int) -> None:
        """Pay."""

    return pay


FORMS = [approval, approval(), approval(type="required"), approval(type=ApprovalType.required)]


@pytest.mark.parametrize("mark", FORMS)
@pytest.mark.parametrize("make", [tool, tool(), tool(requires_confirmation=True)])
def test_it_stands_above_or_below_the_tool(mark: Any, make: Any) -> None:
    for made in (mark(make(fresh())), make(mark(fresh()))):
        assert isinstance(made, Function)
        assert (made.approval, made.gate) == ("required", RequirementKind.tool_confirmation)


@pytest.mark.parametrize("mark", [approval(type="audit"), approval(type=ApprovalType.audit)])
def test_an_audit_leaves_what_is_asked_as_it_is(mark: Any) -> None:
    make = tool(user_input_fields=["amount"])
    for made in (mark(make(fresh())), make(mark(fresh()))):
        assert (made.approval, made.gate) == ("audit", RequirementKind.tool_input)


def test_required_asks_for_nothing_more_where_something_is_asked() -> None:
    made = approval(tool(external_execution=True)(pay))
    assert (made.approval, made.gate) == ("required", RequirementKind.external_execution)


def test_a_bare_function_in_a_list_of_tools_may_be_marked() -> None:
    made = Function.of(approval(fresh()))
    assert (made.approval, made.gate) == ("required", RequirementKind.tool_confirmation)


def test_the_tool_that_was_marked_stays_as_it_was() -> None:
    made = tool(pay)
    assert approval(made) is not made
    assert made.approval is None


@pytest.mark.parametrize(
    "mark", [lambda f: approval(type="audit")(tool(f)), lambda f: tool(approval(type="audit")(f))]
)
def test_it_refuses_to_record_decisions_that_nobody_takes(mark: Any) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011  the beginning and the end are compared
        mark(fresh())
    assert str(refused.value).startswith("@approval(type='audit') requires at least one HITL flag (")
    assert str(refused.value).endswith(") to be set on @tool().")


def test_it_refuses_an_unknown_type() -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011  the whole text is compared
        approval(type="zzz")
    assert str(refused.value) == "Invalid approval type: 'zzz'. Must be 'required' or 'audit'."


def test_the_old_setting_is_refused() -> None:
    with pytest.raises(ValueError, match="Invalid tool configuration arguments"):
        tool(requires_approval=True)
