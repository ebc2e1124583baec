"""What an agent in a step does: its turns, the calls of a reply, what people say to them, what it costs to fail."""

from typing import Any

import pytest

from tests.acceptance.talking import Desk, hands, wants
from tests.workflows.engine.runs import Run
from workflows import Condition, HumanReview, Step
from workflows.agents import Agent, tool
from workflows.agents.models import ScriptedModel
from workflows.engine.conversation import Reply, Request, ToolCall
from workflows.engine.drivers import perform
from workflows.engine.machine import MOST_INTERRUPTIONS
from workflows.engine.needs import Call
from workflows.types import Action, Answer, InputErrors, RequirementKind, StepOutput

NO = "Function call was rejected by the user"


@pytest.fixture
def desk() -> Desk:
    """Give what makes agents, and notes what they do."""
    return Desk()


@pytest.fixture(params=[False, True], ids=["same process", "another process"])
def elsewhere(request: pytest.FixtureRequest) -> bool:
    """Give whether another process goes on after each pause."""
    return bool(request.param)


def asking(desk: Desk, *replies: Any, tools: Any = (), **step: Any) -> Run:
    """A run of one step whose agent's model says these."""
    given = {name: step.pop(name) for name in ("max_turns", "instructions") if name in step}
    return Run(Step("ask", agent=desk.agent(*replies, tools=tools, **given), max_retries=0, **step))


def playing(desk: Desk, *lines: Any, **given: Any) -> Agent:
    """An agent whose model says one line after the other, the last one for ever; it raises what is an exception."""
    rest = list(lines)

    def line(request: Request) -> Any:
        desk.told.append(request)
        said = rest.pop(0) if len(rest) > 1 else rest[0]
        if isinstance(said, Exception):
            raise said
        return said

    return Agent(ScriptedModel(line), name="Clerk", **given)


def say(run: Run, place: str, action: str, **said: Any) -> Run:
    """Answer the open question at a place, and drive on."""
    (ask,) = [ask for ask in run.machine.asks if ask.path == place]
    answer = Answer(action=Action(action), **said)
    ask.check(answer)
    run.machine.answer(ask, answer)
    return run.drive()


def dies(run: Run) -> Run:
    """The process performs what is ready, and dies before any of it is saved."""
    calls: list[Call] = run.machine.ready()
    run.store.save(run.machine)
    for call in calls:
        perform(call)
    return run.reload().drive()


def results(desk: Desk) -> list[tuple[str, bool]]:
    """What the model was told of its calls when it was asked last."""
    return [(message.content, message.failed) for message in desk.heard if message.role == "tool"]


