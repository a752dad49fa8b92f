"""The screens where officers and editors tell the search what words mean and what stands first."""

import re
import threading

import pytest
from django.db import IntegrityError
from django.urls import reverse
from wagtail.admin.menu import admin_menu
from wagtail.snippets.views.snippets import CreateView
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from marketplace.audit.models import AuditEvent
from marketplace.outbox.services import process_due
from search.lexicon import current_analyser
from search.models import LexiconWord, PinnedResult, SynonymGroup
from search.pins import pin_products
from search.queries import SearchQuery
from search.services import search_products
from search.word_screens import PinForm
from tests.concurrency.threads import at_once
from tests.factories.shelf import put_on_sale

pytestmark = pytest.mark.django_db
TRY = "/admin/coba-kata/"
PINS, ADD_PIN = "wagtailsnippets_search_pinnedresult:list", "wagtailsnippets_search_pinnedresult:add"


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def tried(client, words: str) -> str:
    return text_of(client.get(TRY, {"q": words}).content.decode())


def pin_form(query: str, *products, **fields):
    rows = [{"product": product.pk, "ORDER": place} for place, product in enumerate(products, start=1)]
    return nested_form_data(
        {"query": query, "products": inline_formset(rows), "starts_on": "", "ends_on": "", "is_active": "on"} | fields
    )


# --- try it --------------------------------------------------------------------------------------------------------
def test_an_officer_sees_what_becomes_of_a_word_and_what_it_finds(officer_client, scene):
    for number in range(8):
        put_on_sale(scene.vendor, f"Keripik Tempe {number}", slug=f"tempe-{number}")
    page = officer_client.get(TRY, {"q": "KRIPIK untuk"})
    html = page.content.decode()
    assert page.status_code == 200
    assert html.count("<h1") == 1
    assert "menemukan 8 produk" in html
    assert html.count("/produk/tempe-") == 6
    shown = text_of(html)
    for words in ("KRIPIK → keripik", "dilindungi: keripik", "Kata dasar", "Awalan dan akhiran dilepas"):
        assert words in shown, words
    assert 'href="/cari/?q=KRIPIK%20untuk"' in html
    assert "Semua produk sudah dibaca" in shown


def test_a_slip_nothing_at_all_and_no_word_are_told_apart(officer_client, scene):
    put_on_sale(scene.vendor, "Topeng Malangan", slug="topeng")
    assert "jadi pembeli melihat hasil untuk “topeng”" in text_of(
        officer_client.get(TRY, {"q": "topemg"}).content.decode()
    )
    assert "“televisi” tidak menemukan apa pun" in tried(officer_client, "televisi")
    assert "Tidak ada kata dalam “!?”" in tried(officer_client, "!?")
    empty = officer_client.get(TRY)
    assert "misalnya “kripik”" in empty.content.decode()
    assert "try-steps" not in empty.content.decode()


def test_it_works_without_a_script_and_a_script_takes_only_the_part_that_changes(officer_client, scene):
    html = officer_client.get(TRY, {"q": "kripik"}).content.decode()
    form = re.search(r'<form class="try-box" method="get" action="([^"]+)".*?</form>', html, re.DOTALL)
    assert form[1] == TRY
    assert 'name="q" value="kripik"' in form[0]
    assert 'type="submit"' in form[0]
    assert 'data-w-swap-src-value="/admin/coba-kata/hasil/"' in form[0]
    part = officer_client.get("/admin/coba-kata/hasil/", {"q": "kripik"}).content.decode()
    assert "<html" not in part
    assert part.strip() in html


def test_what_is_typed_is_escaped(officer_client, scene):
    html = officer_client.get(TRY, {"q": '"><script>alert(1)</script> kripik'}).content.decode()
    assert "<script>alert(1)</script>" not in html


@pytest.mark.parametrize("model", ["synonymgroup", "lexiconword", "pinnedresult"])
def test_every_list_has_the_box(officer_client, scene, model):
    html = officer_client.get(f"/admin/snippets/search/{model}/").content.decode()
    assert f'<form class="try-box" method="get" action="{TRY}"' in html


@pytest.mark.parametrize("role", ["officer", "editor", "operator"])
def test_the_lists_and_the_trial_stand_in_the_menu(scene, rf, role):
    request = rf.get("/admin/")
    request.user = scene.people[role]
    (item,) = [item for item in admin_menu.menu_items_for_request(request) if item.name == "search-words"]
    inner = {one.url for one in item.menu.menu_items_for_request(request)}
    assert {TRY, reverse(PINS), reverse("wagtailsnippets_search_synonymgroup:list")} <= inner


