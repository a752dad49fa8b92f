"""What operators type about payments."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from marketplace.orders.models import SubOrder


class SharesForm(forms.Form):
    """How much of a refund each part of an order gives back: one field `share-<part>` for each, empty for nothing."""

    def __init__(self, *args: Any, parts: Iterable[SubOrder], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.part_ids = [part.pk for part in parts]
        for pk in self.part_ids:
            self.fields[f"share-{pk}"] = forms.IntegerField(min_value=0, required=False)

    @property
    def problem(self) -> str:
        """What is wrong, in one sentence; empty when all of it are numbers."""
        return "" if self.is_valid() else _("Write each share in whole rupiah, digits only.")

    @property
    def amounts(self) -> dict[int, int]:
        """The share of each part."""
        return {pk: self.cleaned_data[f"share-{pk}"] or 0 for pk in self.part_ids}
