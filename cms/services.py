"""The pages that a new site begins with. Editors change them afterwards; nothing here overwrites what they wrote."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from wagtail.models import Locale, Page, Site

from cms.models import (
    ArticlePage,
    FormField,
    FormPage,
    HomePage,
    LandingPage,
    Navigation,
    SiteIdentity,
    StoryIndexPage,
    StoryPage,
)
from marketplace.core import pagecache

INDONESIAN, ENGLISH = "id", "en"
# What the first pages say, in both languages.
FIRST_PAGES = Path(__file__).resolve().parent / "data/first_pages.json"


@transaction.atomic
def ensure_home() -> HomePage:
    """Make the home page, the pages that header and footer lead to, and the settings, as far as they are missing.

    In Indonesian and English, tied as translations of each other. Harmless to repeat.
    """
    content = json.loads(FIRST_PAGES.read_text(encoding="utf-8"))
    locales = {code: Locale.objects.get_or_create(language_code=code)[0] for code in (INDONESIAN, ENGLISH)}
    home = _ensure_home_page(content["home"], locales)
    english_home = home.get_translation(locales[ENGLISH])
    for row in content["pages"]:
        _ensure_pair(home, english_home, row, locales[ENGLISH])
    stories = StoryIndexPage.objects.child_of(home).get(slug="cerita")
    english_stories = stories.get_translation(locales[ENGLISH])
    for row in content["stories"]:
        _ensure_pair(stories, english_stories, row, locales[ENGLISH])
    _ensure_settings(content)
    pagecache.bump(pagecache.CONTENT)
    return home


def _ensure_home_page(content: dict[str, Any], locales: dict[str, Locale]) -> HomePage:
    home = HomePage.objects.filter(locale=locales[INDONESIAN], depth=2).first()
    root = Page.get_first_root_node()
    if root is None:
        root = Page.add_root(instance=Page(title="Root", slug="root", locale=locales[INDONESIAN]))
    if home is None:
        home = HomePage(slug="beranda", locale=locales[INDONESIAN], **_fields(content[INDONESIAN]))
        root.add_child(instance=home)
        home.save_revision().publish()
    if not home.has_translation(locales[ENGLISH]):
        english = home.copy_for_translation(locales[ENGLISH])
        _fill(english, _fields(content[ENGLISH]))
        english.save_revision().publish()
    site = Site.objects.filter(is_default_site=True).first()
    if site is None:
        Site.objects.create(hostname="localhost", root_page=home, is_default_site=True, site_name=settings.SITE_NAME)
    elif site.root_page.specific_class is not HomePage:
        # The page that Wagtail comes with says nothing but welcome.
        welcome, site.root_page = site.root_page, home
        site.site_name = site.site_name or settings.SITE_NAME
        site.save()
        if not welcome.get_children().exists() and welcome.specific_class is Page:
            welcome.delete()
    return HomePage.objects.get(pk=home.pk)


MODELS: dict[str, type[Page]] = {
    "landing": LandingPage,
    "article": ArticlePage,
    "stories": StoryIndexPage,
    "story": StoryPage,
    "form": FormPage,
}


def _ensure_pair(parent: Page, english_parent: Page, content: dict[str, Any], english: Locale) -> None:
    slug = content["slug"]
    page = parent.get_children().filter(slug=slug).first()
    if page is None:
        page = MODELS[content["kind"]](slug=slug, locale=parent.locale, **_fields(content[INDONESIAN]))
        parent.add_child(instance=page)
        _add_form_fields(page, content[INDONESIAN])
        page.save_revision().publish()
    page = page.specific
    if page.has_translation(english) or english_parent.get_children().filter(slug=slug).exists():
        return
    other = page.copy_for_translation(english)
    _fill(other, _fields(content[ENGLISH]))
    _add_form_fields(other, content[ENGLISH])
    other.save_revision().publish()


def _fields(content: dict[str, Any]) -> dict[str, Any]:
    """What a page takes; blocks of its body come from JSON as lists of two."""
    values = {name: value for name, value in content.items() if name != "form_fields"}
    if "body" in values:
        values["body"] = [tuple(block) for block in values["body"]]
    return values


def _fill(page: Page, content: dict[str, Any]) -> None:
    for name, value in content.items():
        setattr(page, name, value)
    page.draft_title = page.title


def _add_form_fields(page: Page, content: dict[str, Any]) -> None:
    rows = content.get("form_fields")
    if rows:
        page.form_fields.set([FormField(sort_order=index, **row) for index, row in enumerate(rows)])
        page.save()


def _ensure_settings(content: dict[str, Any]) -> None:
    identity = SiteIdentity.load()
    if not identity.name:
        identity.name = settings.SITE_NAME
        identity.tagline, identity.tagline_en = content["tagline"], content["tagline_en"]
        identity.save()
    navigation = Navigation.load()
    if not navigation.header_links and not navigation.footer_columns:
        with translation.override(INDONESIAN):
            navigation.header_links = [("link", link) for link in content["header"]]
            navigation.footer_columns = [("column", column) for column in content["footer"]]
            navigation.save()
