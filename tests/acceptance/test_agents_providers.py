"""The same with a provider's real protocol, on loopback."""

from tests.acceptance.acting import Way
from tests.acceptance.talking import Desk, inner, ran, went_on
from tests.providers.fixture import provider
from tests.providers.replies import Say, Status
from tests.providers.replies import call as wire_call
from tests.providers.server import Provider
from workflows import Step, Workflow
from workflows.agents import Agent
from workflows.agents.models import OpenAIChat
from workflows.db import SqliteDb
from workflows.run import RunStatus

__all__ = ["provider"]


def chat(provider: Provider) -> OpenAIChat:
    """A model at the provider on loopback."""
    return OpenAIChat(id="stub", api_key="secret", base_url=provider.openai)


def test_a1_with_the_real_protocol(handle: SqliteDb, desk: Desk, provider: Provider, way: Way) -> None:
    provider.will(Say(calls=[wire_call("pay", amount=3), wire_call("pay", amount=4)]), Say("it is paid"))

    def made() -> Agent:
        return Agent(chat(provider), name="Clerk", tools=[desk.tool(requires_confirmation=True)], db=handle)

    run = ran(way, made())
    first, second = run.active_requirements
    first.confirm()
    second.reject("enough")
    done = went_on(way, made(), run)
    assert (done.content, desk.used) == ("it is paid", ["pay 3 shop"])
    said = provider.requests[-1].body["messages"]
    assert [message["content"] for message in said if message["role"] == "tool"] == [
        "pay did 3",
        '{"error":"enough"}',
    ]


def test_e1_with_the_real_protocol_streamed(handle: SqliteDb, desk: Desk, provider: Provider) -> None:
    provider.will(Say(calls=[wire_call("pay", amount=3)]), Say("it is paid"))
    agent = Agent(chat(provider), name="Clerk", tools=[desk.tool(requires_confirmation=True)])
    workflow = Workflow(name="w", db=handle, steps=[Step("ask", agent=agent)])
    list(workflow.run("x", stream=True))
    run = workflow.get_session().runs[-1]  # type: ignore[union-attr]
    inner(run).confirm()
    events = list(workflow.continue_run(run, stream=True))
    assert [e.content for e in events if e.event == "RunContent"] == ["it ", "is ", "paid"]


def test_a_provider_that_refuses_is_an_error_that_one_can_go_on_from(
    handle: SqliteDb, desk: Desk, provider: Provider
) -> None:
    provider.will(Status(401, "wrong key"), Say("hello"))
    agent = Agent(chat(provider), name="Clerk", db=handle)
    run = agent.run("x")
    assert run.status is RunStatus.error
    assert "wrong key" in run.content
    assert agent.continue_run(run).content == "hello"
