"""Writing everything that is encrypted anew, with the key that stands first: how a key is rotated out."""

from collections.abc import Iterator
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import models, transaction
from django.db.models import Value
from django.db.models.functions import Cast
from encrypted_fields.fields import EncryptedFieldMixin

BATCH = 200


def encrypted_fields() -> Iterator[tuple[type[models.Model], list[str]]]:
    """Every model with encrypted fields, and their names."""
    for model in apps.get_models():
        names = [field.attname for field in model._meta.concrete_fields if isinstance(field, EncryptedFieldMixin)]
        if names:
            yield model, names


def encrypt_anew() -> Iterator[tuple[str, int]]:
    """Read and write every encrypted value; yields what was done, kind by kind. Harmless to repeat or break off.

    Raises cryptography's InvalidToken for a value that none of the keys can read, before changing it.
    """
    for model, names in encrypted_fields():
        yield model._meta.label, _rewrite(model, names)
    yield Authenticator._meta.label, _rewrite_authenticators()


def _rewrite(model: type[models.Model], names: list[str]) -> int:
    """Works on what is stored: the fields themselves would hand out an unreadable value as if it were clear text."""
    ciphers: dict[str, Any] = {name: model._meta.get_field(name).f for name in names}  # type: ignore[union-attr]
    stored = {f"stored_{name}": Cast(name, models.TextField()) for name in names}
    count, last = 0, None
    while True:
        with transaction.atomic():
            rows: models.QuerySet[Any] = model._base_manager.select_for_update().order_by("pk")
            batch = list((rows.filter(pk__gt=last) if last is not None else rows).values("pk", **stored)[:BATCH])
            for row in batch:
                anew = {
                    name: Value(cipher.encrypt(cipher.decrypt(row[f"stored_{name}"].encode())).decode())
                    for name, cipher in ciphers.items()
                    if row[f"stored_{name}"]
                }
                if anew:
                    count += model._base_manager.filter(pk=row["pk"]).update(**anew)
        if len(batch) < BATCH:
            return count
        last = batch[-1]["pk"]


def _rewrite_authenticators() -> int:
    """TOTP secrets and recovery seeds, which allauth keeps inside a JSON value."""
    adapter, count = get_adapter(), 0
    for pk in Authenticator.objects.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            authenticator = Authenticator.objects.select_for_update().get(pk=pk)
            secret = {key: authenticator.data[key] for key in ("secret", "seed") if key in authenticator.data}
            if secret:
                anew = {key: adapter.encrypt(adapter.decrypt(value)) for key, value in secret.items()}
                authenticator.data = {**authenticator.data, **anew}
                authenticator.save(update_fields=["data"])
                count += 1
    return count
