"""What a list of results carries so that it can be counted."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from search.insight import tokens
from search.queries import SearchQuery
from search.services import SearchResult

register = template.Library()


@register.simple_tag
def counted_as(query: SearchQuery, result: SearchResult) -> SafeString | str:
    """Attributes for the element that holds the answer to a search; nothing where nobody searched for words.

    `data-asked` stands where the page is what somebody gets who has just asked: the first, as it comes.
    """
    if not query.text or query.scope or query.vendor_id:
        return ""
    shown = tokens.shown_of(query, result)
    is_asked = query.page == 1 and not (shown.is_narrowed or query.literal)
    return format_html(
        ' data-counted="{}" data-count-at="{}"{}',
        tokens.sign(shown),
        reverse("search_insight:count"),
        " data-asked" if is_asked else "",
    )
