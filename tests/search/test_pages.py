"""The search page and the suggestions, as a visitor gets them."""

import json
import re

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.template.loader import get_template
from django.utils import translation
from django.utils.safestring import mark_safe

from marketplace.catalogue.models import Product, ProductListing
from marketplace.outbox.services import process_due
from search.models import LexiconWord, SynonymGroup
from search.queries import SearchQuery, parse
from search.services import cards, search_products
from search.templatetags.product_cards import _distance, _Shown, product_cards
from tests.factories.shelf import put_on_sale

pytestmark = pytest.mark.django_db


@pytest.fixture
def crisps(scene):
    for number in range(30):
        put_on_sale(
            scene.vendor, f"Keripik Tempe Rasa {number}", prices=(10_000 + number * 1000,), slug=f"rasa-{number}"
        )
    return scene


def test_the_page_lists_counts_and_pages(client, crisps):
    page = client.get("/cari/?q=kripik")
    assert page.status_code == 200
    assert page.context["result"].total == 30
    html = page.content.decode()
    assert html.count('class="product-card"') == 24
    assert '<link rel="next" href="/cari/?q=kripik&amp;page=2">' in html
    assert '<meta name="robots" content="noindex, follow">' in html
    second = client.get("/cari/?q=kripik&page=2")
    assert second.content.decode().count('class="product-card"') == 6
    assert '<link rel="prev"' in second.content.decode()


def test_other_pages_are_linked_by_what_the_search_knows_alone(client, crisps):
    html = client.get("/cari/?utm_source=x&page=1&q=++kripik&urut=salah&terima=cod&harga_max=Rp900.000&x=%22").content
    html = html.decode()
    assert '<link rel="next" href="/cari/?q=kripik&amp;harga_max=900000&amp;terima=cod&amp;page=2">' in html
    assert 'rel="next" href="?q=kripik&amp;harga_max=900000&amp;terima=cod&amp;page=2"' in html
    assert not re.search(r'<(?:link|a [^>]*rel="(?:next|prev)"|a class="pagination__page")[^>]*utm_source', html)
    second = client.get("/cari/?utm_source=x&q=kripik&page=2").content.decode()
    assert '<link rel="prev" href="/cari/?q=kripik">' in second


def test_a_category_and_a_shop_link_their_pages_the_same_way(client, crisps):
    for address in ("/kategori/kuliner/keripik-tempe/", f"/toko/{crisps.vendor.slug}/"):
        html = client.get(f"{address}?utm_source=x").content.decode()
        assert 'rel="next" href="?page=2"' in html, address


def test_its_queries_do_not_grow_with_its_rows(client, crisps, django_assert_num_queries):
    client.get("/cari/?q=kripik")
    # Signed in, so that nothing comes from the page cache: the versions, the search, the cards.
    client.force_login(crisps.buyer, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/cari/?q=kripik")
    with django_assert_num_queries(3):
        client.get("/cari/?q=kripik&page=2")


def test_filters_are_chips_that_can_be_taken_away(client, crisps):
    html = client.get("/cari/?q=kripik&harga_max=20000&terima=cod&urut=termurah").content.decode()
    assert "Sampai Rp20.000" in html or "Up to Rp20.000" in html
    assert 'href="/cari/?q=kripik&amp;terima=cod&amp;urut=termurah"' in html
    assert 'href="/cari/?q=kripik&amp;urut=termurah"' in html


def test_a_price_that_keeps_others_away_is_said(client, crisps):
    page = client.get("/cari/?q=kripik&harga_max=12000")
    assert (
        page.context["cheaper_hint"]["count"] == page.context["result"].facets.any_price - page.context["result"].total
    )


def test_nothing_found_says_what_helps(client, crisps):
    page = client.get("/cari/?q=televisi")
    assert page.status_code == 200
    assert "televisi" in page.content.decode()
    assert 'href="/kategori/"' in page.content.decode()


def test_a_correction_is_said_and_can_be_refused(client, crisps):
    page = client.get("/cari/?q=keripk+tempeh")
    assert page.context["result"].corrected == "keripik tempeh"
    assert "ejaan=asli" in page.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/cari/?page=0", "/cari/?page=-1", "/cari/?page=999999999999999999999", "/cari/?page=a", "/cari/?harga_min=abc",
        "/cari/?harga_max=99999999999999999999999", "/cari/?harga_min=5&harga_max=1", "/cari/?kategori=../../etc",
        "/cari/?kategori=%00", "/cari/?wilayah=%27", "/cari/?wilayah=35.73&wilayah=35.73.01", "/cari/?urut=%22",
        "/cari/?tahan=-1", "/cari/?tahan=%C2%B2", "/cari/?izin=%3Cscript%3E", "/cari/?terima=x", "/cari/?q=%00",
        "/cari/?q=%ff",
        "/cari/?" + "&".join(f"kategori=k{n}" for n in range(200)), "/cari/saran/?q=%00%22", "/cari/saran/",
    ],
)  # fmt: skip
def test_no_address_breaks_the_page(client, crisps, address):
    assert client.get(address).status_code == 200


