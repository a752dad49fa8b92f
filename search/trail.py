"""Who changed what the search was told. Call it in the transaction that makes the change."""

from typing import Any

from django.db import models
from django.forms.models import model_to_dict

from marketplace.audit.services import record
from search.models import PinnedProduct, PinnedResult

SAVED, DELETED = "saved", "deleted"


def write_down(*, row: models.Model, actor: Any, verb: str) -> None:
    """Record that a synonym, a word with a rule or a pin was saved or deleted, with what it says now.

    Arguments:
        verb: SAVED or DELETED.
    """
    data: dict[str, Any] = {
        name: value if isinstance(value, bool | str) else str(value or "")
        for name, value in model_to_dict(row).items()
        if name not in ("id", "products")
    }
    if isinstance(row, PinnedResult):
        data["products"] = list(PinnedProduct.objects.filter(result=row.pk).values_list("product_id", flat=True))
    record(action=f"search.{row._meta.model_name}_{verb}", target=row, actor=actor, data=data)
