"""What every primitive of the authors' API shares: a name, a description, and what people are asked around it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from workflows.engine.plan import Node, placed
from workflows.types import HumanReview, StepType

# Flat parameters whose name differs from HumanReview's, where a primitive's own parameter had the name already.
ALIASES = {"hitl_max_retries": "max_retries", "hitl_timeout": "timeout"}


class Component:
    """One item of a workflow as its author wrote it; `node()` is what the engine walks. Never changed by a run.

    What people are asked may be given flat or as `human_review=`, which then counts alone (page 004); either way it
    can be read as `component.human_review` and, flat, as `component.requires_confirmation` and so on.
    """

    kind: ClassVar[StepType]
    supported: ClassVar[tuple[str, ...]] = ("requires_confirmation",)

    def __init__(
        self,
        *,
        name: str | None,
        description: str | None,
        human_review: HumanReview | None,
        flat: Mapping[str, Any],
    ) -> None:
        self.name, self.description = name, description
        review = human_review if human_review is not None else HumanReview(**flat)
        self.human_review = review.supported_by(self.kind, self.supported)

    def __getattr__(self, name: str) -> Any:
        field = ALIASES.get(name, name)
        if field in HumanReview.__dataclass_fields__:
            return getattr(self.human_review, field)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def node(self, position: int) -> Node:
        """The frozen node; `position` (from 0) names what has no name of its own."""
        raise NotImplementedError

    def named(self, position: int) -> str:
        """Its name, or the kind and a number from 1."""
        return self.name or f"{self.kind.lower()}_{position + 1}"


Item = Component | Callable[..., Any]


def nodes(items: Iterable[Any], wrap: Callable[[Any], Component]) -> tuple[Node, ...]:
    """The placed nodes of a container's items; `wrap` makes a component of what is not one."""
    components = [item if isinstance(item, Component) else wrap(item) for item in items]
    return placed(component.node(position) for position, component in enumerate(components))
