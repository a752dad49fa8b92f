"""Where editors' links lead: one of the site's pages, one of its fixed addresses, or somewhere else by https."""

import re
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

_ADDRESS = re.compile(r"^(/(?!/)[^\s\\<>\"]*|https://[^\s<>\"]+|mailto:[^\s<>\"]+|tel:[+\d-]+|#[\w-]+)$")


def validate_address(value: str) -> None:
    """Refuse everything that is no address of the site, no https address, no mail and no telephone."""
    if not _ADDRESS.match(value):
        raise ValidationError(
            _(
                "Write an address of this site beginning with / (for example /kategori/kopi/), or one beginning with https://."
            )
        )


def localised(address: str) -> str:
    """An address of the site in the active language: `/cari/` → `/en/cari/` on an English page; others as they are."""
    language = get_language() or settings.LANGUAGE_CODE
    if not address.startswith("/") or language == settings.LANGUAGE_CODE or address.startswith(f"/{language}/"):
        return address
    return f"/{language}{address}"


def link_url(page: Any, address: str) -> str:
    """Where a link leads: the page in the active language where one is chosen, otherwise the address."""
    if page is not None and page.live:
        return page.localized.url or ""
    return localised(address) if address else ""
