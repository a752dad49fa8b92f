"""The tags and filters of the pages: icons, money, numbers, dates, addresses."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.paginator import Paginator
from django.template import TemplateSyntaxError, engines
from django.test import RequestFactory
from django.utils import timezone, translation

from marketplace.core.dates import format_local_date
from marketplace.core.icons import UnknownIcon, render_icon


def render(source: str, **context) -> str:
    return engines["django"].from_string(source).render(context)


def render_at(path: str, source: str, language: str = "id") -> str:
    request = RequestFactory().get(path, headers={"host": "lapak.example"})
    with translation.override(language):
        return engines["django"].from_string(source).render({}, request)


def test_icon_is_decoration_unless_it_has_a_label():
    bare = render('{% icon "basket" %}')
    named = render('{% icon "basket" size=20 weight="bold" label=label class="star" %}', label="Keranjang <b>")

    assert bare.startswith('<svg class="icon" viewBox="0 0 256 256" width="24" height="24" aria-hidden="true"><path')
    assert 'class="icon icon--20 star"' in named
    assert 'role="img" aria-label="Keranjang &lt;b&gt;"' in named


def test_icon_of_16_pixels_is_bold_by_default():
    assert render('{% icon "x" size=16 %}').split("<path")[1] == render_icon("x", 16, "bold").split("<path")[1]


def test_icon_name_may_come_from_the_context():
    assert render("{% icon name %}", name="truck") == render_icon("truck")


def test_icon_label_is_translated_when_the_page_is_drawn():
    template = engines["django"].from_string('{% load i18n %}{% icon "basket" label=_("Saturday") %}')

    with translation.override("en"):
        assert 'aria-label="Saturday"' in template.render()
    with translation.override("id"):
        assert 'aria-label="Sabtu"' in template.render()


@pytest.mark.parametrize("source", ['{% icon "no-such-icon" %}', '{% icon "basket" colour="red" %}', "{% icon %}"])
def test_wrong_icon_is_found_when_the_template_is_compiled(source):
    with pytest.raises(TemplateSyntaxError):
        engines["django"].from_string(source)


@pytest.mark.parametrize("name, weight", [("../../secret", "regular"), ("basket", "../regular"), ("basket", "thin")])
def test_icon_name_cannot_leave_its_folder(name, weight):
    with pytest.raises(UnknownIcon):
        render_icon(name, 24, weight)


@pytest.mark.parametrize("amount, text", [(15_000, "Rp15.000"), (0, "Rp0"), (1_284_000, "Rp1.284.000"), (None, "")])
def test_rupiah(amount, text):
    assert render("{{ amount|rupiah }}", amount=amount) == text


def test_rupiah_reads_the_same_in_english():
    with translation.override("en"):
        assert render("{{ 15000|rupiah }}") == "Rp15.000"


def test_rupiah_range_tells_the_lowest_only_when_prices_differ():
    with translation.override("en"):
        assert render("{% rupiah_range 20000 20000 %}") == "Rp20.000"
        assert render("{% rupiah_range 13000 20000 %}") == '<small class="price__from">from</small> Rp13.000'


def test_numbers_follow_the_language():
    source = "{{ 1120|number }} {{ 4.9|rating }} {{ 1800000|file_size }}"

    with translation.override("id"):
        assert render(source) == "1.120 4,9 1,8\u00a0MB"
    with translation.override("en"):
        assert render(source) == "1,120 4.9 1.8\u00a0MB"


@pytest.mark.parametrize(
    "name, letters",
    [("Dapur Tempe Ngalup", "DN"), ("keramik", "K"), ("Kopi & Teh", "KT"), ("“Lawas” Kopi", "K"), ("", "")],
)
def test_initials(name, letters):
    assert render("{{ name|initials }}", name=name) == letters


def test_dates_are_told_in_the_time_of_malang():
    moment = datetime(2026, 11, 24, 20, 41, tzinfo=UTC)  # 03.41 of the next day there

    with translation.override("id"):
        assert format_local_date(moment) == "25\u00a0Nov 2026"
        assert format_local_date(moment, "day") == "Rabu 25\u00a0Nov"
        assert format_local_date(moment, "long") == "Rabu, 25\u00a0November 2026"
        assert format_local_date(moment, "datetime") == "25\u00a0Nov 2026, 03.41"
    with translation.override("en"):
        assert format_local_date(moment, "time") == "03:41"
        assert format_local_date(date(2026, 10, 12), "month") == "October 2026"


def test_near_dates_have_names():
    today = timezone.localtime().replace(hour=9, minute=41)

    with translation.override("en"):
        assert format_local_date(today, "relative") == "Today, 09:41"
        assert format_local_date(today, "within") == "today, 09:41"
        assert format_local_date(today - timedelta(days=1), "relative") == "Yesterday, 09:41"
        assert format_local_date(today.date() + timedelta(days=1), "relative") == "Tomorrow"


@pytest.mark.parametrize("value, style", [(date(2026, 1, 1), "time"), (timezone.now(), "fortnight")])
def test_date_styles_that_do_not_exist(value, style):
    with pytest.raises(ValueError):
        format_local_date(value, style)


@pytest.mark.parametrize(
    "path, language, other",
    [("/cari/?q=kopi", "id", "/en/cari/?q=kopi"), ("/en/cari/?q=kopi", "en", "/cari/?q=kopi"), ("/", "id", "/en/")],
)
def test_language_switch_keeps_the_page_and_its_query(path, language, other):
    source = "{% language_switch as other %}{{ other.url }}"

    assert render_at(path, source, language).replace("&amp;", "&") == other


def test_alternates_name_both_languages_and_the_default():
    html = render_at("/en/toko/ngalup/?page=2", "{% alternates %}", "en")

    assert '<link rel="alternate" hreflang="id" href="http://lapak.example/toko/ngalup/">' in html
    assert '<link rel="alternate" hreflang="en" href="http://lapak.example/en/toko/ngalup/">' in html
    assert '<link rel="alternate" hreflang="x-default" href="http://lapak.example/toko/ngalup/">' in html


def test_site_path_and_current_follow_the_language():
    source = '{% site_path "keranjang/" %}{% current "keranjang/" %}{% current "cari/" %}'

    assert render_at("/en/keranjang/", source, "en") == '/en/keranjang/ aria-current="page"'
    assert render_at("/cari/", source) == '/keranjang/ aria-current="page"'


def test_current_home_is_the_home_page_only():
    assert render_at("/", '{% current "" %}') == ' aria-current="page"'
    assert render_at("/cari/", '{% current "" %}') == ""


def test_site_identity_takes_what_the_editors_gave(settings):
    template = engines["django"].from_string("{% site_identity as site %}{{ site.name }}|{{ site.tagline }}")

    assert template.render({}) == f"{settings.SITE_NAME}|"
    assert template.render({"site_identity": {"name": "Pasar Ngalam", "tagline": ""}}) == "Pasar Ngalam|"


def test_table_helpers():
    assert (
        render("{% for a, b in left|paired_with:right %}{{ a }}{{ b }} {% endfor %}", left="ab", right="12") == "a1 b2 "
    )
    page = Paginator(range(240), 24).page(5)
    assert render("{% for n in page|page_numbers %}{{ n }} {% endfor %}", page=page) == "1 2 3 4 5 6 7 … 10 "


def test_tags_hold_without_a_request():
    source = "{% alternates %}{% current '' %}{% language_switch as other %}{{ other.url }}"

    with translation.override("id"):
        assert render(source) == "/en/"
