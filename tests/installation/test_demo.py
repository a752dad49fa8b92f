"""The demo is made by the real services; a tenth of it shows that it works and does no harm twice."""

import json
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db.models import Sum

from cms.models import StoryPage
from marketplace.accounts.models import User
from marketplace.accounts.selectors import is_editor, is_operator, officer_of
from marketplace.catalogue.models import Product, ProductListing
from marketplace.installation.demo import businesses, catalogue, loader, people, sales, stories
from marketplace.installation.services import set_up_site
from marketplace.ledger.models import Posting
from marketplace.orders.models import Order, SubOrder
from marketplace.payments.services import check_books, expected_at_provider
from search.insight.models import SearchDay
from search.models import SearchDocument
from tests.roles import sign_in
from umkm.registration.models import VendorApplication
from umkm.vendors.models import Vendor

SHOPS = {"dapur-tempe-ngalup", "batik-tunjung-biru", "kopi-lereng-kidul"}


@pytest.fixture
def small_demo(monkeypatch):
    """Three shops with four products each, all waiting cases, twenty orders."""
    everything = businesses.rows

    def some(name: str) -> list[dict]:
        found = everything(name)
        if name == "vendors":
            return [row for row in found if row["slug"] in SHOPS]
        if name == "products":
            of_shop = {slug: [row for row in found if row["vendor"] == slug][:4] for slug in sorted(SHOPS)}
            return [row for rows in of_shop.values() for row in rows]
        return found

    wanted = {row["slug"] for name in ("vendors", "products") for row in some(name)}
    pictures = [path for path in catalogue.all_pictures() if path.stem.removesuffix("-2").removesuffix("-3") in wanted
                or path.stem.removesuffix("-avatar").removesuffix("-cover") in wanted
                or path in {cover for cover, _alt in stories.COVERS.values()}]  # fmt: skip
    monkeypatch.setattr(businesses, "rows", some)
    monkeypatch.setattr(catalogue, "rows", some)
    monkeypatch.setattr(loader, "all_pictures", lambda: pictures)
    monkeypatch.setattr(sales, "ORDERS", 12)
    monkeypatch.setattr(sales, "RECENT_ORDERS", 8)
    # Processes of their own would not see this test's transaction.
    monkeypatch.setattr(loader, "_draw_cards", lambda quiet: None)


@pytest.mark.timeout(900)
@pytest.mark.django_db
def test_a_year_of_life_is_loaded_once_and_adds_up(small_demo):
    assert loader.load_demo(quiet=True) is True
    assert check_books() == 0
    assert expected_at_provider() == 0, "what the provider held is on the site's bank account"

    counts = {model: model.objects.count() for model in (User, Vendor, VendorApplication, Product, Order, SubOrder)}
    assert counts[Vendor] == 3
    assert counts[Product] == 12
    assert ProductListing.objects.visible_listings().count() == SearchDocument.objects.count() == 12
    assert {"approved", "submitted", "in_review", "returned", "rejected", "draft"} == set(
        VendorApplication.objects.values_list("status", flat=True)
    )
    assert Order.objects.filter(status=Order.Status.PAID).exists()
    assert Posting.objects.aggregate(total=Sum("amount"))["total"] == 0
    assert mail.outbox == []
    assert all(
        image.alt.startswith("Ilustrasi:") and image.alt_en.startswith("Illustration:")
        for image in Product.objects.first().images.all()
    )
    told = StoryPage.objects.live().select_related("locale")
    assert {page.locale.language_code for page in told} == {"id", "en"}
    assert len({page.cover_id for page in told}) == len(told) / 2, "each story its own picture, in both languages"
    assert all(page.cover and page.cover_alt for page in told)
    oldest, newest = (
        VendorApplication.objects.order_by("submitted_at").exclude(submitted_at=None)[0],
        Order.objects.first(),
    )
    assert (newest.placed_at - oldest.submitted_at).days > 300
    assert len(SearchDay.objects.dates("day", "month")) >= 12
    searches = SearchDay.objects.count()

    assert loader.load_demo(quiet=True) is False
    assert counts == {model: model.objects.count() for model in counts}
    assert SearchDay.objects.count() == searches > 1000


@pytest.mark.django_db
def test_setting_up_twice_does_no_harm():
    assert list(set_up_site()) == list(set_up_site())


@pytest.mark.django_db
def test_the_people_have_the_roles_that_their_logins_say(client):
    list(set_up_site())
    people.ensure_people()
    by_role = {login["role"].split(":")[0]: login for login in people.logins_as_json()}

    assert {"visitor", "vendor owner", "officer", "editor", "operator"} <= set(by_role)
    assert {
        officer_of(User.objects.get(email=pair[0].email)).agency.region_id for pair in people.OFFICERS.values()
    } == {
        "35.73",
        "35.07",
        "35.79",
    }
    assert is_editor(User.objects.get(email=people.EDITOR.email))
    assert is_operator(User.objects.get(email=people.OPERATOR.email))
    sign_in(client, User.objects.get(email=people.EDITOR.email), second_factor=True)
    assert client.get("/admin/").status_code == 200


@pytest.mark.once
def test_logins_are_printed_for_tools():
    out = StringIO()

    call_command("demo", "--logins", stdout=out)

    logins = json.loads(out.getvalue())
    assert all({"role", "email", "password", "totp_secret"} <= set(login) for login in logins)
    assert sum(login["role"].startswith("officer") and bool(login["totp_secret"]) for login in logins) == 6


@pytest.mark.once
def test_the_demo_refuses_to_touch_a_real_site(settings):
    settings.DEMO_ALLOWED = False

    with pytest.raises(CommandError, match="public passwords"):
        call_command("demo")


@pytest.mark.once
def test_the_code_of_the_moment_is_printed():
    out = StringIO()

    call_command("demo", "--code", stdout=out)

    assert len(out.getvalue().strip()) == 6
