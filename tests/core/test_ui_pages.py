"""The frame of the pages, the page of components, and what a strict policy on content asks of every template."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib import messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.middleware import SessionMiddleware
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.utils import translation

from marketplace.core import assets

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
# Mail programs know no stylesheets, and the officers' pages in the admin stand under its own policy.
WITHOUT_POLICY = ("mail", "wagtailadmin", "sandbox")


class Outline(HTMLParser):
    """Counts what a page must have once and collects what it must not have."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.first: dict[str, dict[str, str | None]] = {}
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.first.setdefault(tag, dict(attrs))
        self.attributes += [(tag, name) for name, _value in attrs]
        self.ids += [value for name, value in attrs if name == "id"]


def base_page(language: str = "id") -> str:
    with translation.override(language):
        return render_to_string("base.html", request=RequestFactory().get("/" if language == "id" else "/en/"))


@pytest.mark.parametrize("language", ["id", "en"])
def test_frame_has_language_skip_link_and_one_main(db, language):
    html = base_page(language)
    outline = Outline(html)

    assert outline.first["html"]["lang"] == language
    assert outline.first["a"] == {"class": "skip-link", "href": "#isi"}
    assert outline.tags.count("main") == 1
    assert outline.first["main"]["id"] == "isi"
    assert outline.tags.count("header") == outline.tags.count("footer") == 1
    assert '<label class="visually-hidden" for="search-query">' in html
    assert outline.first["form"]["action"] == ("/cari/" if language == "id" else "/en/cari/")


def request_with_session():
    request = RequestFactory().get("/")
    SessionMiddleware(lambda _request: HttpResponse()).process_request(request)
    request._messages = FallbackStorage(request)
    return request


def test_frame_reads_no_session_and_carries_no_token(db):
    request = request_with_session()

    html = render_to_string("base.html", request=request)

    assert not request.session.accessed
    assert "csrfmiddlewaretoken" not in html


def test_frame_shows_a_message_of_the_last_request(db):
    request = request_with_session()
    messages.success(request, "Sudah di <keranjang>.")

    html = render_to_string("base.html", request=request)

    assert '<div class="toast" data-toast>' in html
    assert "Sudah di &lt;keranjang&gt;." in html


def test_frame_reads_out_toasts(db):
    html = base_page()

    assert re.search(r'<div class="toast-region" id="toasts" role="status" aria-live="polite"', html)


def test_page_of_components_draws_every_component(client, db):
    drawn: set[str] = set()
    for path in TEMPLATES:
        if path.parent.name == "core" or path.parent.name == "layouts" or path.parent.name == "components":
            drawn |= set(re.findall(r'include "components/([a-z_]+)\.html"', path.read_text()))
    drawn |= {"field", "error_summary"}  # by their tags
    drawn |= {"basket_badge"}  # the answer of the basket's own address
    own = {path.stem for path in TEMPLATES if path.parent.name == "components"}

    assert own - drawn - {"facets"} == set()
    for language, heading in (("", "/_components/"), ("/en", "/en/_components/")):
        answer = client.get(f"{language}/_components/")
        assert answer.status_code == 200
        assert heading in answer.text or "components-page.css" in answer.text


def test_page_of_components_is_clean_html(client, db):
    outline = Outline(client.get("/en/_components/?theme=dark").text)

    assert outline.first["html"]["data-theme"] == "dark"
    assert outline.tags.count("main") == 1
    assert "style" not in outline.tags
    assert [pair for pair in outline.attributes if pair[1] == "style" or pair[1].startswith("on")] == []


def test_unknown_theme_is_ignored(client, db):
    outline = Outline(client.get('/en/_components/?theme="><script>').text)

    assert "data-theme" not in outline.first["html"]


def test_page_of_components_is_absent_in_production():
    code = (
        "import django; django.setup()\n"
        "from django.conf import settings; from django.urls import resolve, reverse, NoReverseMatch\n"
        "assert settings.COMPONENTS_PAGE is False\n"
        "try:\n    reverse('core:components')\nexcept NoReverseMatch:\n    print('absent')\n"
    )
    # Whatever production asks for without a default gets something, so that only the page is in question.
    source = (settings.BASE_DIR / "marketplace/settings/production.py").read_text()
    secrets = dict.fromkeys(re.findall(r'env(?:\.\w+)?\("([A-Z_]+)"\)', source), "x" * 50)
    environment = {
        **secrets,
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "marketplace.settings.production",
        "ALLOWED_HOSTS": "lapak.example",
        "BASE_URL": "https://lapak.example",
        "DATABASE_URL": "sqlite://:memory:",
        "REDIS_URL": "redis://127.0.0.1:9/0",
    }

    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.strip() == "absent", done.stderr


