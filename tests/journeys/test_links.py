"""Every link that a visitor can follow leads somewhere, and a page in English leads to pages in English."""

from collections import deque
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client

from marketplace.installation.services import set_up_site
from tests.journeys.furnished import Furnished

pytestmark = [pytest.mark.once, pytest.mark.django_db]
# Files, not pages: their existence is for the tests of the storage.
FILES = ("/static/", "/media/")
MOST = 400
# Addresses that are the same in every language.
WITHOUT_LANGUAGE = ("/admin/", "/webhooks/", "/i18n/")


class Links(HTMLParser):
    """The links and forms of a page, and where its switch of the language leads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        address = values.get("href") if tag in ("a", "link") else values.get("action") if tag == "form" else None
        rel = values.get("rel") or ""
        if address is None or (tag == "link" and rel not in ("alternate", "canonical", "prev", "next")):
            return
        if tag == "form" and (values.get("method") or "get") != "get":
            return
        self.found.append((address, "hreflang" in values))


def links_of(html: str, page: str) -> list[tuple[str, bool]]:
    """Paths on this site that the page leads to, each with whether it is the switch of the language."""
    parser = Links()
    parser.feed(html)
    paths = []
    for address, is_switch in parser.found:
        parts = urlsplit(urljoin(f"http://testserver{page}", address))
        if parts.scheme != "http" or parts.hostname not in ("testserver", "localhost"):
            continue
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        if not path.startswith(FILES):
            paths.append((path, is_switch))
    return paths


@pytest.fixture
def crawled(settings) -> dict[str, tuple[int, list[tuple[str, bool]]]]:
    """Each page that can be reached from the two home pages without signing in: its status and its links."""
    settings.BASE_URL = "http://testserver"
    for _step in set_up_site():
        pass
    Furnished()
    client = Client(raise_request_exception=False)
    pages: dict[str, tuple[int, list[tuple[str, bool]]]] = {}
    waiting = deque(["/", "/en/"])
    while waiting and len(pages) < MOST:
        path = waiting.popleft()
        if path in pages:
            continue
        response = client.get(path)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        links = links_of(response.content.decode(), path) if response.status_code == 200 and is_page else []
        if response.status_code in (301, 302):
            links = [(response.headers["Location"], True)]
        pages[path] = (response.status_code, links)
        waiting += [link for link, _is_switch in links if link.startswith("/")]
    assert not waiting, "the crawl does not come to an end"
    return pages


def test_every_link_leads_somewhere(crawled):
    from_where = {link: page for page, (_status, links) in crawled.items() for link, _is_switch in links}
    broken = {path: (status, from_where.get(path)) for path, (status, _links) in crawled.items() if status >= 400}
    assert not broken
    # It went far enough to say something: both languages, a product, a shop, a story, a form.
    for path in ("/kategori/kuliner/", "/en/toko/keripik-bu-sri/", "/produk/sambal-bawang/", "/en/pengaduan/"):
        assert path in crawled


def test_each_language_stays_with_itself_but_for_the_switch(crawled):
    strays = set()
    for page, (_status, links) in crawled.items():
        is_english = page.startswith("/en/")
        for link, is_switch in links:
            if not is_switch and not link.startswith(WITHOUT_LANGUAGE) and link.startswith("/en/") != is_english:
                strays.add((page, link))
    assert not strays
    for page in ("/", "/kategori/kuliner/", "/produk/sambal-bawang/", "/bantuan/", "/sentra/", "/cari/"):
        _status, links = crawled[page]
        assert f"/en{page}" in [link for link, is_switch in links if is_switch], page
