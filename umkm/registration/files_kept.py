"""Files in the private storage that no row knows: what a refused upload or a crash left behind."""

from datetime import timedelta

from django.core.files.storage import Storage
from django.db import models
from django.utils import timezone

from umkm.registration.models import private_storage

# A file is written a moment before its row; only older ones are strays.
YOUNG = timedelta(days=1)


def forget_stray_files(model: type[models.Model], field: str, folder: str) -> int:
    """Delete files below `folder` that no row of `model` names, and return how many. Young ones are left alone."""
    storage = private_storage()
    known = set(model._default_manager.exclude(**{field: ""}).values_list(field, flat=True))
    strays = [name for name in _files(storage, folder) if name not in known]
    before, deleted = timezone.now() - YOUNG, 0
    for name in strays:
        try:
            is_old = storage.get_modified_time(name) < before
        except FileNotFoundError:
            continue
        if is_old:
            storage.delete(name)
            deleted += 1
    return deleted


def _files(storage: Storage, folder: str) -> list[str]:
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return []
    found = [f"{folder}/{name}" for name in files]
    for name in folders:
        found += _files(storage, f"{folder}/{name}")
    return found
