"""The code of the pages about agents runs as it stands, but for imports, against a provider on loopback."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.docs.pages import FOLDER, perform, sample, samples
from tests.docs.samples import module
from tests.docs.scripts import a_flow, hands_on, says
from tests.providers import Provider, Say, call
from tests.providers.fixture import provider
from workflows import Step, Workflow
from workflows.agents import Agent, Function, RunOutput, tool
from workflows.agents.models import OpenAIChat
from workflows.db import SqliteDb
from workflows.run import WorkflowRunOutput

__all__ = ["provider"]

pytestmark = [
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the pages are not beside this checkout"),
    pytest.mark.usefixtures("folder"),
]

Script = dict[str, Any]
WEATHER = "It is 70 degrees and cloudy in Tokyo"


@pytest.fixture
def script(folder: Path, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    """Give the namespace of a script that runs samples; it finds the provider as it would find OpenAI.

    It asks for the folder itself: what a test of its own uses is made before what all tests here use.
    """
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    monkeypatch.setenv("OPENAI_BASE_URL", provider.openai)
    with module("script") as namespace:
        yield namespace


def wants(name: str, **args: Any) -> Say:
    """The model wants a tool."""
    return Say("", calls=[call(name, **args)])


def an_agent(*tools: Any, name: str = "WeatherAgent", **given: Any) -> Agent:
    """An agent as the pages make them."""
    return Agent(name=name, model=OpenAIChat(id="gpt-5.4"), tools=list(tools), **given)


def told(provider: Provider) -> Any:
    """What the model was told last."""
    return provider.requests[-1].body["messages"][-1]["content"]


def test_every_sample_about_agents_is_found() -> None:
    assert [len(samples(number)) for number in ("001", "002")] == [10, 5]


# Page 001


def test_001_its_first_workflow_asks_uses_the_tool_and_ends(
    script: Script, provider: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    provider.will(wants("get_the_weather", city="Tokyo"), Say("Cloudy, 70 degrees."))
    perform(sample("001", ""), script)
    assert capsys.readouterr().out == "Cloudy, 70 degrees.\n"
    assert provider.requests[0].body["messages"][-1]["content"] == "What is the weather in Tokyo?"
    assert told(provider) == WEATHER


@pytest.fixture
def step_of(script: Script, provider: Provider) -> Callable[..., Workflow]:
    """Give what makes a workflow around an agent with a tool of the page, which its model wants once."""

    def made(name: str, **args: Any) -> Workflow:
        perform(sample("001", "Tool Decorators"), script)
        provider.will(wants(name, **args), Say("That is done."))
        return a_flow(Step("ask", agent=an_agent(script[name])))

    return made


def answered(script: Script, workflow: Workflow, heading: str) -> WorkflowRunOutput:
    """The run after the sample under a heading has answered its pause."""
    script |= {"workflow": workflow, "response": workflow.run("do it")}
    assert script["response"].is_paused
    perform(sample("001", heading), script)
    run: WorkflowRunOutput = script["response"]
    assert (run.status, run.content) == ("COMPLETED", "That is done.")
    return run


@pytest.mark.parametrize(("yes", "expected"), [(True, "null"), (False, '{"error":"User declined"}')])
def test_001_a_confirmation(
    script: Script, provider: Provider, step_of: Callable[..., Workflow], yes: bool, expected: str
) -> None:
    script["user_approves"] = lambda: yes
    answered(script, step_of("delete_user", user_id="u-1"), "Confirmation")
    assert told(provider) == expected


def test_001_what_people_fill_in_overwrites_what_the_model_said(
    script: Script, provider: Provider, step_of: Callable[..., Workflow]
) -> None:
    workflow = step_of("send_money", amount=5, note="lunch")
    used: list[Any] = []
    script["send_money"].pre_hook = lambda fc: used.append(fc.arguments)
    script["prompt"] = {"amount": 7, "recipient": "bob", "note": "dinner"}.__getitem__
    answered(script, workflow, "User Input")
    shown = provider.requests[0].body["tools"][0]["function"]["parameters"]["properties"]
    assert shown.keys() == {"amount", "note"}
    assert used == [{"amount": 7, "recipient": "bob", "note": "dinner"}]


def test_001_a_tool_that_is_executed_elsewhere(
    script: Script, provider: Provider, step_of: Callable[..., Workflow]
) -> None:
    script["my_dispatcher"] = lambda name, args: f"{name} ran {args['sql']}"
    answered(script, step_of("run_query", sql="select 1"), "External Execution")
    assert told(provider) == "run_query ran select 1"


def test_001_a_pause_is_visible_at_three_levels(script: Script, provider: Provider) -> None:
    provider.will(wants("get_the_weather", city="Tokyo"))
    agent = an_agent(tool(requires_confirmation=True)(weather))
    run = a_flow(Step("get_weather", agent=agent)).run("Tokyo?")
    script |= {"run_output": run, "step_req": run.step_requirements[0]}
    script["executor_req"] = run.step_requirements[0].executor_requirements[0]
    whole, step, executor = (perform(found, script) for found in samples("001")[2:5])
    assert whole == [True, "executor", "get_weather", run.step_requirements]
    assert step == [True, agent.id, "WeatherAgent", "agent", [script["executor_req"]]]
    assert executor == ["get_the_weather", {"city": "Tokyo"}, True, False, False, None]


def weather(city: str) -> str:
    """What the page's first tool says."""
    return f"It is 70 degrees and cloudy in {city}"


