"""A cluster's properties on the wire, read and sent by the domain's table of them."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, TypeVar

from pydantic import Field, create_model

from bot.domain.byte_sizes import MB_PER_GB
from bot.domain.cluster import Api
from bot.domain.cluster_properties import PROPERTIES, ClusterProperty, offered_by
from bot.domain.cluster_spec import ClusterChange, NewCluster
from bot.ionos.strict_models import SendModel, build_checked
from bot.ionos.tolerant_models import ReadModel

Model = TypeVar("Model", bound=ReadModel)

_ABSENT: Mapping[str, Any] = {"name": "", "connections": ()}
"""What the domain has where an answer does not say it; elsewhere that is None."""


class DomainPart(ReadModel):
    """A part of an answer for which the domain has a value."""

    @abstractmethod
    def domain(self) -> Any:
        """Return the domain's value."""


def with_properties(api: Api, **parts: Any) -> Callable[[type[Model]], type[Model]]:
    """Add to a model a field for each property that the API's answers have, called as the domain's.

    `parts` are the types of those that are no plain values.
    """

    def extend(base: type[Model], tree: Mapping[str, Any]) -> type[Model]:
        fields: dict[str, Any] = {}
        expected = [*base.expected]
        for key, its in tree.items():
            if isinstance(its, ClusterProperty):
                kind = parts.get(its.field, its.kind)
                fields[its.field] = (kind | None, Field(default=None, alias=key))
                expected += [its.field] if api in its.always else []
            else:
                fields[key] = (extend(ReadModel, its) | None, None)
                expected.append(key)
        made = create_model(base.__name__, __base__=base, __module__=base.__module__, **fields)
        made.expected = tuple(expected)
        return made

    return lambda base: extend(base, nest_paths((path, each) for each, path in offered_by(api)))


def read_properties(api: Api, answer: ReadModel) -> dict[str, Any]:
    """Return the properties in an answer by the domain's fields, in the domain's words and MB."""
    found = {}
    for field, part, in_gb in _reading_plan(api):
        value = getattr(getattr(answer, part) if part else answer, field, None)
        if value is None:
            found[field] = _ABSENT.get(field)
        elif isinstance(value, DomainPart):
            found[field] = value.domain()
        elif isinstance(value, list):
            found[field] = tuple(each.domain() for each in value if each is not None)
        else:
            found[field] = value * MB_PER_GB if in_gb else value
    return found


@cache
def _reading_plan(api: Api) -> tuple[tuple[str, str, bool], ...]:
    # Worked out once: a fleet has many thousand clusters.
    return tuple(
        (each.field, path[0] if len(path) > 1 else "", each.is_amount and api is Api.V2)
        for each, path in offered_by(api)
    )


Spellers = Mapping[str, Callable[[Any], Any]]
"""How an API spells what is not a plain value there, by the domain's field; each raises BadArgument."""


def requested_properties(
    api: Api, request: NewCluster | ClusterChange, limits: type[SendModel], spellers: Spellers
) -> dict[str, Any]:
    """Return the properties that a request sets, nested as the API has them, and nothing that is not set.

    `limits` has the rules, by the domain's fields. Raises BadArgument, and NotOffered for what the API lacks.
    """
    is_new = isinstance(request, NewCluster)
    given = [(each, each.requested(request)) for each in PROPERTIES]
    given = [(each, value) for each, value in given if value is not None or (is_new and api in each.always)]
    for each, _ in given:
        each.require(api)
    spelled = {
        each.field: spellers[each.field](value) if each.field in spellers else value for each, value in given
    }
    build_checked(limits, **{name: value for name, value in spelled.items() if name in limits.model_fields})
    return nest_paths((each.path(api), spelled[each.field]) for each, _ in given)


def nest_paths(values: Iterable[tuple[tuple[str, ...], Any]]) -> dict[str, Any]:
    """Return values by their paths as objects within objects."""
    whole: dict[str, Any] = {}
    for (*outer, name), value in values:
        part = whole
        for step in outer:
            part = part.setdefault(step, {})
        part[name] = value
    return whole
