"""Queries whose SQL is put together once in a process and asked again and again with other values.

For the few reads that stand on every public page: Django spends more time on writing such a statement than the database
on answering it. What comes back are the same model instances that the queryset itself would give.
"""

import copy
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import connections
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable

M = TypeVar("M", bound=Model)
# More different shapes than this are no few reads any more.
MOST_SHAPES = 500
_FIRST_MARKER = -7_000_000_001
_shapes: dict[tuple[Any, ...], "_Shape"] = {}


class _Shape:
    """The finished statement of a queryset, with the places of its values."""

    def __init__(self, queryset: QuerySet[Any], markers: dict[Any, int]) -> None:
        self.model, self.using = queryset.model, queryset.db
        self.compiler = queryset.query.get_compiler(self.using)
        self.sql, params = self.compiler.as_sql()
        self.params = list(params)
        self.places = [(place, markers[value]) for place, value in enumerate(params) if _is_marker(value, markers)]
        if {at for _place, at in self.places} != set(markers.values()):
            raise ValueError("each value of a prepared query must stand in its statement as it is")

    def rows(self, values: tuple[Any, ...]) -> list[Any]:
        params = self.params[:]
        for place, at in self.places:
            params[place] = values[at]
        compiler = copy.copy(self.compiler)
        # A connection belongs to its thread.
        compiler.connection = connections[self.using]
        compiler.as_sql = lambda *args, **kwargs: (self.sql, tuple(params))
        asked: QuerySet[Any] = QuerySet(self.model, query=_Written(compiler), using=self.using)  # type: ignore[arg-type]
        return list(ModelIterable(asked))


class _Written:
    """What stands in for the query of a queryset when its statement is written already."""

    def __init__(self, compiler: Any) -> None:
        self.compiler = compiler

    def get_compiler(self, using: str | None = None) -> Any:
        return self.compiler


def _is_marker(value: Any, markers: dict[Any, int]) -> bool:
    return isinstance(value, int | str) and not isinstance(value, bool) and value in markers


def read(name: str, build: Callable[..., QuerySet[M]], *values: int | str, shape: tuple[Any, ...] = ()) -> list[M]:
    """The rows of `build(*values)`, whose statement is written once.

    Arguments:
        name: of the query, different for each `build`.
        values: what differs from one time to the next; each is compared as it is, never as part of a pattern.
        shape: what else `build` depends on (a limit, a category): each different one is a statement of its own.
    """
    key = (name, shape, tuple(type(value) for value in values))
    known = _shapes.get(key)
    if known is None or known.using not in connections:
        marks = [_FIRST_MARKER - n if isinstance(value, int) else f"\ufdd0{n}" for n, value in enumerate(values)]
        known = _Shape(build(*marks), {mark: n for n, mark in enumerate(marks)})
        if len(_shapes) >= MOST_SHAPES:
            _shapes.clear()
        _shapes[key] = known
    return known.rows(values)
