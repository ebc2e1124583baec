"""Agent: a model with tools and instructions."""

from typing import TYPE_CHECKING, Any, ClassVar

from workflows.agents.base import Conversing
from workflows.agents.briefing import Instructions
from workflows.agents.options import Options
from workflows.engine.conversation import Model
from workflows.types import ExecutorType

if TYPE_CHECKING:
    from workflows.db import Db


class Agent(Conversing):
    """Somebody who works on a message with a model, and with tools of which people may be asked before their use.

    `tools` are functions, tools and toolkits; `instructions` a text, several, or a function of the RunContext; names
    in braces in them are filled in from the session's state and the dependencies. `db` keeps its runs: without one
    they end with the process. `options` are those of `Options`. Raises TypeError for options that nobody knows.
    """

    type: ClassVar[ExecutorType] = ExecutorType.AGENT

    def __init__(
        self,
        model: Model | None = None,
        *,
        name: str | None = None,
        id: str | None = None,
        tools: list[Any] | None = None,
        instructions: Instructions = None,
        db: "Db | None" = None,
        **options: Any,
    ) -> None:
        super().__init__(
            model,
            name=name,
            id=id,
            tools=tools,
            instructions=instructions,
            db=db,
            options=Options.of("Agent", options),
        )
