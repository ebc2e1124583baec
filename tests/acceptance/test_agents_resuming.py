"""How an agent's run goes on: from elsewhere, without a body, after failures, as a new run (spec 4.3; 5.7: A6, A12-A14,
A22)."""

import asyncio
from typing import Any, cast

import pytest

from tests.acceptance.acting import Way, awaited
from tests.acceptance.talking import Desk, ran, waiting, wants, went_on
from tests.acceptance.test_persistence import change
from workflows.agents import Agent, RunNotContinuableError, RunNotFoundError, RunOutput, tool
from workflows.agents.errors import ProviderRefused
from workflows.agents.models import ScriptedModel
from workflows.db import SqliteDb
from workflows.engine.conversation import Request
from workflows.run import RunStatus, WorkflowRunOutput


def roles(run: Any) -> list[str]:
    """Who said what, in order."""
    return [message["role"] for message in run.messages]


def test_a6_after_continuing_there_is_one_run_and_no_message_twice(
    handle: SqliteDb, desk: Desk, way: Way
) -> None:
    gate = desk.tool(requires_confirmation=True)
    agent = desk.agent(wants(amount=1), wants(amount=2), "paid", tools=[gate], db=handle)
    run = ran(way, agent)
    for _ in range(2):
        waiting(run).confirm()
        run = went_on(way, agent, run)
    session = agent.get_session()
    assert session is not None
    (kept,) = session.runs
    assert roles(kept) == roles(run) == ["user", "assistant", "tool", "assistant", "tool", "assistant"]
    assert [message.role for message in desk.heard] == ["user", "assistant", "tool", "assistant", "tool"]


def test_a12_history_is_kept_for_another_object(handle: SqliteDb, desk: Desk, way: Way) -> None:
    def made() -> Agent:
        gate = desk.tool(requires_confirmation=True)
        return desk.agent(
            wants(), "paid", tools=[gate], db=handle, add_history_to_context=True, session_id="s"
        )

    run = ran(way, made(), "first")
    waiting(run).confirm()
    went_on(way, made(), run)
    second = ran(way, made(), "second")
    said = [(message.role, message.content) for message in desk.heard]
    assert said == [("user", "first"), ("assistant", "paid"), ("user", "second")]
    waiting(second).confirm()
    went_on(way, made(), second)
    said = [(message.role, message.content) for message in desk.heard]
    assert said[:4] == [
        ("user", "first"),
        ("assistant", "paid"),
        ("user", "second"),
        ("assistant", ""),
    ]


