"""The pages about money: what stands on them, where each number leads, and how many questions they ask."""

import time
from io import BytesIO

import pytest
from allauth.account.internal.userkit import user_id_to_str
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from marketplace.audit.models import AuditEvent
from marketplace.payouts import services, statements
from marketplace.payouts.models import BankAccount, CommissionRule, Payout
from tests.factories.orders import make_shop
from tests.factories.payouts import operator, owner_of, payable_shop, payout_in, sold, sold_for_cash
from tests.roles import sign_in

pytestmark = pytest.mark.django_db
OF_THE_FRAME = ("core_pageversion", '"cms_', "django_session", "wagtailcore", "wagtailusers")


@pytest.fixture
def shop():
    return payable_shop()


@pytest.fixture
def owner(client, shop):
    return sign_in(client, owner_of(shop))


@pytest.fixture
def boss(client):
    return sign_in(client, operator("Ratih"), second_factor=True)


def at(name, shop, **kwargs):
    return reverse(f"portal:{name}", kwargs={"vendor_slug": shop.slug, **kwargs})


def questions(client, url) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len([each for each in captured if not any(table in each["sql"] for table in OF_THE_FRAME)])


def test_the_owner_sees_what_is_due_what_waits_and_what_is_on_its_way(owner, shop):
    sold(shop, price=40_000, delivered_days_ago=1)
    page = owner.get(at("money", shop)).content.decode()
    for text in (
        "Rp110.000",
        "Rp50.000",
        "Rp0",
        at("money-ready", shop),
        at("money-waiting", shop),
        "Bank Jatim …5678",
    ):
        assert text in page
    assert "0012345678" not in page
    payout_in("sent", shop)
    page = owner.get(at("money", shop)).content.decode()
    assert "CR-" in page
    assert "Rp110.000" in page


def test_numbers_lead_to_their_rows(owner, shop):
    part = sold(shop, price=40_000, delivered_days_ago=1)
    ready = owner.get(at("money-ready", shop)).content.decode()
    waiting = owner.get(at("money-waiting", shop)).content.decode()
    assert part.order.number in waiting
    assert part.order.number not in ready
    assert "Rp110.000" in ready
    assert "Rp50.000" in waiting


def test_a_shop_without_money_or_account_reads_what_to_do(client):
    shop = make_shop("Baru")
    sign_in(client, owner_of(shop))
    page = client.get(at("money", shop)).content.decode()
    assert at("money-account", shop) in page
    assert client.get(at("money-ready", shop)).status_code == 200
    assert client.get(at("money-waiting", shop)).status_code == 200
    today = timezone.localdate()
    assert client.get(at("money-statement", shop, year=today.year, month=today.month)).status_code == 200
    assert client.get(at("money-statement", shop, year=today.year, month=13)).status_code == 404
    assert client.get(at("money-turnover", shop, year=1999)).status_code == 404


def test_a_statement_runs_from_its_opening_to_its_closing_balance(owner, shop):
    sold_for_cash(shop, commission=5_000)
    payout = payout_in("paid", shop)
    today = timezone.localdate()
    found = statements.statement(vendor=shop, month=today)
    assert [row.amount for row in found.rows] == [110_000, 105_000, -110_000, -105_000]
    assert [row.balance for row in found.rows] == [110_000, 215_000, 105_000, 0]
    assert [row.commission for row in found.rows] == [0, 5_000, 0, 0]
    assert (found.opening, found.closing, found.money_in, found.money_out) == (0, 0, 215_000, -215_000)
    assert found.rows[-1].payout == payout
    url = at("money-statement", shop, year=today.year, month=today.month)
    page = owner.get(url).content.decode()
    assert payout.number in page
    csv = owner.get(at("money-statement-file", shop, year=today.year, month=today.month, kind="csv"))
    assert csv["Content-Type"].startswith("text/csv")
    assert csv.content.decode("utf-8-sig").splitlines()[-2].endswith(f"{payout.number},,-105000,0")
    pdf = owner.get(at("money-statement-file", shop, year=today.year, month=today.month, kind="pdf"))
    text = PdfReader(BytesIO(pdf.content)).pages[0].extract_text()
    assert payout.number in text
    assert "faktur pajak" in text
    assert owner.get(at("money-statement-file", shop, year=today.year, month=1, kind="exe")).status_code == 404
    with CaptureQueriesContext(connection) as captured:
        statements.statement(vendor=shop, month=today)
    assert len(captured) == 5


@pytest.mark.parametrize("name", ["money", "money-ready", "money-waiting"])
def test_pages_of_money_ask_the_same_however_many_sales_there_are(owner, shop, name):
    sold(shop, delivered_days_ago=1)
    few = questions(owner, at(name, shop))
    for _sale in range(3):
        sold(shop, delivered_days_ago=1)
        sold(shop)
    assert questions(owner, at(name, shop)) == few


def test_the_account_is_entered_after_the_password_was_given_again(client, shop):
    user = owner_of(shop)
    url = at("money-account", shop)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.get(url)
    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session["account_authentication_methods_user"] = user_id_to_str(user)
    session.save()
    assert client.get(url).status_code == 200
    refused = client.post(url, {"bank": "BRI", "number": "12", "holder": "Sri"})
    assert refused.status_code == 422
    assert 'value="BRI"' in refused.content.decode(), "nothing typed is lost"
    assert client.post(url, {"bank": "BRI", "number": "98765432", "holder": "Sri"}).status_code == 302
    assert BankAccount.objects.get(vendor=shop, replaced_at=None).number == "98765432"


