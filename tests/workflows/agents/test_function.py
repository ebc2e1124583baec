"""@tool and Function: what authors write, what the engine sees, and one use with its hooks (spec 1.4, 4.2)."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from workflows.agents.function import Function, tool
from workflows.agents.hooks import FunctionCall
from workflows.engine.conversation import Tool
from workflows.engine.functions import Yielded
from workflows.types import Action, Answer, InputErrors, RequirementKind

APPROVED = Answer(action=Action.approve)


@tool
def get_weather(city: str) -> str:
    """The weather in a city.

    Args:
        city: Its name.
    """
    return f"sunny in {city}"


@tool(requires_user_input=True, user_input_fields=["recipient"])
def send_money(amount: float, recipient: str, note: str = "") -> str:
    """Send money."""
    return f"{amount} to {recipient} {note}"


def use(function: Function, given: dict[str, Any] | None = None, **args: Any) -> Any:
    """As the engine uses it."""
    result = function.call(function.check(args, complete=True), given or {})
    return asyncio.run(_awaited(result)) if inspect.isawaitable(result) else result


async def _awaited(awaitable: Any) -> Any:
    return await awaitable


# What authors write.


def test_it_is_used_bare_or_with_parentheses() -> None:
    def plain(city: str) -> str:
        """Plain."""
        return city

    for made in (tool(plain), tool()(plain), tool(requires_confirmation=True)(plain)):
        assert isinstance(made, Function)
        assert (made.name, made.description, made.entrypoint) == ("plain", "Plain.", plain)


def test_the_function_is_still_there_to_be_called() -> None:
    assert get_weather.entrypoint is not None
    assert get_weather.entrypoint(city="Oslo") == "sunny in Oslo"


def test_the_author_may_say_more() -> None:
    made = tool(name="w", description="d", strict=True, instructions="i", stop_after_tool_call=True)(_noop)
    assert (made.spec.name, made.spec.description, made.spec.strict) == ("w", "d", True)
    assert (made.instructions, made.stops, made.show_result) == ("i", True, True)
    assert made.repeatable is False
    assert tool(repeatable=True)(_noop).repeatable


def test_it_refuses_settings_that_there_are_not() -> None:
    with pytest.raises(
        ValueError, match=r"^Invalid tool configuration arguments: \{'requires_approval'\}\. Valid arg"
    ):
        tool(requires_approval=True)


@pytest.mark.parametrize(
    "flags",
    [
        {"requires_confirmation": True, "external_execution": True},
        {"requires_confirmation": True, "requires_user_input": True},
        {"external_execution": True, "user_input_fields": ["x"]},
    ],
)
def test_it_refuses_to_ask_two_things_at_once(flags: dict[str, Any]) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011  the whole text is compared
        tool(**flags)(_noop)
    assert str(refused.value) == (
        "Only one of 'requires_user_input', 'requires_confirmation', or 'external_execution' "
        "can be set to True at the same time."
    )


def test_it_refuses_fields_that_are_no_parameters() -> None:
    with pytest.raises(ValueError, match="'_noop' has no parameter nonsense"):
        tool(user_input_fields=["nonsense"])(_noop)


@pytest.mark.parametrize("wrong", [3, "name", {"type": "function"}])
def test_it_refuses_what_is_no_function(wrong: Any) -> None:
    with pytest.raises(TypeError):
        Function.of(wrong)
    with pytest.raises(TypeError):
        tool(wrong)


def test_a_bare_function_in_a_list_of_tools_is_a_tool() -> None:
    made = Function.of(_noop)
    assert (made.name, made.gate) == ("_noop", None)
    assert Function.of(made) is made


def test_a_changed_tool_leaves_the_first_one_as_it_was() -> None:
    gated = get_weather.changed(requires_confirmation=True)
    assert (gated.gate, get_weather.gate) == (RequirementKind.tool_confirmation, None)
    assert use(gated, city="Oslo") == "sunny in Oslo"


def test_a_method_that_is_a_tool_belongs_to_its_object() -> None:
    class Bank:
        def __init__(self, name: str) -> None:
            self.name = name

        @tool(requires_confirmation=True)
        def pay(self, amount: int) -> str:
            """Pay."""
            return f"{self.name} pays {amount}"

    first, second = Bank("first").pay, Bank("second").pay
    assert (use(first, amount=1), use(second, amount=2)) == ("first pays 1", "second pays 2")
    assert list(first.parameters["properties"]) == ["amount"]
    assert first.gate is RequirementKind.tool_confirmation


# What the engine sees.


def test_it_is_what_the_engine_takes_for_a_tool() -> None:
    engines: Tool = get_weather
    assert engines.spec.parameters["properties"] == {"city": {"type": "string", "description": "Its name."}}
    assert (engines.gate, engines.approval, engines.silent, engines.stops) == (None, None, False, False)
    assert engines.questions({}) == []


@pytest.mark.parametrize(
    ("settings", "gate"),
    [
        ({"requires_confirmation": True}, RequirementKind.tool_confirmation),
        ({"requires_user_input": True}, RequirementKind.tool_input),
        ({"external_execution": True}, RequirementKind.external_execution),
    ],
)
def test_a_flag_says_what_is_asked(settings: dict[str, Any], gate: RequirementKind) -> None:
    assert tool(**settings)(_noop).gate is gate


def test_the_model_does_not_see_what_people_fill_in() -> None:
    assert list(send_money.spec.parameters["properties"]) == ["amount", "note"]
    assert send_money.spec.parameters["required"] == ["amount"]
    assert list(send_money.parameters["properties"]) == ["amount", "recipient", "note"]


def test_without_a_list_people_fill_in_everything() -> None:
    everything = send_money.changed(user_input_fields=None)
    assert everything.spec.parameters["properties"] == {}
    assert everything.check({}, complete=False) == {}


def test_the_form_has_every_parameter() -> None:
    fields = send_money.fields({"amount": 5})
    assert [(f["name"], f["value"], f["of_model"], f["required"]) for f in fields] == [
        ("amount", 5, True, True),
        ("recipient", None, False, True),
        ("note", None, False, False),
    ]


def test_the_model_cannot_fill_in_what_is_asked_of_people() -> None:
    args = {"amount": "5", "recipient": "stranger"}
    assert send_money.check(args, complete=False) == {"amount": 5.0}
    assert send_money.fields(args)[1]["value"] is None


def test_what_people_filled_in_is_checked_with_the_rest() -> None:
    with pytest.raises(InputErrors, match="'recipient' is missing"):
        send_money.check({"amount": 5}, complete=True)
    assert send_money.check({"amount": 5, "recipient": "requester"}, complete=True)["amount"] == 5.0


def test_a_no_is_told_with_its_note() -> None:
    assert get_weather.answered({}, Answer(action=Action.reject, feedback="not now")) == "not now"
    assert get_weather.answered({}, Answer(action=Action.reject)) == "Function call was rejected by the user"


def test_a_yes_has_the_function_called() -> None:
    assert get_weather.answered({}, APPROVED) is None


@pytest.mark.parametrize(("content", "text"), [("3 rows", "3 rows"), ("", ""), ({"rows": 3}, '{"rows": 3}')])
def test_a_result_from_elsewhere_is_told(content: Any, text: str) -> None:
    elsewhere = tool(external_execution=True)(_noop)
    assert elsewhere.answered({}, Answer(action=Action.approve, content=content)) == text


def test_a_tool_without_a_function_is_known_by_its_schema() -> None:
    schema = {"type": "object", "properties": {"sql": {"type": "string"}}, "required": ["sql"]}
    query = Function(name="query", parameters=schema, external_execution=True)
    assert query.fields({"sql": "select 1"})[0]["value"] == "select 1"
    with pytest.raises(InputErrors, match="Unknown argument 'x'"):
        query.check({"sql": "", "x": 1}, complete=True)
    with pytest.raises(LookupError, match="no function of its own"):
        query.call({}, {})


# One use.


def test_the_run_gives_what_the_function_asks_for() -> None:
    def remember(city: str, session_state: dict[str, Any], agent: Any = None) -> str:
        """Remember."""
        session_state["city"] = city
        return f"{city} for {agent}"

    state: dict[str, Any] = {}
    made = Function.of(remember)
    assert made.wants == {"session_state", "agent"}
    assert use(made, {"session_state": state, "agent": "A"}, city="Oslo") == "Oslo for A"
    assert state == {"city": "Oslo"}


def test_an_async_function_gives_an_awaitable() -> None:
    async def later(city: str) -> str:
        """Later."""
        await asyncio.sleep(0)
        return city

    assert use(Function.of(later), city="Oslo") == "Oslo"


@dataclass
class Progress:
    """An event of the author's own."""

    done: int
    event: str = "Progress"