class TestTurns:
    def test_what_it_says_at_last_is_the_output(self, desk: Desk) -> None:
        run = asking(desk, wants(amount=1), wants(amount=2), "paid both", tools=[desk.tool()])
        output = run.machine.output
        assert output is not None
        assert (output.content, output.executor_type, output.executor_name) == ("paid both", "agent", "Clerk")
        assert (output.step_name, output.success, desk.used) == ("ask", True, ["pay 1 shop", "pay 2 shop"])

    def test_the_model_knows_everything_that_was_said(self, desk: Desk, elsewhere: bool) -> None:
        pay = desk.tool(requires_confirmation=True)
        run = asking(desk, [wants(amount=1)], "paid", tools=[pay], instructions="Pay bills.")
        (run.reload() if elsewhere else run).answer("approve")
        roles = [message.role for message in desk.heard]
        assert roles == ["system", "user", "assistant", "tool"]
        assert desk.heard[2].reply == Reply(
            calls=(ToolCall(id="scripted-0-0", name="pay", args={"amount": 1}),)
        )
        assert (desk.heard[3].call, desk.heard[3].content) == (desk.heard[2].reply.calls[0], "pay did 1")

    def test_an_empty_reply_is_a_failure_that_another_try_may_cure(self, desk: Desk) -> None:
        agent = playing(desk, Reply(), "then something")
        assert Run(Step("ask", agent=agent, max_retries=1)).content == "then something"

    def test_a_model_that_says_nothing_fails_its_step(self, desk: Desk) -> None:
        run = asking(desk, Reply(), on_error="pause")
        assert run.ask.error == {
            "type": "EmptyReply",
            "message": "The model said nothing and asked for no tool.",
        }

    @pytest.mark.parametrize(
        ("on_error", "status", "content"),
        [
            ("fail", "error", "Step 'ask' failed: The script of scripted has 0 replies"),
            ("skip", "completed", "Step skipped due to error: The script of scripted has 0 replies"),
        ],
    )
    def test_on_error_says_what_a_models_failure_means(
        self, desk: Desk, on_error: str, status: str, content: str
    ) -> None:
        run = asking(desk, on_error=on_error)
        assert run.status == status
        assert str(run.content).startswith(content)

    def test_a_person_has_a_turn_tried_again_and_no_other(self, desk: Desk, elsewhere: bool) -> None:
        agent = playing(desk, wants(), RuntimeError("down"), "paid", tools=[desk.tool()])
        run = Run(Step("ask", agent=agent, max_retries=0, on_error="pause"))
        assert run.ask.error == {"type": "RuntimeError", "message": "down"}
        assert (run.reload() if elsewhere else run).answer("retry").content == "paid"
        assert desk.used == ["pay 5 shop"]

    @pytest.mark.parametrize("message", ["down", "down again"])
    def test_what_is_around_asks_about_each_turn_that_fails(
        self, desk: Desk, elsewhere: bool, message: str
    ) -> None:
        lines = RuntimeError("down"), wants(), RuntimeError(message), "paid"
        agent = playing(desk, *lines, tools=[desk.tool(requires_confirmation=True)])
        step = Step("ask", agent=agent, max_retries=0, on_error="fail")
        run = Run(Condition([step], name="around", on_error="pause"))
        assert (run.ask.error, run.ask.retry_count) == ({"type": "RuntimeError", "message": "down"}, 0)
        run = (run.reload() if elsewhere else run).answer("retry").answer("approve")

        assert (run.ask.error, run.ask.retry_count) == ({"type": "RuntimeError", "message": message}, 1)
        assert (run.reload() if elsewhere else run).answer("retry").status == "completed"
        assert desk.used == ["pay 5 shop"]

    def test_a_turn_that_a_crash_cut_off_is_repeated(self, desk: Desk) -> None:
        run = asking(desk, wants(), "paid", tools=[desk.tool(requires_confirmation=True)])
        run.machine.answer(run.ask, Answer(action=Action.approve))
        (used,) = run.machine.ready()
        run.machine.finish(used, perform(used))
        run.store.save(run.machine)
        asked = len(desk.told)
        assert dies(run).content == "paid"
        assert (len(desk.told) - asked, desk.used) == (2, ["pay 5 shop"])


class TestTurnLimit:
    def circling(self, desk: Desk, **step: Any) -> Run:
        return Run(Step("ask", agent=playing(desk, wants(), tools=[desk.tool()], max_turns=2), **step))

    def test_a_model_that_goes_in_circles_is_stopped(self, desk: Desk) -> None:
        run = self.circling(desk, on_error="skip")
        assert run.content == "Step skipped due to error: No answer after 2 turns."
        assert len(desk.used) == 2

    def test_a_person_grants_as_many_turns_again(self, desk: Desk, elsewhere: bool) -> None:
        run = self.circling(desk, on_error="pause")
        for turns in (2, 4, 6):
            assert run.ask.error == {"type": "TurnLimit", "message": f"No answer after {turns} turns."}
            assert len(desk.used) == turns
            (run.reload() if elsewhere else run).answer("retry")

    def test_a_talk_that_was_sent_back_has_all_its_turns(self, desk: Desk) -> None:
        review = HumanReview(requires_output_review=True, on_reject="retry")
        run = asking(desk, wants(), "paid", tools=[desk.tool()], max_turns=2, human_review=review)
        assert run.reload().answer("reject").ask.kind == RequirementKind.output_review
        assert len(desk.used) == 2


