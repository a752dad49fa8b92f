"""Row locks in one order, so that two transactions can wait for each other but never deadlock."""

from typing import TypeVar

from django.db import models

ModelT = TypeVar("ModelT", bound=models.Model)


def lock_rows(rows: "models.QuerySet[ModelT]") -> list[ModelT]:
    """Lock `rows` in primary key order and return them freshly read.

    Must be called inside a transaction. On SQLite, where SELECT … FOR UPDATE does nothing, the transaction holds the
    one write lock already (transaction_mode IMMEDIATE).
    """
    return list(rows.select_for_update(of=("self",)).order_by("pk"))