def test_what_a_generator_gives_is_one_text() -> None:
    def pieces() -> Iterator[Any]:
        """Pieces."""
        yield "a"
        yield {"b": 1}

    assert use(Function.of(pieces)) == 'a{"b": 1}'


async def _pieces() -> AsyncIterator[Any]:
    yield Progress(done=1)
    yield "a"
    yield Progress(done=2)
    yield "b"


def test_a_generators_own_events_are_passed_on() -> None:
    result = use(Function.of(_pieces))
    assert isinstance(result, Yielded)
    assert result.events == [Progress(done=1), Progress(done=2)]
    assert result.result().content == "ab"


def test_what_fails_goes_on_to_the_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        use(Function.of(_fails))


# Hooks.


def test_hooks_see_the_use_before_and_after() -> None:
    seen: list[Any] = []
    made = get_weather.changed(
        pre_hook=lambda fc: seen.append((fc.function.name, fc.arguments, fc.result)),
        post_hook=lambda fc, session_state: seen.append((fc.result, session_state)),
    )
    assert made.wants == {"session_state"}
    use(made, {"session_state": {"a": 1}}, city="Oslo")
    assert seen == [("get_weather", {"city": "Oslo"}, None), ("sunny in Oslo", {"a": 1})]


def test_hooks_may_change_arguments_and_result() -> None:
    def shout(fc: FunctionCall) -> None:
        fc.result = fc.result.upper()

    made = get_weather.changed(pre_hook=lambda fc: fc.arguments.update(city="Rome"), post_hook=shout)
    assert use(made, city="Oslo") == "SUNNY IN ROME"


