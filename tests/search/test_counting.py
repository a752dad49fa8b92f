"""What people search for is counted by day: through the page that they got, from a cache or not, and nobody with it."""

import re
from datetime import timedelta

import pytest
from django.core.signing import Signer
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from marketplace.core import pagecache
from marketplace.outbox import registry
from marketplace.outbox.models import OutboxMessage
from search.insight import services, tokens
from search.insight.models import ClickDay, SearchDay, SearchedWords
from search.insight.words import counted_words
from tests.factories.shelf import put_on_sale

pytestmark = pytest.mark.django_db
ADDRESS = "/cari/hitung/"
VIEW = "0123456789abcdef01234567"


@pytest.fixture
def crisps(scene):
    for number in range(30):
        put_on_sale(scene.vendor, f"Keripik Tempe Rasa {number}", slug=f"rasa-{number}")
    return scene


def token_in(html: str) -> str:
    found = re.search(r'id="hasil"[^>]* data-counted="([^"]+)"', html)
    return found.group(1) if found else ""


def tell(client: Client, token: str, *, view: str = VIEW, event: str = "seen", **fields: object):
    headers = fields.pop("headers", None)
    return client.post(ADDRESS, {"token": token, "view": view, "event": event, **fields}, headers=headers)


def token_for(text: str, *, results: int = 5, page: int = 1, **flags: bool) -> str:
    return tokens.sign(tokens.Shown(text, results, page, **flags))


def clicks() -> dict[int, int]:
    return dict(ClickDay.objects.values_list("position", "clicks"))


# --- through the page --------------------------------------------------------------------------------------------
def test_a_search_and_an_opened_product_are_counted(client, crisps):
    html = client.get("/cari/?q=Kripik").content.decode()
    assert " data-asked>" in html
    token = token_in(html)
    assert tell(client, token).status_code == 204
    assert tell(client, token, event="click", place=3, first=1).status_code == 204
    day = SearchDay.objects.get()
    assert day.day == timezone.localdate()
    assert (day.searches, day.without_results, day.loosened, day.followed, day.results) == (1, 0, 0, 1, 30)
    assert clicks() == {3: 1}


def test_a_page_from_the_cache_counts_too(crisps, django_assert_num_queries):
    first, second = Client(), Client()
    first.get("/cari/?q=kripik")
    with django_assert_num_queries(1):  # the versions: the page itself comes from the cache
        html = second.get("/cari/?q=kripik").content.decode()
    tell(second, token_in(html))
    tell(first, token_in(html), view=VIEW[::-1])
    assert SearchDay.objects.get().searches == 2


def test_counting_leaves_pages_in_the_cache_and_writes_no_message(client, crisps):
    token = token_in(client.get("/cari/?q=kripik").content.decode())
    OutboxMessage.objects.all().delete()
    before = pagecache._asked_versions()
    tell(client, token)
    tell(client, token, event="click", place=1, first=1)
    assert pagecache._asked_versions() == before
    assert not OutboxMessage.objects.exists()


def test_the_token_stays_the_same_for_a_day(client, crisps):
    page = client.get("/cari/?q=kripik")
    pagecache.bump(pagecache.SEARCH)
    assert client.get("/cari/?q=kripik").headers["ETag"] == page.headers["ETag"]


def test_positions_go_on_over_pages_and_end_where_filters_begin(client, crisps):
    second = token_in(client.get("/cari/?q=kripik&page=2").content.decode())
    tell(client, second, event="click", place=2, first=1)
    narrowed = client.get("/cari/?q=kripik&urut=termurah").content.decode()
    assert " data-asked" not in narrowed
    tell(client, token_in(narrowed), view=VIEW[::-1], event="click", place=1)
    assert clicks() == {26: 1, services.NARROWED: 1}
    assert SearchDay.objects.get().followed == 1


def test_only_who_searches_for_words_is_counted(client, crisps):
    for address in ("/cari/", "/kategori/kuliner/keripik-tempe/", "/kategori/kuliner/keripik-tempe/?q=tempe"):
        assert not token_in(client.get(address).content.decode()), address
    assert "data-asked" not in client.get("/cari/?q=keripk&ejaan=asli").content.decode()


def test_nothing_found_and_similar_found_are_told_apart(client, crisps):
    for number, text in enumerate(("televisi", "keripik+zzqx")):
        token = token_in(client.get(f"/cari/?q={text}").content.decode())
        tell(client, token, view=VIEW[:-1] + str(number))
    found = {day.words.key: (day.without_results, day.loosened) for day in SearchDay.objects.select_related("words")}
    assert sorted(found.values()) == [(0, 1), (1, 0)]


def test_one_view_counts_once(client):
    token = token_for("kripik")
    for _again in range(3):
        tell(client, token)
        tell(client, token, event="click", place=2, first=1)
    tell(client, token, event="click", place=5)
    assert SearchDay.objects.get().searches == 1
    assert SearchDay.objects.get().followed == 1
    assert clicks() == {2: 1, 5: 1}


def test_who_asks_not_to_be_followed_is_not(client):
    for headers in ({"Sec-GPC": "1"}, {"DNT": "1"}):
        assert tell(client, token_for("kripik"), headers=headers).status_code == 204
        assert tell(client, token_for("kripik"), event="click", place=1, headers=headers).status_code == 204
    assert not SearchedWords.objects.exists()


