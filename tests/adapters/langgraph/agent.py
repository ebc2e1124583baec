"""An agent of LangChain's whose middleware asks, in LangGraph's environment: `agent.py URL TOKEN`, prints its words."""

import json
import sys
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langgraph.checkpoint.memory import InMemorySaver

from hitl_portal.adapters.langgraph import run
from hitl_portal.client import Portal

CONFIG = {"configurable": {"thread_id": "order-7"}}


class Payer(BaseChatModel):  # type: ignore[misc]  # its types are in another environment
    """A model that wants to spend twice, then says what came of it."""

    @property
    def _llm_type(self) -> str:
        return "payer"

    def bind_tools(self, tools: Any, **named: Any) -> Any:
        """It knows them."""
        return self

    def _generate(self, messages: Any, stop: Any = None, run_manager: Any = None, **named: Any) -> Any:
        results = [str(message.content) for message in messages if message.type == "tool"]
        calls = [{"name": "spend", "args": {"amount": amount}, "id": str(amount)} for amount in (5, 6)]
        message = AIMessage(" / ".join(results), tool_calls=[] if results else calls)
        return ChatResult(generations=[ChatGeneration(message=message)])


def spend(amount: int) -> str:
    """Spend money."""
    return f"spent {amount}"


if __name__ == "__main__":
    asks = HumanInTheLoopMiddleware(interrupt_on={"spend": True})
    made = create_agent(Payer(), tools=[spend], middleware=[asks], checkpointer=InMemorySaver())
    with Portal(*sys.argv[1:]) as portal:
        result = run(made, {"messages": [("user", "go")]}, CONFIG, portal)
    sys.stdout.write(json.dumps(result["messages"][-1].content) + "\n")