def test_what_is_typed_is_escaped_everywhere(client, crisps):
    put_on_sale(crisps.vendor, "<b>Keripik</b> & <i>Tempe</i>", slug="tebal")
    html = client.get('/cari/?q=keripik"><script>alert(1)</script>').content.decode()
    assert "<script>alert(1)</script>" not in html
    html = client.get("/cari/?q=keripik&harga_max=15000").content.decode()
    assert "<b>Keripik</b>" not in html
    assert "&lt;b&gt;<mark>Keripik</mark>&lt;/b&gt; &amp; &lt;i&gt;Tempe&lt;/i&gt;" in html


def test_words_are_marked_in_names(client, crisps):
    assert "<mark>Keripik</mark> <mark>Tempe</mark> Rasa" in client.get("/cari/?q=kripik+tempe").content.decode()


def test_a_card_is_drawn_from_everything_that_it_shows():
    """Cards are kept by what they show: something that the template shows but the key lacks would go stale."""
    source = get_template("components/product_card.html").template.source
    shown = set(re.findall(r"listing\.(\w+)", source.split("{% endcomment %}", 1)[1]))
    made = {"get_absolute_url", "is_sold_out", "name_display"}
    assert shown - made <= set(_Shown._fields)


def test_an_unmarked_name_never_passes_for_html(scene):
    one = put_on_sale(scene.vendor, "<b>Stik</b>", slug="stik").listing
    (card,) = cards([one])
    assert "&lt;b&gt;" in product_cards([card])
    card.shown_name = mark_safe("<b>Stik</b>")
    assert '"><b>Stik</b></a>' in product_cards([card])
    card.shown_name = "<b>Stik</b>"
    assert "&lt;b&gt;" in product_cards([card])


def test_suggestions_are_options(client, crisps):
    html = client.get("/cari/saran/?q=krip", headers={"HX-Request": "true"}).content.decode()
    assert html.count('role="option"') >= 3
    assert 'data-url="/produk/' in html
    assert client.get("/cari/saran/?q=k").content.strip() == b""


def test_english_pages_speak_english(client, crisps):
    html = client.get("/en/cari/?q=kripik").content.decode()
    assert "Best match" in html
    assert 'href="/en/produk/' in html


def test_addresses_are_read_and_written_alike(rf):
    address = (
        "q=kripik+tempe&kategori=kuliner%2Fkopi&wilayah=35.73&subsektor=kriya&harga_min=5000&harga_max=20000&izin=halal"
        "&terima=cod&tahan=30&stok=ada&nilai=4&dekat=35.73.01.1002&urut=termurah&page=3"
    )
    query = parse(rf.get(f"/cari/?{address}").GET)
    assert query == SearchQuery(
        text="kripik tempe", categories=("kuliner/kopi",), regions=("35.73",), subsectors=("kriya",),
        price_min=5000, price_max=20000, rating=4, near="35.73.01.1002",
        permits=("halal",), deliveries=("cod",), shelf_life=30, in_stock=True, sort="termurah", page=3,
    )  # fmt: skip
    assert query.query_string() == f"?{address}"
    assert parse(rf.get("/cari/?harga_max=Rp25.000").GET).price_max == 25_000


# --- the index and the lists of words ------------------------------------------------------------------------------
def test_a_product_that_goes_on_sale_is_found_through_the_outbox(client, scene):
    put_on_sale(scene.vendor, "Wingko Babat", indexed=False)
    assert client.get("/cari/?q=wingko").context["result"].total == 0
    process_due(topics=["search.index"])
    assert search_products(SearchQuery(text="wingko")).total == 1
    assert "Wingko Babat" in client.get("/cari/?q=wingko").content.decode().replace("<mark>", "").replace("</mark>", "")