def test_what_is_not_ours_is_refused(client, time_machine):
    good = token_for("kripik")
    forged = Signer(salt="other").sign_object(["kripik", 5, 1, 0, timezone.localdate().toordinal()])
    for token in (
        "",
        "x",
        good[:-1] + ("a" if good[-1] != "a" else "b"),
        forged,
        Signer(salt=tokens.SALT).sign_object({}),
    ):
        assert tell(client, token).status_code == 400, token
    for wrong in ({"event": "other"}, {"event": "click"}, {"event": "click", "place": 25}, {"view": "<b>"}):
        assert tell(client, good, **wrong).status_code == 400, wrong
    assert client.get(ADDRESS).status_code == 405
    time_machine.move_to(timezone.now() + timedelta(days=1))
    assert tell(client, good).status_code == 204
    time_machine.move_to(timezone.now() + timedelta(days=1))
    assert tell(client, good).status_code == 410
    assert SearchDay.objects.get().searches == 1


def test_neither_cookie_nor_session_nor_token_of_a_form(crisps):
    client = Client(enforce_csrf_checks=True)
    response = tell(client, token_for("kripik"))
    assert response.status_code == 204
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")


def test_an_address_that_tells_too_much_waits(client, settings):
    settings.RATELIMIT_ENABLE = True
    settings.THROTTLE_RATES = {"search-insight": "2/m"}
    token = token_for("kripik")
    assert [tell(client, token, view=VIEW[:-1] + str(n)).status_code for n in range(3)] == [204, 204, 429]
    assert SearchDay.objects.get().searches == 2


def test_counting_asks_a_fixed_number_of_questions(client, django_assert_num_queries):
    token = token_for("kripik")
    with django_assert_num_queries(2):
        tell(client, token)
    with django_assert_num_queries(3):
        tell(client, token, event="click", place=1, first=1)


# --- what is kept ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        "081234567890", "0812-3456-7890 budi", "+62 812 3456 7890", "3573014107900001", "budi@mail.com", "N 1234 AB",
        "jl. veteran no 12 rt 03", "rekening 1234567890", "12-05-1990", "4111 1111 1111 1111", "nama saya Budi Santoso",
        "https://contoh.id/x", "?!", "🙂", "",
    ],
)  # fmt: skip
def test_what_may_be_personal_is_never_kept(client, text):
    assert services.count_search(text=text, results=0, times=10) is False
    assert services.count_clicks(text=text, clicks={1: 1}) is False
    assert tell(client, token_for(text)).status_code == 204
    assert not SearchedWords.objects.exists()


def test_spellings_of_one_query_are_one(db):
    for text in ("Kripik  TEMPÉ!", "kripik tempe", '"kripik-tempe"'):
        services.count_search(text=text, results=3)
    assert SearchDay.objects.get().searches == 3
    assert SearchedWords.objects.get().text == "kripik tempe"
    assert len(counted_words("batik " * 40)) <= 60


def test_words_are_written_down_from_the_third_time_on(db):
    texts = []
    for _time in range(services.OCCASIONS):
        services.count_search(text="kripik tempe", results=0)
        words = SearchedWords.objects.get()
        assert "kripik" not in words.key
        texts.append(words.text)
    assert texts == ["", "", "kripik tempe"]
    assert SearchDay.objects.get().searches == services.OCCASIONS


def test_nothing_that_is_kept_can_hold_a_person(db):
    fields = {field.name for model in (SearchedWords, SearchDay, ClickDay) for field in model._meta.get_fields()}
    assert fields == {
        "key", "text", "asked", "results", "last_day", "days", "clicks", "id", "words", "day", "searches",
        "without_results", "loosened", "followed", "position",
    }  # fmt: skip


def test_old_days_and_seldom_queries_are_forgotten(db):
    today = timezone.localdate()
    services.count_search(text="lama sekali", results=1, times=5, day=today - timedelta(days=services.KEPT_DAYS + 1))
    services.count_search(text="kripik", results=1, times=5, day=today - timedelta(days=services.KEPT_DAYS + 1))
    services.count_clicks(text="kripik", clicks={1: 2}, day=today - timedelta(days=services.KEPT_DAYS + 1))
    services.count_search(text="kripik", results=1, times=5, day=today - timedelta(days=services.KEPT_DAYS))
    services.count_search(text="jarang", results=1, times=2, day=today - timedelta(days=31))
    services.count_search(text="baru", results=1, times=2, day=today - timedelta(days=30))
    job = registry.periodic_jobs["search_insight.retention"]
    job.run()
    assert set(SearchedWords.objects.values_list("asked", "text")) == {(10, "kripik"), (2, "")}
    assert SearchDay.objects.count() == 2
    assert not ClickDay.objects.exists()
    assert services.forget_old_searches() == 0


def test_what_is_known_last_is_the_newest_day(db):
    today = timezone.localdate()
    services.count_search(text="kripik", results=7, day=today)
    services.count_search(text="kripik", results=2, day=today - timedelta(days=3))
    words = SearchedWords.objects.get()
    assert (words.results, words.last_day, words.asked) == (7, today, 2)


def test_a_day_of_a_query_exists_once(db):
    services.count_search(text="kripik", results=1)
    words = SearchedWords.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        SearchDay.objects.create(words=words, day=timezone.localdate())