class TestOneReply:
    def test_nothing_is_done_while_something_of_it_is_undecided(self, desk: Desk, elsewhere: bool) -> None:
        tools = [desk.tool("look"), desk.tool("pay", requires_confirmation=True)]
        calls = [wants("look", amount=1), wants("pay", amount=2), wants("pay", amount=3)]
        run = asking(desk, calls, "done", tools=tools)
        assert [ask.path for ask in run.machine.asks] == ["ask/0.1:pay", "ask/0.2:pay"]
        say(run.reload() if elsewhere else run, "ask/0.1:pay", "approve")
        assert (run.status, desk.used) == ("paused", [])
        say(run.reload() if elsewhere else run, "ask/0.2:pay", "reject")
        assert (run.content, sorted(desk.used)) == ("done", ["look 1 shop", "pay 2 shop"])

    def test_the_model_is_told_in_the_order_in_which_it_asked(self, desk: Desk) -> None:
        tools = [desk.tool("look"), desk.tool("pay", requires_confirmation=True)]
        run = asking(desk, [wants("pay", amount=1), wants("look", amount=2)], "done", tools=tools)
        run.answer("reject", feedback="not today")
        assert results(desk) == [("not today", True), ("look did 2", False)]

    def test_a_no_that_ends_the_run_waits_for_nobody(self, desk: Desk) -> None:
        calls = [wants(amount=1), wants(amount=2)]
        run = asking(desk, calls, "done", tools=[desk.tool(requires_confirmation=True)])
        say(run, "ask/0.0:pay", "cancel")
        assert (run.status, run.content) == ("cancelled", "Workflow cancelled: Tool 'pay' was rejected")
        assert desk.used == []

    def test_tools_that_change_the_state_are_used_one_after_another(self, desk: Desk) -> None:
        @tool
        def count(session_state: dict[str, Any]) -> int:
            session_state["n"] = session_state.get("n", 0) + 1
            return int(session_state["n"])

        run = asking(desk, [wants("count"), wants("count"), wants("count")], "counted", tools=[count])
        assert results(desk) == [("1", False), ("2", False), ("3", False)]
        assert run.store.state == {"n": 3}

    def test_a_tool_that_raises_changes_nothing_and_the_model_is_told(self, desk: Desk) -> None:
        @tool
        def spoil(session_state: dict[str, Any]) -> None:
            session_state["spoilt"] = True
            raise ValueError("no such customer")

        run = asking(desk, wants("spoil"), "sorry", tools=[spoil])
        assert results(desk) == [("no such customer", True)]
        assert (run.content, run.store.state) == ("sorry", {})