def _named(mark: str) -> Callable[..., Any]:
    def hook(function_name: str, function_call: Callable[..., Any], arguments: dict[str, Any]) -> Any:
        return f"{mark}({function_call(**arguments)})" if function_name else None

    return hook


async def _ahook(function_name: str, function_call: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    result = function_call(**arguments)
    return f"async({await result if inspect.isawaitable(result) else result})"


async def _aweather(city: str) -> str:
    return f"sunny in {city}"


def test_tool_hooks_stand_around_the_use_the_first_outermost() -> None:
    made = get_weather.changed(tool_hooks=[_named("a"), _named("b")])
    assert use(made, city="Oslo") == "a(b(sunny in Oslo))"


@pytest.mark.parametrize("function", [get_weather, Function.of(_aweather)])
def test_async_hooks_go_around_any_function(function: Function) -> None:
    made = function.changed(tool_hooks=[_ahook, _ahook])
    assert use(made, city="Oslo") == "async(async(sunny in Oslo))"


def test_a_hook_that_hands_on_goes_around_an_async_function() -> None:
    def passing(function_call: Callable[..., Any], arguments: dict[str, Any]) -> Any:
        assert inspect.iscoroutinefunction(function_call)
        return function_call(**arguments)

    made = Function.of(_aweather, tool_hooks=[passing], post_hook=_apost)
    assert use(made, city="Oslo") == "sunny in Oslo!"


async def _apost(fc: FunctionCall) -> None:
    fc.result += "!"


def test_a_hook_may_leave_the_function_out() -> None:
    made = get_weather.changed(tool_hooks=[lambda function_name: f"no {function_name}"])
    assert use(made, city="Oslo") == "no get_weather"


def test_an_async_function_that_fails_has_its_error_noted() -> None:
    async def failing() -> None:
        """Failing."""
        raise ValueError("broken")

    calls: list[FunctionCall] = []

    def noted(fc: FunctionCall) -> None:
        calls.append(fc)

    with pytest.raises(ValueError, match="broken"):
        use(Function.of(failing, pre_hook=noted))
    assert calls[0].error == "broken"


# Cached results.


def counting(**settings: Any) -> tuple[Function, list[Any]]:
    seen: list[Any] = []

    def count(x: int) -> dict[str, int]:
        """Count."""
        seen.append(x)
        return {"x": x, "of": len(seen)}

    return Function.of(count, **settings), seen


def test_nothing_is_cached_unless_asked() -> None:
    made, _ = counting()
    assert [use(made, x=1)["of"], use(made, x=1)["of"]] == [1, 2]


def test_results_are_cached_by_arguments() -> None:
    made, seen = counting(cache_results=True)
    assert use(made, x=1) == use(made, x=1) == {"x": 1, "of": 1}
    use(made, x=2)
    assert seen == [1, 2]


def test_results_are_kept_in_a_folder_for_other_processes(tmp_path: Path) -> None:
    first, _ = counting(cache_results=True, cache_dir=str(tmp_path / "kept"))
    second, seen = counting(cache_results=True, cache_dir=str(tmp_path / "kept"))
    assert use(first, x=1) == use(second, x=1)
    assert seen == []


def test_a_stale_result_is_made_anew(tmp_path: Path) -> None:
    for settings in ({}, {"cache_dir": tmp_path}):
        made, seen = counting(cache_results=True, cache_ttl=0, **settings)
        use(made, x=1)
        use(made, x=1)
        assert len(seen) == 2


def test_a_broken_file_is_as_good_as_none(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    made, seen = counting(cache_results=True, cache_dir=tmp_path)
    use(made, x=1)
    next(tmp_path.iterdir()).write_text("nonsense")
    use(made, x=1)
    assert len(seen) == 2
    assert "cannot be read" in caplog.text


def test_what_is_no_data_is_not_cached() -> None:
    made = Function.of(_thing, cache_results=True)
    assert made.call({}, {}) is not made.call({}, {})


def test_hooks_go_around_cached_results_too() -> None:
    seen: list[Any] = []
    made, _ = counting(cache_results=True, post_hook=lambda fc: seen.append(fc.result))
    use(made, x=1)
    use(made, x=1)
    assert len(seen) == 2


def _thing() -> object:
    """Something that cannot be kept."""
    return object()


def _noop(x: int = 0) -> None:
    """Do nothing."""


def _fails() -> float:
    """Fail."""
    return 1 / 0