weather.__name__ = "get_the_weather"


def test_001_a_stream_pauses_and_goes_on(
    script: Script, provider: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    provider.will(wants("get_the_weather", city="Tokyo"), Say("Cloudy."))
    script["workflow"] = a_flow(
        Step("get_weather", agent=an_agent(tool(requires_confirmation=True)(weather)))
    )
    perform(sample("001", "Streaming"), script)
    printed = capsys.readouterr().out
    assert printed.startswith("Paused: WeatherAgent (agent)\n")
    assert "Cloudy." in printed
    assert script["workflow"].get_session().runs[-1].content == "Cloudy."


def test_001_an_agent_in_a_condition_pauses_and_what_follows_runs(script: Script, provider: Provider) -> None:
    provider.will(wants("get_the_weather", city="Tokyo"), Say("Cloudy."))
    script |= {"db": SqliteDb("workflow.db"), "quick_summary": says("short"), "generate_report": hands_on}
    script |= {"gather_data": says("Where is it?"), "user_approves": lambda: True}
    script["analysis_agent"] = an_agent(tool(requires_confirmation=True)(weather))
    perform(sample("001", "Composite Steps"), script)
    script["response"] = script["workflow"].run("numbers")
    asked = script["response"].step_requirements[0]
    assert (asked.step_name, asked.requires_executor_input) == ("detailed_analysis", True)
    perform(sample("001", "Confirmation"), script)
    assert script["response"].content == "report on: Cloudy."


# Page 002


@pytest.fixture
def used() -> list[str]:
    """Give what the sensitive operation was used for."""
    return []


@pytest.fixture
def sensitive(script: Script, used: list[str]) -> Function:
    """Give a tool that asks first, and an agent with it that is named `agent` in the script."""

    @tool(requires_confirmation=True)
    def erase(what: str) -> str:
        used.append(what)
        return f"{what} is erased"

    script["agent"] = an_agent(erase, name="Eraser", db=SqliteDb("workflow.db"))
    script["handle"] = lambda requirement: requirement.confirm()
    return erase


@pytest.mark.usefixtures("sensitive")
@pytest.mark.parametrize(("answer", "expected"), [("Y", ["the log"]), ("n", [])])
def test_002_a_person_is_asked_and_the_run_object_is_continued(
    script: Script, provider: Provider, used: list[str], answer: str, expected: list[str]
) -> None:
    provider.will(wants("erase", what="the log"), Say("That is done."))
    prompts: list[str] = []

    def asked(prompt: str) -> str:
        prompts.append(prompt)
        return answer

    script["input"] = asked
    perform(sample("002", "HITL Requirements"), script)
    assert prompts == ["Do you approve the tool call to erase with args {'what': 'the log'}? (y/n): "]
    perform(samples("002")[3], script)
    assert isinstance(script["response"], RunOutput)
    assert (script["response"].content, used) == ("That is done.", expected)
    assert ("rejected by the user" in told(provider)) is (not expected)


@pytest.mark.usefixtures("sensitive")
def test_002_a_run_is_continued_by_its_id(
    script: Script, provider: Provider, used: list[str], folder: Path
) -> None:
    provider.will(wants("erase", what="the log"), Say("That is done."))
    perform(sample("002", "Resuming Execution"), script)
    assert (script["response"].status, script["response"].content) == ("COMPLETED", "That is done.")
    assert (used, script["agent"].db.url) == (["the log"], f"sqlite:///{folder / 'workflow.db'}")


@pytest.mark.usefixtures("sensitive")
def test_002_a_stream_is_continued_as_a_stream(script: Script, provider: Provider, used: list[str]) -> None:
    provider.will(wants("erase", what="the log"), Say("That is done."))
    perform(sample("002", "Streaming HITL Flows"), script)
    assert "".join(event.content or "" for event in script["response"] if event.event == "RunContent") == (
        "That is done."
    )
    assert used == ["the log"]


@pytest.mark.parametrize(
    ("flags", "needs"),
    [
        ({"requires_confirmation": True}, "needs_confirmation"),
        ({"requires_user_input": True}, "needs_user_input"),
        ({"external_execution": True}, "is_external_tool_execution"),
    ],
)
def test_002_what_is_needed_can_be_looked_at(
    script: Script, provider: Provider, flags: dict[str, bool], needs: str
) -> None:
    provider.will(wants("get_the_weather", city="Tokyo"))
    run = an_agent(tool(**flags)(weather)).run("Tokyo?")
    script["run_response"] = SimpleNamespace(active_requirements=run.active_requirements)
    perform(samples("002")[1], script)
    names = ("needs_confirmation", "needs_user_input", "is_external_tool_execution")
    assert [name for name in names if getattr(run.active_requirements[0], name)] == [needs]