def test_a12_only_so_many_runs_are_told(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent("yes", db=handle, add_history_to_context=True, num_history_runs=1)
    for text in ("one", "two", "three"):
        agent.run(text)
    assert [message.content for message in desk.heard] == ["two", "yes", "three"]


def test_a12_other_sessions_are_not_told(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent("yes", db=handle, add_history_to_context=True)
    agent.run("one", session_id="a")
    agent.run("two", session_id="b")
    assert [message.content for message in desk.heard] == ["two"]


def failing(times: int) -> ScriptedModel:
    """A model that fails so many times."""
    asked: list[Request] = []

    def reply(request: Request) -> str:
        asked.append(request)
        if len(asked) <= times:
            raise ProviderRefused("no credit")
        return "at last"

    return ScriptedModel(reply)


def test_a13_a_failed_run_goes_on_with_an_empty_body(handle: SqliteDb, way: Way) -> None:
    agent = Agent(failing(1), name="Clerk", db=handle)
    run = ran(way, agent)
    assert (run.status, run.content) == (RunStatus.error, "no credit")
    done = went_on(way, agent, None, run_id=run.run_id, session_id=run.session_id)  # type: ignore[arg-type]
    assert (done.status, done.content, done.run_id) == (RunStatus.completed, "at last", run.run_id)


def test_a13_a_failure_that_stays_is_an_error_again(handle: SqliteDb) -> None:
    agent = Agent(failing(2), name="Clerk", db=handle)
    run = agent.continue_run(agent.run("x"))
    assert run.status is RunStatus.error
    assert agent.continue_run(run).content == "at last"


def test_a13_an_interrupted_run_goes_on_with_an_empty_body(handle: SqliteDb, desk: Desk) -> None:
    class Died(BaseException):
        """The process is gone."""

    def reply(request: Request) -> str:
        if not desk.used:
            desk.used.append("asked")
            raise Died
        return "at last"

    agent = Agent(ScriptedModel(reply), name="Clerk", db=handle, session_id="s")
    with pytest.raises(Died):
        agent.run("x")
    other = Agent(ScriptedModel(reply), name="Clerk", db=handle)
    run = other.get_last_run_output("s")
    assert run is not None
    assert run.status is RunStatus.running
    change(handle, cast(WorkflowRunOutput, run), wake_at="2000-01-01T00:00Z")  # its lease is over
    assert other.continue_run(run_id=run.run_id, session_id="s").content == "at last"


def test_a13_a_complete_run_is_followed_by_a_new_one(handle: SqliteDb, desk: Desk, way: Way) -> None:
    agent = desk.agent("hello", db=handle)
    run = ran(way, agent, "hi")
    follower = went_on(way, agent, run, input="and then?")
    assert follower.run_id != run.run_id
    assert follower.session_id == run.session_id
    assert [message.content for message in desk.heard] == ["hi", "hello", "and then?"]
    assert agent.get_run_output(run.run_id or "").messages == run.messages  # type: ignore[union-attr]


def test_a13_who_follows_a_follower_knows_everything(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent("hello", db=handle)
    run = agent.run("one", metadata={"from": "here"}, user_id="u1")
    for text in ("two", "three"):
        run = agent.continue_run(run, input=text)
    assert [message.content for message in desk.heard] == ["one", "hello", "two", "hello", "three"]
    assert (run.metadata, run.user_id) == ({"from": "here"}, "u1")


def test_a13_a_run_of_another_session_than_the_last(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent(wants(), "paid", tools=[desk.tool(requires_confirmation=True)], db=handle)
    run = agent.run("x", session_id="first")
    agent.run("x", session_id="second")
    waiting(run).confirm()
    assert agent.continue_run(run_id=run.run_id, requirements=run.requirements).content == "paid"


def test_a13_a_tool_that_was_cut_off_is_used_again_only_by_request(handle: SqliteDb, desk: Desk) -> None:
    class Died(BaseException):
        """The process is gone."""

    @tool
    def pay() -> str:
        """Pay."""
        desk.used.append("pay")
        if len(desk.used) == 1:
            raise Died
        return "paid"

    agent = desk.agent(wants("pay"), "done", tools=[pay], db=handle, session_id="s")
    with pytest.raises(Died):
        agent.run("x")
    run = agent.get_last_run_output("s")
    assert run is not None
    change(handle, cast(WorkflowRunOutput, run), wake_at="2000-01-01T00:00Z")  # its lease is over
    run = agent.continue_run(run_id=run.run_id, session_id="s")
    assert (run.status, desk.used) == (RunStatus.error, ["pay"])
    assert "died" in run.content
    assert agent.continue_run(run).content == "done"
    assert desk.used == ["pay", "pay"]


def test_what_there_is_not_is_refused(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent("hello", db=handle)
    run = agent.run("hi")
    with pytest.raises(ValueError, match="goes on from its end, not from 2"):
        agent.continue_run(run, continue_from=2)
    with pytest.raises(ValueError, match="replace_original is not supported"):
        agent.continue_run(run, regenerate=True, replace_original=True)


def test_a13_a_fork_leaves_a_paused_run_as_it_is(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent(wants(), "paid", tools=[desk.tool(requires_confirmation=True)], db=handle)
    run = agent.run("buy it")
    fork = agent.continue_run(run_id=run.run_id, session_id=run.session_id, fork=True, input="forget it")
    assert fork.run_id != run.run_id
    kept = agent.get_run_output(run.run_id)
    assert kept is not None
    assert kept.is_paused


def test_a13_a_run_can_be_done_again_with_more_instructions(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent("hello", db=handle)
    run = agent.run("hi")
    again = agent.continue_run(
        run_id=run.run_id, session_id=run.session_id, regenerate=True, additional_instructions="Be short."
    )
    assert again.run_id != run.run_id
    assert [message.content for message in desk.heard] == ["Be short.", "hi"]


def test_a13_a_cancelled_run_cannot_go_on(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent(wants(), "paid", tools=[desk.tool(requires_confirmation=True)], db=handle)
    run = agent.run("buy it")
    assert agent.cancel_run(run.run_id)
    assert not agent.cancel_run(run.run_id)
    message = f"Cannot continue run {run.run_id}: run is cancelled"
    with pytest.raises(RunNotContinuableError, match=message) as refused:
        agent.continue_run(run_id=run.run_id, session_id=run.session_id)
    assert isinstance(refused.value, ValueError)


def test_a13_there_is_no_such_run(handle: SqliteDb, desk: Desk) -> None:
    with pytest.raises(RunNotFoundError, match="No runs found for run ID nowhere") as missing:
        desk.agent("hello", db=handle).continue_run(run_id="nowhere", session_id="s")
    assert isinstance(missing.value, RuntimeError)


def test_a13_a_run_must_be_named(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent("hello", db=handle)
    with pytest.raises(ValueError, match=r"Either run_response or run_id must be provided\."):
        agent.continue_run()
    with pytest.raises(ValueError, match=r"Session ID is required to continue a run from a run_id\."):
        agent.continue_run(run_id="x")


def test_a14_without_an_answer_nothing_goes_on(handle: SqliteDb, desk: Desk, way: Way) -> None:
    agent = desk.agent(wants(), "paid", tools=[desk.tool(requires_confirmation=True)], db=handle)
    run = ran(way, agent)
    message = (
        r"Run has unresolved HITL requirements\. Provide the `requirements` parameter "
        r"\(or resolve an admin approval first\)\."
    )
    with pytest.raises(ValueError, match=message):
        went_on(way, agent, None, run_id=run.run_id, session_id=run.session_id)  # type: ignore[arg-type]
    waiting(run).confirm()
    assert went_on(way, agent, run).content == "paid"


def test_a22_what_the_run_was_given_is_there_after_continuing(handle: SqliteDb, desk: Desk, way: Way) -> None:
    seen: list[Any] = []

    @tool(requires_confirmation=True)
    def look(run_context: Any, session_state: dict[str, Any]) -> str:
        """Look around."""
        seen.append(
            (run_context.dependencies, run_context.metadata, run_context.user_id, dict(session_state))
        )
        session_state["looked"] = session_state.get("looked", 0) + 1
        return "seen"

    def made() -> Agent:
        return desk.agent(
            wants("look"),
            "done",
            tools=[look],
            db=handle,
            instructions="Help {who}, who is {mood}.",
            session_state={"mood": "glad"},
        )

    given = {
        "dependencies": {"who": "ann"},
        "metadata": {"from": "here"},
        "images": ["a.png"],
        "user_id": "u1",
    }
    run = ran(way, made(), "x", **given)
    waiting(run).confirm()
    done = went_on(way, made(), run)
    assert seen == [({"who": "ann"}, {"from": "here"}, "u1", {"mood": "glad"})]
    assert desk.heard[0].content == "Help ann, who is glad."
    assert desk.heard[1].media == {"images": ["a.png"]}
    assert done.session_state == {"mood": "glad", "looked": 1}
    assert (done.metadata, done.user_id) == ({"from": "here"}, "u1")


def test_a22_more_can_be_given_with_the_answers(handle: SqliteDb, desk: Desk, way: Way) -> None:
    seen: list[Any] = []

    @tool(requires_confirmation=True)
    def look(run_context: Any) -> str:
        """Look around."""
        seen.append((run_context.dependencies, run_context.metadata))
        return "seen"

    agent = desk.agent(wants("look"), "done", tools=[look], db=handle)
    run = ran(way, agent, "x", dependencies={"who": "ann"})
    waiting(run).confirm()
    went_on(way, agent, run, dependencies={"what": "cats"}, metadata={"from": "there"})
    assert seen == [({"who": "ann", "what": "cats"}, {"from": "there"})]


def test_state_is_kept_from_run_to_run(handle: SqliteDb, desk: Desk, way: Way) -> None:
    @tool
    def count(session_state: dict[str, Any]) -> str:
        """Count one up."""
        session_state["n"] = session_state.get("n", 0) + 1
        return str(session_state["n"])

    agent = desk.agent([wants("count"), wants("count")], "done", tools=[count], db=handle, session_id="s")
    ran(way, agent)
    ran(way, agent)
    assert [message.content for message in desk.heard[-2:]] == ["3", "4"]
    assert agent.get_session_state() == {"n": 4}


def test_without_a_database_the_run_itself_is_passed_on(desk: Desk, way: Way) -> None:
    def made() -> Agent:
        return desk.agent(wants(), "paid", tools=[desk.tool(requires_confirmation=True)])

    run = ran(way, made())
    waiting(run).confirm()
    other = made()
    done = asyncio.run(awaited(other.acontinue_run(run))) if way.awaited else other.continue_run(run)
    assert (done.content, desk.used) == ("paid", ["pay 5 shop"])


def test_the_run_that_was_passed_on_is_brought_up_to_date(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent(wants(), "paid", tools=[desk.tool(requires_confirmation=True)], db=handle)
    run = agent.run("buy it")
    waiting(run).confirm()
    agent.continue_run(run)
    assert (run.status, run.content, run.active_requirements) == (RunStatus.completed, "paid", [])


def test_the_run_comes_last_in_a_stream_that_is_asked_for_it(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent(wants(), "paid", tools=[desk.tool(requires_confirmation=True)], db=handle)
    *_, run = agent.run("buy it", stream=True, yield_run_output=True)
    assert isinstance(run, RunOutput)
    waiting(run).confirm()
    *events, done = agent.continue_run(run, stream=True, yield_run_output=True)
    assert (done.content, isinstance(events[-1], RunOutput)) == ("paid", False)


def test_an_entry_of_a_runs_history_can_be_answered_again_in_vain(handle: SqliteDb, desk: Desk) -> None:
    gate = desk.tool(requires_confirmation=True)
    agent = desk.agent(wants(amount=1), wants(amount=2), "paid", tools=[gate], db=handle)
    run = agent.run("buy it")
    for _ in range(2):
        for requirement in run.requirements:
            requirement.confirm()
        run = agent.continue_run(run)
    assert (run.content, desk.used) == ("paid", ["pay 1 shop", "pay 2 shop"])


def test_a_run_travels_as_data(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent(wants(), "paid", tools=[desk.tool(requires_confirmation=True)], db=handle)
    data = agent.run("buy it").to_dict()
    run = RunOutput.from_dict(data)
    assert run.status is RunStatus.paused
    waiting(run).confirm()
    assert agent.continue_run(run_response=run).content == "paid"