class TestAnswers:
    @pytest.mark.parametrize("note", [None, "too dear"])
    def test_a_no_is_told_to_the_model(self, desk: Desk, elsewhere: bool, note: str | None) -> None:
        run = asking(desk, wants(), "then not", tools=[desk.tool(requires_confirmation=True)])
        (run.reload() if elsewhere else run).answer("reject", feedback=note)
        assert (run.content, desk.used, results(desk)) == ("then not", [], [(note or NO, True)])

    def test_the_tool_is_used_with_what_a_person_made_of_the_arguments(
        self, desk: Desk, elsewhere: bool
    ) -> None:
        pay = desk.tool(requires_confirmation=True)
        run = asking(desk, wants(amount=500, to="bob"), "paid", tools=[pay])
        (run.reload() if elsewhere else run).answer("edit", content={"amount": 50})
        assert (desk.used, results(desk)) == (["pay 50 shop"], [("pay did 50", False)])

    @pytest.mark.parametrize("content", [{"amount": "much"}, {"to": "bob"}, {"sum": 1, "amount": 1}, 5])
    def test_arguments_that_the_tool_does_not_take_are_refused(self, desk: Desk, content: Any) -> None:
        run = asking(desk, wants(), "paid", tools=[desk.tool(requires_confirmation=True)])
        with pytest.raises(InputErrors):
            run.answer("edit", content=content)
        assert run.machine.asks

    def test_what_a_person_fills_in_is_never_the_models(self, desk: Desk, elsewhere: bool) -> None:
        pay = desk.tool(requires_user_input=True, user_input_fields=["to"])
        run = asking(desk, wants(amount=7, to="mallory"), "paid", tools=[pay])
        assert [(field["name"], field["value"]) for field in (run.ask.tool or {})["fields"]] == [
            ("amount", 7),
            ("to", None),
        ]
        (run.reload() if elsewhere else run).answer("approve", values={"to": "bob"})
        assert desk.used == ["pay 7 bob"]

    @pytest.mark.parametrize(
        ("result", "told"),
        [("", ""), ("rows", "rows"), ({"rows": [1]}, '{"rows": [1]}'), (0, "0"), (False, "false")],
    )
    def test_the_result_of_a_tool_that_somebody_else_uses_is_what_they_say(
        self, desk: Desk, elsewhere: bool, result: Any, told: str
    ) -> None:
        run = asking(desk, wants(), "known", tools=[desk.tool(external_execution=True)])
        (run.reload() if elsewhere else run).answer("approve", content=result)
        assert (desk.used, results(desk)) == ([], [(told, False)])

    def test_a_question_says_who_asks_and_what_for(self, desk: Desk) -> None:
        run = asking(desk, wants(amount=5), "paid", tools=[desk.tool(requires_confirmation=True)])
        asked = run.ask.tool or {}
        assert (run.ask.kind, run.ask.step_name) == (RequirementKind.tool_confirmation, "ask")
        assert (asked["name"], asked["args"], asked["description"]) == ("pay", {"amount": 5}, "Pay somebody.")
        assert (asked["executor"]["name"], asked["executor"]["path"], asked["member"]) == (
            "Clerk",
            "ask",
            None,
        )


class TestStopping:
    def test_the_result_of_a_tool_that_stops_is_the_content(self, desk: Desk, elsewhere: bool) -> None:
        pay = desk.tool(stop_after_tool_call=True, requires_confirmation=True)
        run = asking(desk, wants(amount=9), "never said", tools=[pay])
        (run.reload() if elsewhere else run).answer("approve")
        assert (run.content, len(desk.told)) == ("pay did 9", 1)

    def test_one_that_was_refused_stops_nothing(self, desk: Desk, elsewhere: bool) -> None:
        pay = desk.tool(stop_after_tool_call=True, requires_confirmation=True)
        run = asking(desk, wants(), "then not", tools=[pay])
        (run.reload() if elsewhere else run).answer("reject", feedback="no")
        assert (run.content, desk.used) == ("then not", [])

    def test_one_that_raises_stops_with_a_failure(self, desk: Desk) -> None:
        @tool(stop_after_tool_call=True)
        def look() -> str:
            raise ValueError("nothing there")

        run = asking(desk, wants("look"), "never said", tools=[look])
        assert run.machine.output is not None
        assert (run.content, run.machine.output.success) == ("nothing there", False)


class TestBadCalls:
    @pytest.mark.parametrize(
        ("call", "told"),
        [
            (wants("steal", amount=1), "There is no tool 'steal'."),
            (wants("pay", amount="much"), "Wrong arguments: Field 'amount': "),
            (wants("pay", to="bob"), "Wrong arguments: Required field 'amount' is missing or empty"),
            (ToolCall(id="", name="pay", wrong="These are no JSON object: ["), "These are no JSON object: ["),
        ],
        ids=["unknown", "type", "missing", "unreadable"],
    )
    def test_nobody_is_asked_and_the_model_is_told(self, desk: Desk, call: ToolCall, told: str) -> None:
        run = asking(desk, call, "sorry", tools=[desk.tool(requires_confirmation=True)])
        ((text, failed),) = results(desk)
        assert (run.content, failed, desk.used) == ("sorry", True, [])
        assert text.startswith(told)

    def test_names_that_look_like_places_are_kept_apart(self, desk: Desk) -> None:
        calls = [wants("a/b:c%", x=1), wants("::", x=1), wants("again:1", x=1)]
        run = asking(desk, calls, "sorry", on_error="pause")
        assert run.content == "sorry"
        assert run.reload().status == "completed"