def test_a_product_taken_off_sale_leaves_the_index(scene):
    product = put_on_sale(scene.vendor, "Wingko Babat")
    Product.objects.filter(pk=product.pk).update(live=False)
    process_due(topics=["search.index"])
    assert not hasattr(Product.objects.get(pk=product.pk), "search_document")


def test_a_new_synonym_is_in_force_at_once(client, scene):
    put_on_sale(scene.vendor, "Wingko Babat")
    assert client.get("/cari/?q=kelapabakar").context["result"].total == 0
    SynonymGroup.objects.create(canonical="wingko", synonyms="kelapabakar")
    assert "Babat" in client.get("/cari/?q=kelapabakar").content.decode()


def test_a_new_spelling_reaches_the_index_by_the_worker(scene):
    put_on_sale(scene.vendor, "Wengko Babat")
    SynonymGroup.objects.create(canonical="wingko", spellings="wengko")
    process_due(topics=["search.rebuild"])
    assert search_products(SearchQuery(text="wingko")).total == 1
    assert search_products(SearchQuery(text="wengko")).total == 1


def test_a_new_stop_word_is_in_force_at_once(scene):
    put_on_sale(scene.vendor, "Wingko Babat")
    assert search_products(SearchQuery(text="tolong wingko", literal=True)).total == 0
    LexiconWord.objects.create(word="tolong", kind=LexiconWord.Kind.STOP)
    assert search_products(SearchQuery(text="tolong wingko", literal=True)).total == 1


# --- the command line ----------------------------------------------------------------------------------------------
def test_the_command_prints_what_the_page_shows(scene, capsys):
    put_on_sale(scene.vendor, "Wingko Babat")
    call_command("search_query", "wingko", "--engine", "database", "--json", "--explain")
    answer = json.loads(capsys.readouterr().out)
    assert [hit["slug"] for hit in answer["hits"]] == ["wingko-babat"]
    assert answer["hits"][0]["score"] > 0
    assert (answer["engine"], answer["simplified"]) == ("database", False)
    assert "wingko" in answer["explanation"]
    assert {"wingko"} == {step["result"] for step in answer["steps"][:5]}


def test_the_command_says_how_it_understood_and_what_would_help(scene, capsys):
    put_on_sale(scene.vendor, "Wingko Babat")
    call_command("search_query", "wingko durian montong", "--explain")
    shown = capsys.readouterr().out
    assert "0 found" in shown
    assert "keripik" not in shown
    call_command("search_query", "Kripik", "--explain")
    assert "Kripik → keripik" in capsys.readouterr().out


def test_the_command_asks_the_engine_that_is_named_and_no_other(scene, settings):
    settings.ELASTICSEARCH = {**settings.ELASTICSEARCH, "urls": ["http://127.0.0.1:9"]}
    with pytest.raises(CommandError, match="elasticsearch does not answer"):
        call_command("search_query", "wingko", "--engine", "elasticsearch")


def test_the_command_answers_a_file_line_by_line(scene, tmp_path, capsys):
    put_on_sale(scene.vendor, "Wingko Babat")
    file = tmp_path / "queries.txt"
    file.write_text('wingko\n"\n\nxyz\n', encoding="utf-8")
    call_command("search_query", file=str(file))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["query"] for line in lines] == ["wingko", '"', "xyz"]
    assert [line["total"] for line in lines] == [1, 0, 0]


def test_the_command_says_what_is_missing():
    with pytest.raises(CommandError, match="Give a query"):
        call_command("search_query")
    with pytest.raises(CommandError, match="no file"):
        call_command("search_query", file="/nirgends.txt")


def test_the_rebuild_command_writes_everything(scene, capsys):
    put_on_sale(scene.vendor, "Wingko Babat", indexed=False)
    call_command("search_rebuild", verbosity=0)
    assert "3 documents written" in capsys.readouterr().out


def test_the_nearest_can_be_chosen_once_it_is_known_from_where(client, crisps):
    assert '<option value="terdekat"' not in client.get("/cari/?q=kripik").content.decode()
    html = client.get("/cari/?q=kripik&dekat=-7.95,112.64&urut=terdekat").content.decode()
    assert 'value="terdekat" selected' in html
    assert 'name="dekat" value="-7.950,112.640"' in html


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("35.73.01.1002", "35.73.01.1002"),
        (" -7.9541273,112.6444621 ", "-7.954,112.644"),
        ("95,10", ""),
        ("-7.9,200", ""),
        ("35", ""),
        ("x", ""),
        ("-7.9,112.6,1", ""),
    ],
)
def test_a_place_is_kept_to_a_hundred_metres(rf, typed, kept):
    assert parse(rf.get("/cari/", {"dekat": typed}).GET).near == kept


