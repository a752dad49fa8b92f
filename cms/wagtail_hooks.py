"""What the content tools add to the admin."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.models import Page
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from cms.choosers import product_chooser, vendor_chooser
from marketplace.core import pagecache
from search.models import LexiconWord, SynonymGroup


@hooks.register("register_admin_viewset")
def register_choosers() -> list[Any]:
    """Products and shops can be chosen in blocks."""
    return [product_chooser, vendor_chooser]


@hooks.register("after_move_page")
def moved(request: Any, page: Page) -> None:
    """A page that moved has another address, and so have links to it."""
    pagecache.bump(pagecache.CONTENT)


class SynonymViewSet(SnippetViewSet):
    model = SynonymGroup
    icon = "list-ul"
    list_display = ["canonical", "spellings", "synonyms", "english", "is_active"]
    list_filter = ["kind", "is_active"]
    search_fields = ["canonical", "spellings", "synonyms", "narrower", "english"]
    copy_view_enabled = False


class LexiconWordViewSet(SnippetViewSet):
    model = LexiconWord
    icon = "list-ul"
    list_display = ["word", "kind"]
    list_filter = ["kind"]
    search_fields = ["word"]
    copy_view_enabled = False


class SearchWordsViewSetGroup(SnippetViewSetGroup):
    items = (SynonymViewSet, LexiconWordViewSet)
    menu_label = _("Search words")
    menu_icon = "search"
    menu_order = 320
    add_to_admin_menu = True


register_snippet(SearchWordsViewSetGroup)
