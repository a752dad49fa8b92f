"""Where a transaction must end."""

from django.db import transaction


def require_no_transaction() -> None:
    """Raise RuntimeError inside a transaction: a provider is about to be asked, and locks must not wait for it."""
    with transaction.atomic(durable=True):
        return
