"""A graph for LangGraph's server: two nodes side by side that wait, then one that waits again and again."""

import operator
from typing import Annotated, Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt

EVERYTHING = dict.fromkeys(["allow_ignore", "allow_respond", "allow_edit", "allow_accept"], True)


class State(TypedDict):
    said: Annotated[list[Any], operator.add]


def pay(state: State) -> dict[str, Any]:
    request = {"action": "pay", "args": {"amount": 5}}
    return {"said": [interrupt({"action_request": request, "config": EVERYTHING, "description": "Refund"})]}


def name(state: State) -> dict[str, Any]:
    return {"said": [interrupt("What is it called?")]}


def confirm(state: State) -> dict[str, Any]:
    asked = {"kind": "confirmation", "message": "Send it?", "policy": {"deciders": "nobody"}}
    first, second = interrupt(asked), interrupt(asked)
    return {"said": [first["approved"], second["approved"]]}


made = StateGraph(State)
for node in (pay, name, confirm):
    made.add_node(node.__name__, node)
for node in (pay, name):
    made.add_edge(START, node.__name__)
    made.add_edge(node.__name__, "confirm")
made.add_edge("confirm", END)
graph = made.compile()
