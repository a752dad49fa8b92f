"""The frame that pages share is drawn once, and never shows one visitor's words or place to another."""

import pytest

from cms.models import SiteIdentity
from marketplace.core.templatetags import frame

pytestmark = pytest.mark.django_db


def test_each_page_has_its_own_words_language_link_and_place(client):
    first = client.get("/cari/", {"q": "<b>kopi & teh"}).content.decode()
    second = client.get("/en/kategori/").content.decode()
    third = client.get("/cari/", {"q": "batik"}).content.decode()
    assert 'value="&lt;b&gt;kopi &amp; teh"' in first
    assert 'value="batik"' in third
    assert "/en/cari/?q=batik" in third
    assert 'href="/kategori/"' in second
    assert 'href="/en/kategori/" aria-current="page"' in second
    assert 'href="/kategori/" aria-current' not in third
    assert not any(mark in page for mark in (frame._OTHER_URL, frame._SEARCH_TEXT) for page in (first, second, third))


def test_a_new_name_of_the_site_shows_on_the_next_page(client):
    client.get("/kategori/")
    SiteIdentity(name="Pasar Baru Arema").save()
    page = client.get("/kategori/").content.decode()
    assert page.count("Pasar Baru Arema") >= 3
