"""Form widgets that carry more than a label; `{% field %}` draws them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise


@dataclass(frozen=True)
class OptionDetail:
    """What stands on an option card beside its title.

    Arguments:
        note: a promise or explanation, one line.
        price: what it costs, ready for reading (`Rp8.000`, `Gratis`).
        disabled_reason: why it cannot be chosen now; such a card is dashed and its radio is off.
        icon: an icon name, or nothing.
    """

    note: str | Promise = ""
    price: str | Promise = ""
    disabled_reason: str | Promise = ""
    icon: str = ""


class OptionCards(forms.RadioSelect):
    """Radio buttons as cards: title, cost, promise.

    Arguments:
        details: an OptionDetail for each value that has more to say than its label.
    """

    def __init__(self, *args: Any, details: Mapping[Any, OptionDetail] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.details = {str(value): detail for value, detail in (details or {}).items()}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The option as Django makes it, disabled when its detail gives a reason."""
        option = super().create_option(name, value, *args, **kwargs)
        detail = self.details.get(str(value))
        if detail is not None and detail.disabled_reason:
            option["attrs"]["disabled"] = True
        return option