def _of_the_site(path: Path) -> bool:
    return not any(word in str(path.relative_to(settings.BASE_DIR)) for word in WITHOUT_POLICY)


@pytest.mark.parametrize(
    "path", [path for path in TEMPLATES if _of_the_site(path)], ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_template_has_nothing_that_the_policy_refuses(path):
    source = path.read_text()

    assert not re.search(r"<[^>]*\sstyle=", source), "an inline style"
    assert not re.search(r"<[^>]*\son[a-z]+=", source), "an inline handler"
    assert not re.search(r"<style[\s>]", source), "a style element"
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", source), "an inline script"


@pytest.mark.parametrize(
    "path", [path for path in TEMPLATES if path.parent.name == "components"], ids=lambda path: path.stem
)
def test_component_tells_its_parameters(path):
    assert path.read_text().startswith("{% comment %}")
    assert get_template(f"components/{path.name}")


@pytest.mark.parametrize("code", ["403", "404", "429", "500"])
def test_error_pages_stand_alone(code):
    with translation.override("en"):
        outline = Outline(render_to_string(f"{code}.html", {}))

    assert outline.tags.count("h1") == outline.tags.count("main") == 1
    assert outline.first["html"]["lang"] == "en"


def test_bundles_hold_every_file_once(tmp_path, settings):
    settings.VAR_DIR = tmp_path
    finder = assets.BundleFinder()

    css = Path(finder.find(assets.STYLE_BUNDLE)).read_text()
    script = Path(finder.find(assets.SCRIPT_BUNDLE)).read_text()

    assert css.count(".product-card__tag {") == 1
    assert css.index("--page:") < css.index(".button {") < css.index(".above-8 {")
    assert "/*" not in css
    assert script.count('document.getElementById("toasts")') >= 1
    assert {path for path, _storage in finder.list(None)} == {assets.STYLE_BUNDLE, assets.SCRIPT_BUNDLE}
    assert finder.find("lapak/css/other.css") == []


def test_bundle_is_written_anew_when_a_source_changes(tmp_path, settings):
    settings.VAR_DIR = tmp_path
    finder = assets.BundleFinder()
    path = Path(finder.find(assets.STYLE_BUNDLE))
    path.write_text("old")
    os.utime(path, (0, 0))

    assert "--page:" in Path(finder.find(assets.STYLE_BUNDLE)).read_text()


def test_every_address_in_the_stylesheets_is_a_file():
    names = [*assets.stylesheet_names(), "lapak/css/components-page.css"]
    for name in names:
        for address in re.findall(r'url\("?([^")]+)"?\)', (assets.STATIC_DIR / name).read_text()):
            assert (assets.STATIC_DIR / name).parent.joinpath(address).resolve().is_file(), f"{name}: {address}"
    bundled = re.findall(r'url\("([^")]+)"\)', assets.build_stylesheet())
    assert bundled
    for address in bundled:
        assert finders.find(os.path.normpath(f"lapak/css/{address}")), address


def test_one_link_without_debug_and_every_file_with_it(settings):
    template = "{% stylesheets %}{% scripts %}"
    from django.template import engines

    settings.DEBUG = False
    assert engines["django"].from_string(template).render().count("<link") == 1
    settings.DEBUG = True
    drawn = engines["django"].from_string(template).render()
    assert drawn.count("<link") == len(assets.stylesheet_names()) > 30
    assert drawn.count('<script type="module"') == len(assets.script_names())


def test_frame_takes_name_theme_and_contacts_of_the_editors():
    identity = {
        "name": "Pasar Ngalam",
        "theme_url": "/tema.css?v=1",
        "phone": "0341 000000",
        "email": "halo@lapak.example",
        "footer_columns": [{"title": "Belanja", "links": [{"label": "Semua", "url": "/kategori/"}]}],
    }

    html = render_to_string("base.html", {"site_identity": identity})

    assert html.index("lapak.css") < html.index('<link rel="stylesheet" href="/tema.css?v=1">')
    assert " · Pasar Ngalam</title>" in html
    assert 'href="mailto:halo@lapak.example"' in html
    assert "<h2>Belanja</h2>" in html


def test_bar_at_the_foot_can_be_drawn_anew_by_a_fragment():
    bar = {"bar_id": "bilah", "label": "Beli", "amount": 20_000, "form_id": "beli", "is_disabled": True}

    html = render_to_string("components/buy_bar.html", bar)

    assert '<div class="buy-bar" role="region" aria-label="Beli" id="bilah">' in html
    assert '<button class="button" type="submit" form="beli" disabled>Beli</button>' in html
    assert "Rp20.000" in html
