"""The storage of stylesheets, scripts and drawings: as WhiteNoise's, with each address worked out once."""

from typing import Any

from django.conf import settings
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """A page names some twenty files; what they are called cannot change while the process lives."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._addresses: dict[str, str] = {}

    def url(self, name: str | None, force: bool = False) -> str:
        """The address of a file, by its hashed name."""
        # While developing, and before collectstatic has run, files and names may still change.
        if name is None or force or settings.DEBUG or not self.hashed_files:
            return str(super().url(name, force))
        address = self._addresses.get(name)
        if address is None:
            address = self._addresses[name] = str(super().url(name))
        return address