class TestSentBack:
    review = HumanReview(requires_output_review=True, on_reject="retry")

    def test_another_talk_begins_with_what_the_reviewer_said(self, desk: Desk, elsewhere: bool) -> None:
        run = asking(desk, wants(), "paid", tools=[desk.tool()], human_review=self.review)
        (run.reload() if elsewhere else run).answer("reject", feedback="pay once more")
        assert desk.used == ["pay 5 shop"] * 2
        first = desk.told[2].messages[0]
        assert len(desk.told[2].messages) == 1
        assert (
            first.content == "null\n\nYour previous output:\npaid\n\nThe reviewer's feedback:\npay once more"
        )
        assert (run.reload() if elsewhere else run).answer("approve").content == "paid"

    def test_a_talk_that_failed_is_held_anew(self, desk: Desk, elsewhere: bool) -> None:
        agent = playing(desk, RuntimeError("down"), "back")
        run = Run(Step("ask", agent=agent, max_retries=0, human_review=self.review))
        (run.reload() if elsewhere else run).answer("reject", feedback="try again")
        assert run.answer("approve").content == "back"


def test_a_tool_reads_a_key_that_is_its_call_s_alone(desk: Desk) -> None:
    keys: list[str] = []

    @tool(repeatable=True)
    def pay(run_context: Any, amount: int) -> str:
        """Pay."""
        keys.append(run_context.idempotency_key)
        return "paid"

    asking(desk, [wants("pay", amount=1), wants("pay", amount=2)], "done", tools=[pay])
    assert keys == ["run:ask/0.0:pay:1", "run:ask/0.1:pay:1"]


class TestInterrupted:
    def cut_off(self, desk: Desk, **flags: Any) -> Run:
        run = asking(desk, wants(), "done", tools=[desk.tool(requires_confirmation=True, **flags)])
        run.machine.answer(run.ask, Answer(action=Action.approve))
        return dies(run)

    def test_a_person_says_whether_a_tool_is_used_again(self, desk: Desk) -> None:
        run = self.cut_off(desk)
        assert (run.ask.kind, run.ask.path) == (RequirementKind.error, "ask/0.0:pay")
        assert run.ask.idempotency_key == "run:ask/0.0:pay:1"
        assert len(desk.used) == 1
        assert run.reload().answer("retry").content == "done"
        assert len(desk.used) == 2

    def test_what_is_not_used_again_is_told_to_the_model(self, desk: Desk) -> None:
        run = self.cut_off(desk).answer("skip")
        ((text, failed),) = results(desk)
        assert (run.content, failed, len(desk.used)) == ("done", True, 1)
        assert text.startswith("The process that ran this step died")

    def test_a_repeatable_tool_is_used_again_by_itself(self, desk: Desk) -> None:
        assert self.cut_off(desk, repeatable=True).content == "done"
        assert len(desk.used) == 2

    def test_a_model_that_takes_processes_down_is_asked_about(self, desk: Desk) -> None:
        run = Run(
            Step("first", lambda _: 1, requires_confirmation=True), Step("ask", agent=desk.agent("hello"))
        )
        run.machine.answer(run.ask, Answer(action=Action.approve))
        (call,) = run.machine.ready()
        run.machine.finish(call, perform(call))
        for _ in range(MOST_INTERRUPTIONS):
            run.machine.ready()
            run.store.save(run.machine)
            run.reload()
        run.drive()
        assert (run.ask.kind, run.ask.path) == (RequirementKind.error, "ask")
        assert run.answer("retry").content == "hello"

    def test_what_is_done_of_a_reply_is_not_done_again(self, desk: Desk) -> None:
        tools = [desk.tool("look"), desk.tool("pay")]
        run = Run(
            Step("first", lambda _: 1, requires_confirmation=True),
            Step(
                "ask",
                agent=desk.agent([wants("look", amount=1), wants("pay", amount=2)], "done", tools=tools),
            ),
        )
        run.machine.answer(run.ask, Answer(action=Action.approve))
        for _ in range(2):  # the first step, the model
            (call,) = run.machine.ready()
            run.machine.finish(call, perform(call))
        look, pay = run.machine.ready()
        run.machine.finish(look, perform(look))
        run.store.save(run.machine)
        perform(pay)
        run.reload().drive()
        assert run.ask.path == "ask/0.1:pay"
        run.answer("retry")
        assert desk.used == ["look 1 shop", "pay 2 shop", "pay 2 shop"]


