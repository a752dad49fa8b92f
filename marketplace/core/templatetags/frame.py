"""The parts of the page's frame that many pages share, drawn once for as long as the content of the site stands."""

from typing import Any

from django import template
from django.conf import settings
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from marketplace.core import pagecache
from marketplace.core.templatetags.ui import bare_path

register = template.Library()

# The fixed addresses that header and tabs mark as the present one, see the tag `current`; the longest first.
MARKED = ("akun/pesanan/", "keranjang/", "kategori/", "sentra/", "cerita/", "akun/")
# Stand in a drawn part for what differs from page to page. Of Unicode's private use, so that no text holds them.
_OTHER_URL, _SEARCH_TEXT = "\ue0f1", "\ue0f2"


@register.simple_tag(takes_context=True)
def frame_part(context: template.RequestContext, name: str) -> SafeString:
    """The template `name` of the frame: header, footer, tabs or links in the head.

    Such a template may show the site's identity, the language, `other_language`, the words searched for (as
    `search_text`) and mark the present place; nothing of the visitor and nothing else of the page.
    """
    request = context.get("request")
    if request is None or settings.DEBUG:
        return _draw(context, name, {})
    place = _place(request.path, context["site"])
    drawn: str = pagecache.remember(
        f"frame:{name}:{get_language()}:{place}",
        pagecache.CONTENT,
        lambda: _draw(
            context,
            name,
            {"other_language": {**context["other_language"], "url": _OTHER_URL}, "search_text": _SEARCH_TEXT},
        ),
        is_shared=False,
    )
    drawn = drawn.replace(_OTHER_URL, escape(context["other_language"]["url"]))
    # Last, since it is the visitor's own text.
    return mark_safe(drawn.replace(_SEARCH_TEXT, escape(request.GET.get("q", ""))))  # noqa: S308  both are escaped


def _draw(context: template.RequestContext, name: str, instead: dict[str, Any]) -> SafeString:
    names = ("request", "site", "other_language", "badge_url", "LANGUAGE_CODE")
    values = {key: context.get(key) for key in names} | instead
    engine: Any = context.template and context.template.engine
    return SafeString(engine.get_template(name).render(context.new(values)))


def _place(path: str, site: Any) -> tuple[str, bool, tuple[int, ...]]:
    """What of header and tabs is marked as the present place at this address."""
    bare = bare_path(path)
    mark = next((one for one in MARKED if bare.startswith(one)), "")
    links = site.get("header_links") or ()
    return mark, bare == mark, tuple(n for n, link in enumerate(links) if link["url"] == path)
