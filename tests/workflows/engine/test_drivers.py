"""Both drivers: the same meaning, whatever mix of blocking and async code they find."""

import asyncio
import threading
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any

import pytest

from tests.workflows.engine.runs import Run
from workflows import Parallel, Step, StepInput, Workflow
from workflows.engine.drivers import adrive, drive
from workflows.engine.event_loop import run_coroutine
from workflows.engine.events import Event
from workflows.engine.machine import Machine
from workflows.engine.memory import MemoryStore
from workflows.types import RunStatus

Begun = tuple[MemoryStore, Machine]


def begin(*steps: Any) -> Begun:
    store = MemoryStore()
    return store, store.start(Workflow(name="flow", steps=list(steps)).plan)


async def adriven(begun: Begun) -> Machine:
    """Drive in this loop, to the next pause or the end."""
    store, machine = begun
    async for _ in adrive(machine, store.save):
        pass
    return machine


def contents(machine: Machine) -> Any:
    assert machine.output is not None
    return machine.output.content


async def later(step_input: StepInput) -> str:
    """Come back after the loop has done something else."""
    await asyncio.sleep(0)
    return f"{step_input.previous_step_content} later"


async def fail(step_input: StepInput) -> None:
    """Fail like an outside system."""
    raise TimeoutError("no answer")


class TestBlocking:
    def test_async_functions_work(self) -> None:
        assert Run(Step("a", lambda _: "A"), Step("b", later)).content == "A later"

    def test_an_async_function_that_raises_is_a_failure(self) -> None:
        run = Run(Step("a", fail, max_retries=0, on_error="pause"))
        assert run.ask.error == {"type": "TimeoutError", "message": "no answer"}

    async def test_async_functions_work_inside_a_running_loop(self) -> None:
        assert Run(Step("a", later), Step("b", later)).content == "None later later"

    def test_all_async_functions_share_one_loop(self) -> None:
        async def where(step_input: StepInput) -> int:
            return id(asyncio.get_running_loop())

        assert Run(Step("a", where)).content == Run(Step("a", where)).content

    def test_an_async_step_may_run_another_workflow_in_blocking_code(self) -> None:
        async def nested(step_input: StepInput) -> Any:
            return Run(Step("inner", later)).content

        assert Run(Step("outer", nested, on_error="fail")).content == "None later"

    def test_what_is_no_exception_but_an_exit_is_not_swallowed(self) -> None:
        def leave(step_input: StepInput) -> None:
            raise KeyboardInterrupt

        store, machine = begin(Step("a", leave))
        with pytest.raises(KeyboardInterrupt):
            list(drive(machine, store.save))
        assert store.load(machine.journal.plan).asks == []
        assert store.status is RunStatus.running


class TestAwaiting:
    async def test_blocking_functions_stay_off_the_loop(self) -> None:
        def where(step_input: StepInput) -> str:
            return threading.current_thread().name

        assert contents(await adriven(begin(Step("a", where)))) != threading.current_thread().name

    async def test_async_functions_run_in_the_callers_loop(self) -> None:
        async def where(step_input: StepInput) -> bool:
            return asyncio.get_running_loop() is loop

        loop = asyncio.get_running_loop()
        assert contents(await adriven(begin(Step("a", where)))) is True

    async def test_a_blocking_function_may_give_back_an_awaitable(self) -> None:
        def hand_over(step_input: StepInput) -> Any:
            return later(step_input)

        assert contents(await adriven(begin(Step("a", hand_over)))) == "None later"

    async def test_an_async_function_that_raises_is_a_failure(self) -> None:
        machine = await adriven(begin(Step("a", fail, max_retries=0, on_error="pause")))
        assert machine.asks[0].error == {"type": "TimeoutError", "message": "no answer"}

    async def test_a_stop_iteration_is_a_failure_like_any_other(self) -> None:
        def empty(step_input: StepInput) -> Any:
            return next(iter(()))

        machine = await asyncio.wait_for(adriven(begin(Step("a", empty, max_retries=0, on_error="pause"))), 5)
        assert machine.asks[0].error == {"type": "StopIteration", "message": "StopIteration"}

    async def test_cancelled_it_stops_what_it_awaits_and_the_call_is_interrupted(self) -> None:
        entered, stopped = asyncio.Event(), asyncio.Event()

        async def forever(step_input: StepInput) -> None:
            entered.set()
            try:
                await asyncio.Event().wait()
            finally:
                stopped.set()

        begun = begin(Step("a", forever))
        task = asyncio.create_task(adriven(begun))
        await entered.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(stopped.wait(), 5)
        store, machine = begun
        again = store.load(machine.journal.plan)
        assert (await adriven((store, again))).asks[0].kind == "error"


