"""One mechanism for every state machine: a table of legal steps and a conditional UPDATE that decides who won."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from marketplace.core.exceptions import IllegalTransition


@dataclass(frozen=True)
class StateMachine:
    """A named transition table over one status field.

    Arguments:
        name: what the machine is called in messages and logs.
        table: for each status, the statuses it may become.
        field: the model field that holds the status.
    """

    name: str
    table: Mapping[str, Iterable[str]]
    field: str = "status"

    def allows(self, current: str, to: str) -> bool:
        """Whether the table has a step from `current` to `to`."""
        return to in self.table.get(current, ())

    def sources_of(self, to: str) -> list[str]:
        """Every status from which `to` may be reached in one step."""
        return [status for status, targets in self.table.items() if to in targets]

    def advance(self, instance: models.Model, to: str, *, only_from: Iterable[str] = (), **fields: Any) -> bool:
        """Move `instance` to status `to` by one conditional UPDATE and set `fields` with it.

        Returns True when this call made the change, False when the instance is in `to` already (a repeat is harmless).
        Raises IllegalTransition when the row is in a status from which `to` cannot be reached. `only_from` narrows the
        sources that the table allows.
        """
        sources = [status for status in self.sources_of(to) if not only_from or status in only_from]
        manager = type(instance)._base_manager
        changed = manager.filter(pk=instance.pk, **{f"{self.field}__in": sources}).update(**{self.field: to}, **fields)
        if changed:
            setattr(instance, self.field, to)
            for name, value in fields.items():
                setattr(instance, name, value)
            return True
        current = manager.filter(pk=instance.pk).values_list(self.field, flat=True).first()
        if current == to:
            setattr(instance, self.field, to)
            return False
        raise IllegalTransition(
            _("This step is no longer possible: the status is now “%(status)s”. Reload the page.")
            % {"status": current},
            code=f"{self.name}.{current}.{to}",
        )