class TestTeams:
    def test_a_question_of_a_member_of_a_member_names_both_ends(self, desk: Desk, elsewhere: bool) -> None:
        clerk = desk.agent(wants(amount=3), "paid", tools=[desk.tool(requires_confirmation=True)])
        desks = desk.team(hands("clerk"), "clerk paid", members=[clerk], name="Desks")
        office = desk.team(hands("desks"), "all paid", members=[desks])
        run = Run(Step("ask", team=office))
        asked = run.ask.tool or {}
        assert run.ask.path == "ask/0.0::Desks/0.0::Clerk/0.0:pay"
        assert (asked["executor"]["name"], asked["executor"]["type"]) == ("Office", "team")
        assert asked["member"]["name"] == "Clerk"
        (run.reload() if elsewhere else run).answer("approve")
        assert (run.content, desk.used) == ("all paid", ["pay 3 shop"])

    def test_what_other_members_have_done_is_not_done_again(self, desk: Desk, elsewhere: bool) -> None:
        tools = {name: desk.tool(name, requires_confirmation=name == "pay") for name in ("look", "pay")}
        members = [
            desk.agent(wants(name, amount=1), f"{name} done", tools=[made], name=name.title())
            for name, made in tools.items()
        ]
        everybody = ToolCall(id="", name="delegate_task_to_members", args={"task": "go"})
        run = Run(Step("ask", team=desk.team(everybody, "both done", members=members)))
        assert desk.used == ["look 1 shop"]
        (run.reload() if elsewhere else run).answer("approve")
        assert (run.content, desk.used) == ("both done", ["look 1 shop", "pay 1 shop"])
        assert results(desk) == [("look: look done\n\npay: pay done", False)]

    def test_a_member_that_fails_is_the_leaders_to_deal_with(self, desk: Desk) -> None:
        run = Run(Step("ask", team=desk.team(hands("clerk"), "sorry", members=[desk.agent()])))
        ((text, failed),) = results(desk)
        assert (run.content, failed) == ("sorry", True)
        assert text.startswith("Step skipped due to error: The script of scripted has 0 replies")

    def test_a_member_that_there_is_not_is_told_to_the_leader(self, desk: Desk) -> None:
        asking_nobody = desk.team(hands("nobody"), "sorry", members=[desk.agent("never")])
        run = Run(Step("ask", team=asking_nobody))
        assert run.content == "sorry"
        assert results(desk) == [
            ("Wrong arguments: There is no member 'nobody'. Members: clerk", True),
        ]


class TestEvents:
    def test_a_pause_and_what_follows_are_told_once(self, desk: Desk) -> None:
        run = asking(desk, wants(), "paid", tools=[desk.tool(requires_confirmation=True)])
        assert run.told == [
            "WorkflowStarted",
            "StepStarted ask",
            "RunStarted ask",
            "RunPaused ask",
            "StepExecutorPaused ask",
            "ToolCallPaused pay",
            "WorkflowPaused",
        ]
        assert run.reload().answer("approve").told == [
            "StepExecutorContinued ask",
            "RunContinued ask",
            "ToolCallStarted pay",
            "ToolCallCompleted pay",
            "RunCompleted ask",
            "StepCompleted ask",
            "WorkflowCompleted",
        ]

    def test_a_step_beside_it_reads_what_it_said(self, desk: Desk) -> None:
        given: list[Any] = []

        def after(step_input: Any) -> StepOutput:
            given.append(step_input.previous_step_content)
            return StepOutput(content="after")

        run = Run(Step("ask", agent=desk.agent("said")), after)
        assert (run.content, given) == ("after", ["said"])