def test_a_trial_asks_the_same_number_of_questions_for_any_length(officer_client, scene, django_assert_num_queries):
    put_on_sale(scene.vendor, "Keripik Tempe 0", slug="tempe-0")
    pin_products(query="keripik", products=[scene.product])
    officer_client.get("/admin/coba-kata/hasil/", {"q": "sambal"})
    for number in range(4):
        put_on_sale(scene.vendor, f"Sambal Bawang {number}", slug=f"sambal-{number}")
    officer_client.get("/admin/coba-kata/hasil/", {"q": "sambal"})
    with django_assert_num_queries(QUERIES):
        officer_client.get("/admin/coba-kata/hasil/", {"q": "sambal"})


QUERIES = 15


# --- a change takes effect -------------------------------------------------------------------------------------------
def test_a_synonym_that_an_officer_adds_is_in_force_with_the_next_search(client, officer_client, scene):
    put_on_sale(scene.vendor, "Wingko Babat")
    assert client.get("/cari/?q=kelapabakar").context["result"].total == 0
    kept = current_analyser()
    add = reverse("wagtailsnippets_search_synonymgroup:add")
    answer = officer_client.post(
        add, {"canonical": "wingko", "synonyms": "kelapabakar", "kind": "everyday", "is_active": "on"}
    )
    assert answer.status_code == 302
    assert client.get("/cari/?q=kelapabakar").context["result"].total == 1
    assert current_analyser() is not kept
    assert "kelapabakar = wingko" in tried(officer_client, "kelapabakar")
    event = AuditEvent.objects.get(action="search.synonymgroup_saved")
    assert (event.actor, event.data["synonyms"]) == (scene.people["officer"], "kelapabakar")


def test_the_screen_says_that_products_are_still_read_anew(officer_client, scene):
    put_on_sale(scene.vendor, "Wengko Babat")
    SynonymGroup.objects.create(canonical="wingko", spellings="wengko")
    assert "Produk sedang dibaca ulang" in officer_client.get(TRY).content.decode()
    process_due(topics=["search.rebuild"])
    html = officer_client.get(TRY, {"q": "wingko"}).content.decode()
    assert "Semua produk sudah dibaca" in html
    assert "menemukan 1 produk" in html


def test_words_that_are_deleted_together_lose_their_effect_at_once(officer_client, scene):
    rows = [LexiconWord.objects.create(word=word, kind=LexiconWord.Kind.STOP) for word in ("tolonglah", "mohonlah")]
    assert "tolonglah" in current_analyser().lexicon.stop_words
    action = reverse("wagtail_bulk_action", args=("search", "lexiconword", "delete"))
    officer_client.post(f"{action}?id={rows[0].pk}&id={rows[1].pk}")
    assert not LexiconWord.objects.filter(word__in=["tolonglah", "mohonlah"]).exists()
    assert "tolonglah" not in current_analyser().lexicon.stop_words
    events = AuditEvent.objects.filter(action="search.lexiconword_deleted", actor=scene.people["officer"])
    assert {event.data["word"] for event in events} == {"tolonglah", "mohonlah"}


def test_a_form_begins_with_the_word_of_the_address_or_leads_to_what_is_there(officer_client, scene):
    add = reverse("wagtailsnippets_search_synonymgroup:add")
    assert 'name="canonical" value="kelapabakar"' in officer_client.get(add, {"word": "kelapabakar"}).content.decode()
    there = SynonymGroup.objects.filter(canonical="keripik").get()
    assert officer_client.get(add, {"word": "Keripik"}).url.endswith(f"/edit/{there.pk}/")
    longest = officer_client.get(add, {"word": "x" * 300}).content.decode()
    assert f'value="{"x" * 80}"' in longest


# --- pins ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", ["officer", "editor", "operator"])
def test_products_are_pinned_changed_and_taken_back(client, scene, role):
    person = scene.client(role)
    first, second = (put_on_sale(scene.vendor, f"Keripik {name}", slug=name.lower()) for name in ("Satu", "Dua"))
    begun = person.get(reverse(ADD_PIN), {"query": "kado lebaran"}).content.decode()
    assert 'name="query" value="kado lebaran"' in begun
    answer = person.post(reverse(ADD_PIN), pin_form("Kado  lebaran", second, first))
    assert answer.status_code == 302, text_of(answer.content.decode())
    pin = PinnedResult.objects.get()
    assert pin.query == "Kado lebaran"
    html = client.get("/cari/?q=kado+lebaran").content.decode()
    assert html.count("Pilihan redaksi") == 2
    assert html.index("/produk/dua/") < html.index("/produk/satu/")
    listing = text_of(person.get(reverse(PINS)).content.decode())
    assert "Kado lebaran" in listing
    assert "disematkan" in tried(person, "kado lebaran")
    # Once more the same search leads to the pin that is there.
    edit = person.get(reverse(ADD_PIN), {"query": "KADO lebaran"}).url
    assert edit == reverse("wagtailsnippets_search_pinnedresult:edit", args=[pin.pk])
    rows = [
        {"id": row.pk, "product": row.product_id, "ORDER": 3 - place}
        for place, row in enumerate(pin.products.all(), start=1)
    ]
    person.post(edit, pin_form("Kado lebaran", products=inline_formset(rows, initial=2)))
    html = client.get("/cari/?q=kado+lebaran").content.decode()
    assert html.index("/produk/satu/") < html.index("/produk/dua/")
    person.post(reverse("wagtailsnippets_search_pinnedresult:delete", args=[pin.pk]))
    assert "Pilihan redaksi" not in client.get("/cari/?q=kado+lebaran").content.decode()
    verbs = AuditEvent.objects.filter(action__startswith="search.pinnedresult_").order_by("pk")
    assert [event.action.rpartition("_")[2] for event in verbs] == ["saved", "saved", "deleted"]
    assert {event.actor for event in verbs} == {scene.people[role]}
    assert [event.data["products"] for event in verbs] == [
        [second.pk, first.pk],
        [first.pk, second.pk],
        [first.pk, second.pk],
    ]


