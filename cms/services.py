"""The pages that a new site begins with. Editors change them afterwards; nothing here overwrites what they wrote."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from wagtail.models import Locale, Page, Site

from cms import initial
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


@transaction.atomic
def ensure_home() -> HomePage:
    """Make the home page, the pages that header and footer lead to, and the settings, as far as they are missing.

    In Indonesian and English, tied as translations of each other. Harmless to repeat.
    """
    locales = {code: Locale.objects.get_or_create(language_code=code)[0] for code in (INDONESIAN, ENGLISH)}
    home = _ensure_home_page(locales)
    english_home = home.get_translation(locales[ENGLISH])
    for slug, kind, content in initial.PAGES:
        _ensure_pair(home, english_home, slug, kind, content, locales[ENGLISH])
    stories = StoryIndexPage.objects.child_of(home).get(slug="cerita")
    english_stories = stories.get_translation(locales[ENGLISH])
    for slug, content in initial.STORIES:
        _ensure_pair(stories, english_stories, slug, "story", content, locales[ENGLISH])
    _ensure_settings()
    pagecache.bump(pagecache.CONTENT)
    return home


def _ensure_home_page(locales: dict[str, Locale]) -> HomePage:
    home = HomePage.objects.filter(locale=locales[INDONESIAN], depth=2).first()
    root = Page.get_first_root_node()
    if root is None:
        root = Page.add_root(instance=Page(title="Root", slug="root", locale=locales[INDONESIAN]))
    if home is None:
        home = HomePage(slug="beranda", locale=locales[INDONESIAN], **initial.HOME[INDONESIAN])
        root.add_child(instance=home)
        home.save_revision().publish()
    if not home.has_translation(locales[ENGLISH]):
        english = home.copy_for_translation(locales[ENGLISH])
        _fill(english, initial.HOME[ENGLISH])
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


def _ensure_pair(parent: Page, english_parent: Page, slug: str, kind: str, content: Any, english: Locale) -> None:
    page = parent.get_children().filter(slug=slug).first()
    if page is None:
        page = MODELS[kind](slug=slug, locale=parent.locale, **_fields(content[INDONESIAN]))
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
    return {name: value for name, value in content.items() if name != "form_fields"}


def _fill(page: Page, content: dict[str, Any]) -> None:
    for name, value in content.items():
        setattr(page, name, value)
    page.draft_title = page.title


def _add_form_fields(page: Page, content: dict[str, Any]) -> None:
    rows = content.get("form_fields")
    if rows:
        page.form_fields.set([FormField(sort_order=index, **row) for index, row in enumerate(rows)])
        page.save()


def _ensure_settings() -> None:
    identity = SiteIdentity.load()
    if not identity.name:
        identity.name = settings.SITE_NAME
        identity.tagline, identity.tagline_en = initial.TAGLINE, initial.TAGLINE_EN
        identity.save()
    navigation = Navigation.load()
    if not navigation.header_links and not navigation.footer_columns:
        with translation.override(INDONESIAN):
            navigation.header_links = [("link", link) for link in initial.HEADER]
            navigation.footer_columns = [("column", column) for column in initial.FOOTER]
            navigation.save()
