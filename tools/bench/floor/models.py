"""A Wagtail page with nothing on it: what a page of Wagtail costs at least."""

from wagtail.models import Page


class EmptyPage(Page):
    template = "floor/empty_page.html"