def test_a_pin_that_cannot_be_is_refused_with_what_to_do(editor_client, scene):
    pin_products(query="keripik tempe", products=[scene.product])
    for form, words in (
        (pin_form("kripik TEMPE", scene.product), "“keripik tempe” adalah pencarian yang sama"),
        (pin_form("!?", scene.product), "Tidak ada kata di dalamnya"),
        (pin_form("kado", scene.product, scene.product), "Produk ini sudah ada di daftar"),
        (
            pin_form("kado", scene.product, starts_on="2026-12-02", ends_on="2026-12-01"),
            "Hari terakhir mendahului hari pertama",
        ),
    ):
        answer = editor_client.post(reverse(ADD_PIN), form)
        assert answer.status_code == 200
        assert words in text_of(answer.content.decode()), words
    editor_client.post(reverse(ADD_PIN), pin_form("kado"))
    assert PinnedResult.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_pin_for_the_same_search_at_once_one_is_told_what_is_there(scene, monkeypatch):
    people = [scene.client("editor"), scene.client("operator")]
    both_are_checked = threading.Barrier(2, timeout=60)
    check = PinForm.clean_query

    def check_and_wait(form):
        text = check(form)
        both_are_checked.wait()
        return text

    monkeypatch.setattr(PinForm, "clean_query", check_and_wait)
    forms = [pin_form("kado lebaran", scene.product), pin_form("Kado-kado lebaran", scene.other_product)]
    answers = at_once(2, lambda number: people[number].post(reverse(ADD_PIN), forms[number]))
    assert sorted(answer.status_code for answer in answers) == [200, 302]
    pin = PinnedResult.objects.get()
    (refused,) = (answer for answer in answers if answer.status_code == 200)
    assert f"“{pin.query}” adalah pencarian yang sama" in text_of(refused.content.decode())
    assert AuditEvent.objects.filter(action="search.pinnedresult_saved").count() == 1


def test_a_row_that_the_database_refuses_for_another_reason_is_not_hidden(editor_client, scene, monkeypatch):
    def refuse(self):
        raise IntegrityError("disk image is malformed")

    monkeypatch.setattr(CreateView, "save_instance", refuse)
    with pytest.raises(IntegrityError):
        editor_client.post(reverse(ADD_PIN), pin_form("kado", scene.product))


def test_the_list_asks_the_same_number_of_questions_for_any_length(officer_client, scene, django_assert_num_queries):
    pin_products(query="kado", products=[scene.product])
    results = reverse("wagtailsnippets_search_pinnedresult:list_results")
    officer_client.get(results)
    for number in range(5):
        pin_products(query=f"kado {number}a", products=[scene.product, scene.other_product])
    with django_assert_num_queries(LIST_QUERIES):
        html = officer_client.get(results).content.decode()
    assert html.count("kado ") >= 5


LIST_QUERIES = 8


def test_several_pins_deleted_at_once_are_gone_from_the_page(editor_client, scene):
    product = put_on_sale(scene.vendor, "Keripik Satu")
    pins = [pin_products(query=query, products=[product]) for query in ("kado", "oleh-oleh")]
    action = reverse("wagtail_bulk_action", args=("search", "pinnedresult", "delete"))
    editor_client.post(f"{action}?id={pins[0].pk}&id={pins[1].pk}")
    assert not PinnedResult.objects.exists()
    assert search_products(SearchQuery(text="kado", literal=True)).total == 0
    assert AuditEvent.objects.filter(action="search.pinnedresult_deleted").count() == 2


@pytest.mark.parametrize("role", ["buyer", "vendor_owner"])
def test_nobody_else_pins(scene, role):
    answer = scene.client(role).post(reverse(ADD_PIN), pin_form("kado", scene.product))
    assert answer.status_code in (302, 403)
    assert not PinnedResult.objects.exists()
