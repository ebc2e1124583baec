"""Toolkit: which of its tools people are asked about, by name (spec 1.4, 4.2; P6)."""

import asyncio
from typing import Any

import pytest

from workflows.agents.approvals import approval
from workflows.agents.function import Function, tool
from workflows.agents.toolkit import Toolkit, instructions_of, tools_of
from workflows.types import RequirementKind


def read(path: str) -> str:
    """Read a file."""
    return path


def delete(path: str) -> str:
    """Delete a file."""
    return path


async def adelete(path: str) -> str:
    """Delete a file."""
    return path


class Files(Toolkit):
    """Registers its methods in both ways."""

    def __init__(self, root: str, **options: Any) -> None:
        self.root = root
        super().__init__(name="files", tools=[self.open], **options)
        self.register(self.erase)

    def open(self, path: str) -> str:
        """Open a file."""
        return f"{self.root}/{path}"

    @tool
    def erase(self, path: str) -> str:
        """Erase a file."""
        return f"no {self.root}/{path}"


def gates(toolkit: Toolkit) -> dict[str, RequirementKind | None]:
    return {function.name: function.gate for function in toolkit.discover_now()}


def test_names_say_which_tools_people_are_asked_about() -> None:
    toolkit = Toolkit("files", [read, delete], requires_confirmation_tools=["delete"])
    assert gates(toolkit) == {"read": None, "delete": RequirementKind.tool_confirmation}


def test_names_say_what_is_done_elsewhere_and_what_ends_the_run() -> None:
    toolkit = Toolkit(
        tools=[read, delete],
        external_execution_required_tools=["delete"],
        stop_after_tool_call_tools=["read"],
    )
    assert gates(toolkit) == {"read": None, "delete": RequirementKind.external_execution}
    assert (toolkit.functions["read"].stops, toolkit.functions["read"].show_result) == (True, True)


def test_the_tools_themselves_stay_as_they_are() -> None:
    shared = Function.of(delete)
    gated = Toolkit(tools=[shared], requires_confirmation_tools=["delete"])
    assert gated.functions["delete"].gate is RequirementKind.tool_confirmation
    assert shared.gate is None


def test_a_subclass_registers_its_methods_when_it_likes() -> None:
    toolkit = Files("/tmp", requires_confirmation_tools=["open", "erase"])
    assert gates(toolkit) == dict.fromkeys(("open", "erase"), RequirementKind.tool_confirmation)
    assert toolkit.functions["open"].call({"path": "a"}, {}) == "/tmp/a"
    assert toolkit.functions["erase"].call({"path": "a"}, {}) == "no /tmp/a"


def test_tools_are_chosen_by_name() -> None:
    assert list(Toolkit(tools=[read, delete], include_tools=["read"]).functions) == ["read"]
    assert list(Toolkit(tools=[read, delete], exclude_tools=["read"]).functions) == ["delete"]


def test_an_unknown_name_is_only_warned_about(caplog: pytest.LogCaptureFixture) -> None:
    toolkit = Toolkit("files", [read], requires_confirmation_tools=["fly"])
    assert caplog.messages == ["requires_confirmation_tools: toolkit 'files' has no tool 'fly'"]
    asyncio.run(toolkit.discover())
    assert len(caplog.messages) == 1


def test_a_method_that_is_registered_later_is_not_warned_about(caplog: pytest.LogCaptureFixture) -> None:
    Files("/tmp", requires_confirmation_tools=["erase"], exclude_tools=["open"]).discover_now()
    assert caplog.messages == []


def test_both_variants_of_a_tool_are_asked_about() -> None:
    toolkit = Toolkit(
        tools=[delete], async_tools=[(adelete, "delete")], requires_confirmation_tools=["delete"]
    )
    variants = (toolkit.functions["delete"], toolkit.async_functions["delete"])
    assert [variant.gate for variant in variants] == [RequirementKind.tool_confirmation] * 2


def test_an_async_tool_stands_for_itself_where_there_is_no_other() -> None:
    assert list(Toolkit(async_tools=[(adelete, "delete")]).functions) == ["delete"]


def test_results_of_all_tools_may_be_cached() -> None:
    toolkit = Toolkit(tools=[read], cache_results=True, cache_ttl=5)
    assert (toolkit.functions["read"].cache_results, toolkit.functions["read"].cache_ttl) == (True, 5)


def test_an_approval_stays_with_its_tool() -> None:
    @approval
    @tool
    def pay(amount: int) -> None:
        """Pay."""

    @approval(type="audit")
    def note(text: str) -> None:
        """Note."""

    toolkit = Toolkit(tools=[pay, note], requires_confirmation_tools=["note"])
    assert [f.approval for f in toolkit.discover_now()] == ["required", "audit"]
    assert set(gates(toolkit).values()) == {RequirementKind.tool_confirmation}


def test_it_refuses_to_ask_two_things_about_one_tool() -> None:
    with pytest.raises(ValueError, match="Only one of"):
        Toolkit(
            tools=[read], requires_confirmation_tools=["read"], external_execution_required_tools=["read"]
        )


def test_it_refuses_settings_that_there_are_not() -> None:
    with pytest.raises(TypeError, match="no settings colour"):
        Toolkit(tools=[read], colour="red")


def test_an_agent_may_be_given_functions_tools_and_toolkits() -> None:
    given = [read, tool(delete), Files("/tmp")]
    assert [made.name for made in tools_of(given)] == ["read", "delete", "open", "erase"]


def test_instructions_are_told_where_that_is_wanted() -> None:
    told = Toolkit("a", instructions="Say this.", add_instructions=True)
    kept = Toolkit("b", instructions="Not this.")
    assert instructions_of([told, kept, read, tool(instructions="And this.")(read)]) == [
        "Say this.",
        "And this.",
    ]
