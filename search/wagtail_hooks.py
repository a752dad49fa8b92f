"""Where the words of the search and what is pinned meet the admin."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLResolver, include, path
from wagtail import hooks
from wagtail.snippets.models import register_snippet

from search.models import LexiconWord, PinnedResult, SynonymGroup
from search.trail import DELETED, write_down
from search.word_screens import SearchWordsViewSetGroup, TryView

register_snippet(SearchWordsViewSetGroup)


@hooks.register("register_admin_urls")
def register_urls() -> list[URLResolver]:
    patterns = [
        path("", TryView.as_view(), name="try"),
        path("hasil/", TryView.as_view(results_only=True), name="try_results"),
    ]
    return [path("coba-kata/", include((patterns, "search_admin")))]


@hooks.register("after_bulk_action")
def rows_deleted_together(request: HttpRequest, action_type: str, rows: list[Any], action: Any) -> None:
    """Several rows deleted at once leave their trace, too."""
    if action_type == "delete" and action.model in (SynonymGroup, LexiconWord, PinnedResult):
        for row in rows:
            write_down(row=row, actor=request.user, verb=DELETED)