class TestEvents:
    def steps(self) -> Iterable[Step]:
        return Step("a", lambda _: 1), Step("b", later), Step("c", lambda _: 3, requires_confirmation=True)

    def test_each_is_saved_before_anybody_sees_it(self) -> None:
        store, machine = begin(*self.steps())
        seen: list[Event] = []
        for event in drive(machine, store.save):
            seen.append(event)
            assert event in store.events
            assert store.events[: len(seen)] == seen
        assert seen == store.events

    async def test_awaiting_they_are_the_same_in_the_same_order(self) -> None:
        (blocking, machine), (store, other) = begin(*self.steps()), begin(*self.steps())
        list(drive(machine, blocking.save))
        assert [event async for event in adrive(other, store.save)] == store.events == blocking.events

    def test_a_call_starts_only_after_that_was_saved(self) -> None:
        found: list[RunStatus] = []
        store, machine = begin(Step("a", lambda _: found.append(store.load(machine.journal.plan).status)))
        list(drive(machine, store.save))
        assert found == [RunStatus.running]
        assert any(event.type == "StepStarted" for event in store.events)

    def test_a_save_that_fails_starts_no_call(self) -> None:
        called: list[int] = []

        def full(machine: Machine) -> list[Event]:
            raise OSError("disk full")

        _, machine = begin(Step("a", lambda _: called.append(1)))
        with pytest.raises(OSError, match="disk full"):
            list(drive(machine, full))
        assert called == []


class TestDropped:
    """Whoever follows a stream may go away at any event: nothing is lost, done twice or left hanging."""

    def begun(self, called: list[str]) -> Begun:
        def step(name: str) -> Step:
            return Step(name, lambda _: called.append(name))

        return begin(step("a"), Parallel(step("b"), step("c"), name="p"), step("d"))

    def finished(self, begun: Begun, called: list[str]) -> None:
        store, machine = begun
        again = store.load(machine.journal.plan)
        list(drive(again, store.save))
        assert (again.status, sorted(called)) == (RunStatus.completed, ["a", "b", "c", "d"])

    @pytest.mark.parametrize("at", range(1, 13))
    def test_blocking(self, at: int) -> None:
        called: list[str] = []
        begun = self.begun(called)
        stream = drive(begun[1], begun[0].save)
        for _ in range(at):
            next(stream)
        stream.close()
        self.finished(begun, called)

    @pytest.mark.parametrize("at", range(1, 13))
    async def test_awaiting(self, at: int) -> None:
        called: list[str] = []
        begun = self.begun(called)
        stream = adrive(begun[1], begun[0].save)
        for _ in range(at):
            await anext(stream)
        await stream.aclose()
        saved = [begun[0].record(path) for path in ("a", "p/b", "p/c", "d")]
        assert {record.name for record in saved if record and record.in_flight} <= set(called)


class TestSideBySide:
    def test_async_branches_work_inside_an_async_step_that_blocks(self) -> None:
        async def outer(step_input: StepInput) -> Any:
            return Run(Parallel(Step("x", later), Step("y", later), name="p")).content

        assert Run(Parallel(Step("a", outer), Step("b", outer), name="p")).content == "None later"

    def test_branches_inherit_the_context(self) -> None:
        tenant: ContextVar[str] = ContextVar("tenant")
        tenant.set("acme")
        branches = [Step(name, lambda _: tenant.get()) for name in "ab"]
        assert Run(Parallel(*branches, name="p")).content == "acme"

    async def test_awaited_they_wait_for_each_other(self) -> None:
        met = asyncio.Barrier(3)

        async def meet(step_input: StepInput) -> str:
            await met.wait()
            return "met"

        branches = [Step(name, meet) for name in "abc"]
        machine = await asyncio.wait_for(adriven(begin(Parallel(*branches, name="p"))), 5)
        assert machine.output is not None
        assert machine.output.deepest == "met"


class TestCancelledWhileSaving:
    def cancelling(self, store: MemoryStore) -> Any:
        def save(machine: Machine) -> list[Event]:
            machine.cancel("Not needed")
            return store.save(machine)

        return save

    def test_blocking_no_call_starts(self) -> None:
        store, machine = begin(Step("a", lambda _: 1))
        events = [event.type for event in drive(machine, self.cancelling(store))]
        assert events == ["WorkflowStarted", "StepStarted", "WorkflowCancelled"]

    async def test_awaiting_no_call_starts(self) -> None:
        store, machine = begin(Step("a", lambda _: 1))
        events = [event.type async for event in adrive(machine, self.cancelling(store))]
        assert events == ["WorkflowStarted", "StepStarted", "WorkflowCancelled"]


async def test_a_coroutine_is_awaited_from_blocking_code() -> None:
    async def answer() -> int:
        return 42

    assert await asyncio.to_thread(run_coroutine, answer()) == 42
