"""The two drivers, blocking and awaiting: perform the ready calls, report what came of them, until nothing is ready.

Both yield the run's events after they are saved; not streaming means draining them. They know calls and no
primitive. Several calls are ready only inside a Parallel; then they run side by side.
"""

import asyncio
import inspect
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from contextvars import copy_context
from functools import cache
from queue import SimpleQueue
from typing import Any

from workflows.engine.event_loop import run_coroutine
from workflows.engine.events import Event
from workflows.engine.machine import Machine
from workflows.engine.needs import Call
from workflows.engine.record import Failure

Save = Callable[[Machine], list[Event]]
# What is to be done now, and what has happened.
Begun = tuple[list[Call], list[Event]]
Perform = Callable[[Call], Any]

SIDE_BY_SIDE = 32  # calls of one run at a time, in the blocking driver


def perform(call: Call) -> Any:
    """The call's result; what the author's code raises is a Failure."""
    try:
        args, kwargs = call.prepare()
        result = call.function(*args, **kwargs)
        if hasattr(result, "__await__"):  # which costs a tenth of inspect.isawaitable
            result = run_coroutine(result)
        return call.settle(result)
    except Exception as error:  # whatever an author's function raises is data for the walk
        return Failure.of(error)


def step(machine: Machine, save: Save) -> Begun:
    """Walk to the calls that are ready, and save that they begin."""
    calls = machine.ready()
    events = save(machine)
    return ([] if machine.status.finished else calls), events  # cancelled while saving


def drive(
    machine: Machine, save: Save, perform: Perform = perform, begun: Begun | None = None
) -> Generator[Event, None, None]:
    """Advance a run as far as it goes without people, saving before calls start and after they end; `perform` may do
    more around a call; `begun`: the first step, where it was taken already."""
    under_way: dict[Future[Any], Call] = {}
    back: SimpleQueue[Future[Any] | Event] = SimpleQueue()
    calls: list[Call] = []
    with ExitStack() as stack:
        pool = cache(lambda: stack.enter_context(ThreadPoolExecutor(SIDE_BY_SIDE, "step")))
        try:
            while True:
                calls, events = _first(begun, machine, save)
                begun = None
                yield from events
                if len(calls) == 1 and not under_way and not _is_followed(calls[0], machine):
                    machine.finish(calls[0], perform(calls[0]))
                    continue
                while calls:
                    call = calls.pop(0)
                    _follow(call, machine, back.put)
                    future = pool().submit(copy_context().run, perform, call)
                    under_way[future] = call
                    future.add_done_callback(back.put)
                if not under_way:
                    return
                while isinstance(item := back.get(), Event):
                    yield item
                machine.finish(under_way.pop(item), item.result())
        except GeneratorExit:  # whoever followed has gone: nothing more is begun
            _stopped(machine, save, calls, under_way)
            raise


def _first(begun: Begun | None, machine: Machine, save: Save) -> Begun:
    """The next step, unless it was taken already."""
    return step(machine, save) if begun is None else begun


def _is_followed(call: Call, machine: Machine) -> bool:
    """What the call says while it is under way is heard."""
    return call.live and machine.followed


def _follow(call: Call, machine: Machine, say: Callable[[Event], object]) -> None:
    if _is_followed(call, machine):
        call.say = say


def _stopped(machine: Machine, save: Save, calls: list[Call], under_way: dict[Future[Any], Call]) -> None:
    """Let what is under way come back, and leave the rest to whoever goes on."""
    machine.halt()
    for call in calls:
        machine.give_back(call)
    for future, call in under_way.items():
        machine.finish(call, future.result())
    save(machine)


async def adrive(machine: Machine, save: Save, begun: Begun | None = None) -> AsyncGenerator[Event, None]:
    """The same inside a running event loop; blocking functions and saving happen in threads."""
    under_way: dict[asyncio.Task[Any], Call] = {}
    back: asyncio.Queue[asyncio.Task[Any] | Event] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    calls: list[Call] = []
    try:
        while True:
            calls, events = await asyncio.to_thread(_first, begun, machine, save)
            begun = None
            for event in events:
                yield event
            while calls:
                call = calls.pop(0)
                _follow(call, machine, lambda event: loop.call_soon_threadsafe(back.put_nowait, event))
                task = asyncio.create_task(aperform(call))
                under_way[task] = call
                task.add_done_callback(back.put_nowait)
            if not under_way:
                return
            while isinstance(item := await back.get(), Event):
                yield item
            machine.finish(under_way.pop(item), item.result())
    except GeneratorExit:  # as above; what is under way is cancelled
        await asyncio.to_thread(_stopped, machine, save, calls, {})
        raise
    finally:
        for task in under_way:
            task.cancel()


async def aperform(call: Call) -> Any:
    """The same, awaiting what is awaitable and keeping blocking functions off the loop."""
    try:
        args, kwargs = await asyncio.to_thread(call.prepare)
        if inspect.iscoroutinefunction(call.function):
            result = await call.function(*args, **kwargs)
        else:
            result = await asyncio.to_thread(_called, call.function, args, kwargs)
            if inspect.isawaitable(result):
                result = await result
        return result if isinstance(result, Failure) else call.settle(result)
    except Exception as error:  # as above
        return Failure.of(error)


def _called(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call it, and keep what it raises in this thread: a StopIteration would never leave a future (Python 3.11)."""
    try:
        return function(*args, **kwargs)
    except Exception as error:  # as above
        return Failure.of(error)
