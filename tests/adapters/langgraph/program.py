"""A program of an author's, run in LangGraph's environment: `program.py WAY URL TOKEN FILE`, prints what it gave."""

import asyncio
import json
import operator
import sys
from typing import Annotated, Any, TypedDict

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt

from hitl_portal.adapters.langgraph import arun, ask, run, take_up
from hitl_portal.client import AsyncPortal, Portal

CONFIG = {"configurable": {"thread_id": "order-7"}}
EVERYTHING = dict.fromkeys(["allow_ignore", "allow_respond", "allow_edit", "allow_accept"], True)


class State(TypedDict):
    said: Annotated[list[Any], operator.add]


def pay(state: State) -> dict[str, Any]:
    request = {"action": "pay", "args": {"amount": 5, "to": "somebody"}}
    return {"said": [interrupt({"action_request": request, "config": EVERYTHING, "description": "Refund"})]}


def name(state: State) -> dict[str, Any]:
    first, second = interrupt("What is it called?"), interrupt("What is it called?")
    return {"said": [f"{first} {second}"]}


def confirm(state: State) -> dict[str, Any]:
    said = interrupt({"kind": "confirmation", "message": "Send it?", "content": state["said"]})
    return {"said": [said["approved"], said["feedback"]]}


def graph() -> Any:
    """Two nodes side by side that both wait, then one that asks in the portal's own form."""
    made = StateGraph(State)
    for node in (pay, name, confirm):
        made.add_node(node.__name__, node)
    for node in (pay, name):
        made.add_edge(START, node.__name__)
        made.add_edge(node.__name__, "confirm")
    made.add_edge("confirm", END)
    return made.compile(checkpointer=InMemorySaver())


def waiting(url: str, token: str) -> Any:
    """Wait for people."""
    with Portal(url, token) as portal:
        return run(graph(), {"said": []}, CONFIG, portal, policy={"risk": "low"})


def awaiting(url: str, token: str) -> Any:
    """Wait for people in an event loop."""

    async def main() -> Any:
        async with AsyncPortal(url, token) as portal:
            return await arun(graph(), {"said": []}, CONFIG, portal)

    return asyncio.run(main())


def later(url: str, token: str) -> Any:
    """Ask, and take up again and again what is answered."""
    made, numbers = graph(), []
    result = made.invoke({"said": []}, CONFIG)
    with Portal(url, token) as portal:
        while waits := ask(made, CONFIG, portal):
            numbers.append(len(waits))
            for one in waits[:1]:
                portal.answer(one.asked[0])
            result = take_up(made, CONFIG, portal)
    return result | {"waited": numbers}


if __name__ == "__main__":
    way, *address = sys.argv[1:]
    sys.stdout.write(
        json.dumps({"waiting": waiting, "awaiting": awaiting, "later": later}[way](*address)) + "\n"
    )