def test_the_years_sales_by_month_and_the_declaration(owner, shop):
    year = timezone.localdate().year
    url = at("money-turnover", shop, year=year)
    assert "Rp110.000" in owner.get(url).content.decode()
    csv = owner.get(at("money-turnover-file", shop, year=year, kind="csv")).content.decode("utf-8-sig")
    assert csv.splitlines()[1] == f"{timezone.localdate():%Y-%m},1,110000,0,110000,0"
    declare = at("money-declare", shop, year=year)
    assert owner.post(declare, {"within": "yes"}).status_code == 302
    assert shop.tax_declarations.get().is_within_limit
    owner.post(declare, {"within": "perhaps"})
    assert shop.tax_declarations.count() == 1


def test_operators_prepare_approve_export_and_mark(client, shop):
    first, second = operator("Ratih"), operator("Bagus")
    sign_in(client, first, second_factor=True)
    due = client.get(reverse("payouts_admin:due")).content.decode()
    assert shop.name in due
    assert "Rp110.000" in due
    rows = client.get(reverse("payouts_admin:shop", args=[shop.pk])).content.decode()
    assert shop.suborders.get().order.number in rows
    assert client.post(reverse("payouts_admin:due"), {"vendor": [shop.pk]}).status_code == 302
    payout = Payout.objects.get()
    page = reverse("payouts_admin:payout", args=[payout.pk])
    step = reverse("payouts_admin:step", args=[payout.pk])
    assert 'value="approve"' not in client.get(page).content.decode(), "not by the one who prepared it"
    client.post(step, {"step": "approve"})
    payout.refresh_from_db()
    assert payout.status == "draft"
    sign_in(client, second, second_factor=True)
    assert 'value="approve"' in client.get(page).content.decode()
    client.post(step, {"step": "approve"})
    file = client.post(reverse("payouts_admin:export"), {"payout": [payout.pk]})
    assert file["Content-Type"].startswith("text/csv")
    assert b"0012345678" in file.content
    client.post(step, {"step": "sent"})
    client.post(step, {"step": "paid", "reference": "FT99"})
    payout.refresh_from_db()
    assert (payout.status, payout.bank_reference) == ("paid", "FT99")
    assert "FT99" in client.get(page).content.decode()
    client.post(step, {"step": "returned", "reason": "Ditolak"})
    payout.refresh_from_db()
    assert payout.status == "returned"
    assert client.post(step, {"step": "fly"}).status_code == 404
    for status in Payout.Status.values:
        assert client.get(reverse("payouts_admin:list"), {"status": status}).status_code == 200


def test_lists_of_operators_ask_the_same_however_long_they_are(boss, shop):
    payout_in("draft", shop)
    names = ("due", "list", "accounts", "gross", "commission")
    CommissionRule.objects.create(valid_from=timezone.localdate(), vendor=shop)
    make_account(make_shop("Satu"))
    before = {name: questions(boss, reverse(f"payouts_admin:{name}")) for name in names}
    for number in range(3):
        payout_in("draft", payable_shop(f"Toko {number}"))
        make_account(make_shop(f"Kedai {number}"))
        CommissionRule.objects.create(valid_from=timezone.localdate(), vendor=make_shop(f"R{number}"))
    after = {name: questions(boss, reverse(f"payouts_admin:{name}")) for name in names}
    assert after == before


def make_account(vendor):
    return services.save_account(
        vendor_id=vendor.pk, actor=owner_of(vendor), bank="BRI", number="1234567", holder="Sri"
    )


def test_a_look_at_an_account_is_written_down(boss):
    account = make_account(make_shop("Baru"))
    page = boss.get(reverse("payouts_admin:accounts")).content.decode()
    assert "1234567" not in page.replace("…4567", "")
    assert not AuditEvent.objects.filter(action="payouts.account_viewed").exists()
    assert "1234567" in boss.get(reverse("payouts_admin:account", args=[account.pk])).content.decode()
    assert AuditEvent.objects.filter(action="payouts.account_viewed").count() == 1
    boss.post(reverse("payouts_admin:account", args=[account.pk]), {"result": "wrong", "note": "Bukan namanya"})
    account.refresh_from_db()
    assert account.check_result == "refused"


def test_commission_is_set_on_its_page_and_what_is_wrong_stands_beside_its_field(boss):
    url = reverse("payouts_admin:commission")
    tomorrow = timezone.localdate() + timezone.timedelta(days=1)
    wrong = boss.post(url, {"valid_from": timezone.localdate().isoformat(), "percent": "2.5"})
    assert wrong.status_code == 422
    assert "id_valid_from_error" in wrong.content.decode()
    assert boss.post(url, {"valid_from": tomorrow.isoformat(), "percent": "2.5", "fixed_fee": "500"}).status_code == 302
    assert CommissionRule.objects.get().basis_points == 250
    assert boss.get(url).status_code == 200


def test_sales_of_a_month_as_a_file_and_who_took_it(boss, shop):
    url = reverse("payouts_admin:gross")
    assert "Rp110.000" in boss.get(url).content.decode()
    rows = boss.get(url, {"export": "csv"}).content.decode("utf-8-sig").splitlines()
    assert rows[1].startswith("Sanan,")
    assert boss.get(url, {"export": "xlsx"}).content[:2] == b"PK"
    assert AuditEvent.objects.filter(action="payouts.gross_exported").count() == 2
    assert boss.get(url, {"month": "2020-01"}).status_code == 200
    assert boss.get(url, {"month": "never"}).status_code == 200
