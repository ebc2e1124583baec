"""What every primitive of the authors' API shares: a name, a description, and what people are asked around it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Self

from workflows.engine.plan import Node, placed
from workflows.references import reference, resolve
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
    takes_on_error: ClassVar[bool] = False
    # What `to_dict` writes besides name, description and review: attributes, and those of them that hold items.
    settings: ClassVar[tuple[str, ...]] = ()
    items: ClassVar[tuple[str, ...]] = ()

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
        self.human_review = review.supported_by(self.kind, self.supported, on_error=self.takes_on_error)

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

    def to_dict(self) -> dict[str, Any]:
        """As data: functions as references, items as dicts, what people are asked under `human_review`."""
        data: dict[str, Any] = {"type": str(self.kind), "name": self.name, "description": self.description}
        data |= {setting: reference(getattr(self, setting)) for setting in self.settings}
        for group in self.items:
            inner = getattr(self, group)
            data[group] = None if inner is None else [item_to_data(item) for item in inner]
        return data | {"human_review": self.human_review.to_dict()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The component that `to_dict` described. Without `human_review` the flat keys of older data are read.

        ValueError for a type that is not this one's, and for a function that cannot be imported.
        """
        given = {name: data[name] for name in ("name", "description") if name in data}
        given |= {setting: resolve(data[setting]) for setting in cls.settings if setting in data}
        for group in cls.items:
            if data.get(group) is not None:
                given[group] = [item_from_data(item) for item in data[group]]
        review = data.get("human_review")
        if review is not None:
            given["human_review"] = HumanReview.from_dict(review)
        else:
            given |= {name: data[name] for name in cls.flat_names() if name in data}
        return cls.made(given, data)

    @classmethod
    def flat_names(cls) -> set[str]:
        """The constructor's parameters that say what people are asked."""
        names = set(cls.__init__.__code__.co_varnames)
        return names & (HumanReview.__dataclass_fields__.keys() | ALIASES.keys()) - set(cls.settings)

    @classmethod
    def made(cls, given: dict[str, Any], data: Mapping[str, Any]) -> Self:
        """The component of these arguments; `data` holds what else was written."""
        del data
        return cls(**given)


# What has a `from_dict`, by the "type" in its dict: the components, and whole workflows.
KINDS: dict[str, Any] = {}


def registered(component: type[Component]) -> type[Component]:
    """Make a component's kind known to `from_dict` of whatever contains it."""
    KINDS[component.kind] = component
    return component


def nodes(items: Iterable[Any], wrap: Callable[[Any], Component]) -> tuple[Node, ...]:
    """The placed nodes of a container's items; `wrap` makes a component of what is not one."""
    components = [item if isinstance(item, Component) else wrap(item) for item in items]
    return placed(component.node(position) for position, component in enumerate(components))


def item_to_data(item: Any) -> Any:
    """An item of a container as data: a component or a whole workflow as its dict, a function as its address."""
    if isinstance(item, list):
        return [item_to_data(inner) for inner in item]
    return item.to_dict() if hasattr(item, "to_dict") else reference(item)


def item_from_data(item: Any) -> Any:
    """The item that `item_to_data` described. ValueError for a type that nobody has registered."""
    if isinstance(item, list):
        return [item_from_data(inner) for inner in item]
    if not isinstance(item, Mapping):
        return resolve(item)
    kind = KINDS.get(item.get("type", ""))
    if kind is None:
        raise ValueError(f"Invalid step type: {item.get('type')}")
    return kind.from_dict(item)