# --- ways on -----------------------------------------------------------------------------------------------------
def test_nothing_within_the_filters_names_what_to_leave_out(client, crisps):
    html = client.get("/cari/?q=kripik&harga_min=900000").content.decode()
    assert '<a class="link" href="/cari/?q=kripik">' in html
    assert "30 produk tanpa batas harga" in html


def test_nothing_for_a_slip_of_the_pen_offers_what_was_meant(client, scene):
    put_on_sale(scene.vendor, "Topeng Malangan", slug="topeng")
    html = client.get("/cari/?q=topemg&ejaan=asli").content.decode()
    assert '<a class="link" href="/cari/?q=topeng">topeng</a>' in html


def test_price_bands_are_links_with_true_counts(client, crisps):
    html = client.get("/cari/?q=kripik").content.decode()
    band = re.search(
        r'<a class="chip" href="(/cari/[^"]*harga_min=25000[^"]*)"[^>]*>[^<]*<span class="muted">(\d+)</span>', html
    )
    assert band is not None
    narrowed = client.get(band[1].replace("&amp;", "&"))
    assert narrowed.context["result"].total == int(band[2]) > 0
    assert 'class="chip chip--selected"' in narrowed.content.decode()


# --- near me -----------------------------------------------------------------------------------------------------
def test_a_district_is_chosen_from_a_list_without_script(client, crisps):
    html = client.get("/cari/?q=kripik&stok=ada&urut=termurah").content.decode()
    form = re.search(r'<form class="near__form" method="get" action="/cari/".*?</form>', html, re.DOTALL)[0]
    assert '<input type="hidden" name="q" value="kripik"><input type="hidden" name="stok" value="ada">' in form
    assert form.count('name="urut"') == 1
    village = crisps.vendor.village_id
    assert f'<option value="{village[:8]}">' in form
    assert "km" not in re.search(r'class="product-card__place.*?</p>', html)[0]


def test_a_chosen_place_gives_distances_its_villages_and_a_way_back(client, crisps):
    district = crisps.vendor.village_id[:8]
    ProductListing.objects.update(latitude=-7.98, longitude=112.63)
    html = client.get(f"/cari/?q=kripik&dekat={district}&urut=terdekat").content.decode()
    assert f'<option value="{district}" selected>' in html
    assert f'<option value="{crisps.vendor.village_id}">' in html
    assert re.search(r"\d\xa0km</span>", html)
    assert '<a class="link" href="/cari/?q=kripik">' in html
    assert '<meta name="robots" content="noindex, follow">' in html
    assert '<link rel="canonical" href="http://testserver/cari/?q=kripik">' in html


def test_a_position_is_called_the_visitors_own_and_other_orders_stay(client, crisps):
    html = client.get("/cari/?dekat=-7.9541,112.6444&urut=termurah").content.decode()
    assert '<option value="-7.954,112.644" selected>posisimu</option>' in html
    assert '<a class="link" href="/cari/?urut=termurah">' in html
    assert '<input type="hidden" name="dekat" value="-7.954,112.644">' in html


@pytest.mark.parametrize(
    ("kilometres", "shown"),
    [(None, ""), (0.04, "0,0\xa0km"), (1.23, "1,2\xa0km"), (9.96, "10\xa0km"), (1234.5, "1.234\xa0km")],
)
def test_distances_are_as_exact_as_they_help(kilometres, shown):
    with translation.override("id"):
        assert _distance(kilometres) == shown


def test_places_cost_no_query_of_their_own(client, crisps, django_assert_num_queries):
    address = f"/cari/?q=kripik&dekat={crisps.vendor.village_id}&urut=terdekat"
    client.force_login(crisps.buyer, backend="django.contrib.auth.backends.ModelBackend")
    client.get(address)
    with django_assert_num_queries(3):
        client.get(address + "&page=2")


def test_suggestions_stand_in_named_groups_and_are_counted(client, crisps):
    html = client.get("/cari/saran/?q=krip").content.decode()
    assert re.search(
        r'<ul role="group" aria-labelledby="saran-products"><li [^>]*presentation" id="saran-products">Produk</li>',
        html,
    )
    assert f'data-status="{html.count(chr(34) + "option" + chr(34))} saran.' in html
    assert 'id="saran-shops"' not in html
