"""What every page says of the site, from the editors' settings; read once for as long as the content stands."""

import hashlib
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from cms.colours import theme_css
from cms.links import localised
from cms.models import Navigation, SiteIdentity
from marketplace.core import pagecache


def site_identity(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `site_identity` with name, logo_url, tagline, contacts, links and theme_url, where set."""
    return {"site_identity": SimpleLazyObject(current_identity)}


def current_identity() -> dict[str, Any]:
    """The identity in the active language; no query while nothing changes."""
    language = get_language() or "id"
    return pagecache.remember(f"identity:{language}", pagecache.CONTENT, _identity)


def _identity() -> dict[str, Any]:
    english = (get_language() or "").startswith("en")
    identity = SiteIdentity.current()
    css = theme_css(identity.accent, identity.accent_dark)
    return {
        "name": identity.name,
        "logo_url": identity.logo.get_rendition("max-144x144|format-png").url if identity.logo else "",
        "tagline": (identity.tagline_en if english else "") or identity.tagline,
        "email": identity.email,
        "phone": identity.phone,
        "address": identity.address,
        "complaint_url": localised(identity.complaint_address),
        "theme_url": f"{reverse('cms:theme')}?v={hashlib.blake2b(css.encode(), digest_size=6).hexdigest()}"
        if css
        else "",
        **Navigation.current().links(english=english),
    }
