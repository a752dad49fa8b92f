"""Commission by dated rules, frozen at the sale; bank accounts entered by owners and checked; declarations."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from marketplace.audit.models import AuditEvent
from marketplace.core.exceptions import DomainError, NotAllowed
from marketplace.outbox.services import process_due
from marketplace.payouts import services
from marketplace.payouts.commission import CommissionRules
from marketplace.payouts.models import BankAccount, CommissionRule, TaxDeclaration
from tests.factories import base
from tests.factories.orders import make_shop
from tests.factories.payouts import operator, owner_of

pytestmark = pytest.mark.django_db


def rule(days: int = 0, **fields):
    return CommissionRule.objects.create(valid_from=timezone.localdate() + timedelta(days=days), **fields)


def kept(vendor, *goods, on=None):
    return CommissionRules(on=on).commission(vendor_id=vendor.pk, goods=goods or [(100_000, "")])


def test_nothing_is_kept_until_somebody_sets_a_rule():
    assert kept(make_shop("Sanan")).amount == 0


def test_the_most_particular_rule_in_force_counts():
    shop, other = make_shop("Sanan"), make_shop("Dinoyo")
    category = base.category()
    rule(-20, basis_points=500)
    rule(-10, basis_points=300, fixed_fee=1_000)
    rule(5, basis_points=900)
    rule(-10, category=category, basis_points=100)
    rule(-10, vendor=shop, basis_points=0)
    assert kept(shop).amount == 0
    found = kept(other, (50_000, f"{category.path}/lebih-dalam"), (50_000, "lain"))
    assert (found.amount, found.rate) == (500 + 1_500 + 1_000, 200)
    assert kept(other).amount == 4_000
    assert kept(other, on=timezone.localdate() - timedelta(days=15)).amount == 5_000
    assert kept(other, on=timezone.localdate() + timedelta(days=5)).amount == 9_000


def test_no_more_is_kept_than_the_goods_are_worth():
    rule(-1, basis_points=5_000, fixed_fee=90_000)
    assert kept(make_shop("Sanan")).amount == 100_000
    assert kept(make_shop("Dinoyo"), (0, "")).amount == 0


def test_the_rules_of_a_checkout_are_one_question(django_assert_num_queries):
    for days in range(5):
        rule(-days - 1, basis_points=days)
    with django_assert_num_queries(1):
        rules = CommissionRules()
    with django_assert_num_queries(0):
        assert rules.commission(vendor_id=1, goods=[(100_000, "")]).amount == 0


def test_an_operator_sets_rules_for_days_to_come():
    boss = operator()
    tomorrow = timezone.localdate() + timedelta(days=1)
    with pytest.raises(NotAllowed):
        services.set_commission_rule(actor=base.UserFactory(), valid_from=tomorrow, basis_points=1)
    for fields, code in (
        ({"valid_from": timezone.localdate()}, "past"),
        ({"valid_from": tomorrow, "category_id": base.category().pk, "fixed_fee": 1}, "category_only_percent"),
        ({"valid_from": tomorrow, "category_id": base.category().pk, "vendor_id": make_shop("A").pk}, "both"),
    ):
        with pytest.raises(DomainError) as refused:
            services.set_commission_rule(actor=boss, basis_points=1, **fields)
        assert refused.value.code == code
    made = services.set_commission_rule(actor=boss, valid_from=tomorrow, basis_points=250)
    with pytest.raises(DomainError) as refused:
        services.set_commission_rule(actor=boss, valid_from=tomorrow, basis_points=300)
    assert refused.value.code == "exists"
    assert "2.5" in made.percent_text or "2,5" in made.percent_text
    with pytest.raises(NotAllowed):
        services.remove_commission_rule(rule_id=made.pk, actor=base.UserFactory())
    assert services.remove_commission_rule(rule_id=made.pk, actor=boss)
    assert not services.remove_commission_rule(rule_id=made.pk, actor=boss)
    in_force = rule(0, basis_points=1)
    with pytest.raises(DomainError):
        services.remove_commission_rule(rule_id=in_force.pk, actor=boss)
    assert list(CommissionRule.objects.all()) == [in_force]


def enter(shop, actor=None, **changes):
    fields = {"bank": "Bank Jatim", "number": "001-234 5678", "holder": "Sri Wahyuni", **changes}
    return services.save_account(vendor_id=shop.pk, actor=actor or owner_of(shop), **fields)


def test_only_the_owner_names_the_account_and_every_owner_hears_of_it():
    shop = make_shop("Sanan")
    staff = base.UserFactory()
    shop.members.create(user=staff, role="staff")
    second_owner = base.UserFactory()
    shop.members.create(user=second_owner, role="owner")
    for person in (staff, base.UserFactory(), operator()):
        with pytest.raises(NotAllowed):
            enter(shop, person)
    account = enter(shop)
    assert (account.number, account.number_tail, str(account)) == ("0012345678", "5678", "Bank Jatim …5678")
    assert account.usable_from <= timezone.now(), "the first one needs no hold"
    assert enter(shop).pk == account.pk, "the same again changes nothing"
    process_due(topics=["notifications.mail"])
    assert {address for message in mail.outbox for address in message.to} >= {owner_of_email(shop), second_owner.email}
    assert staff.email not in {address for message in mail.outbox for address in message.to}
    event = AuditEvent.objects.get(action="payouts.account_entered")
    assert "0012345678" not in str(event.data), "never in clear in the trail"


def owner_of_email(shop):
    return shop.members.filter(role="owner").order_by("pk").first().user.email


def test_the_number_is_encrypted_in_the_database():
    from django.db import connection

    account = enter(make_shop("Sanan"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT number, holder FROM payouts_bankaccount WHERE id = %s", [account.pk])
        number, holder = cursor.fetchone()
    assert "0012345678" not in number
    assert "Sri" not in holder


@pytest.mark.parametrize("number", ["12", "12345x", "1" * 21, "１２３４５６７"])
def test_a_number_that_no_bank_has_is_refused(number):
    with pytest.raises(DomainError) as refused:
        enter(make_shop("Sanan"), number=number)
    assert refused.value.field == "number"
    assert not BankAccount.objects.exists()


def test_an_operator_checks_it_but_not_that_of_their_own_shop():
    shop = make_shop("Sanan")
    account = enter(shop)
    insider = operator("Orang dalam")
    shop.members.create(user=insider, role="staff")
    for person in (insider, base.UserFactory(), owner_of(shop)):
        with pytest.raises(NotAllowed):
            services.check_account(account_id=account.pk, actor=person, is_right=True)
    boss = operator()
    with pytest.raises(DomainError):
        services.check_account(account_id=account.pk, actor=boss, is_right=False, note="")
    assert services.check_account(account_id=account.pk, actor=boss, is_right=True)
    assert not services.check_account(account_id=account.pk, actor=boss, is_right=True)
    account.refresh_from_db()
    assert (account.is_checked, account.checked_by) == (True, boss)


def test_the_owner_declares_and_may_think_again():
    shop = make_shop("Sanan")
    owner = owner_of(shop)
    with pytest.raises(NotAllowed):
        services.declare_turnover(
            vendor_id=shop.pk, actor=base.UserFactory(), year=timezone.localdate().year, is_within_limit=True
        )
    with pytest.raises(DomainError):
        services.declare_turnover(
            vendor_id=shop.pk, actor=owner, year=timezone.localdate().year - 1, is_within_limit=True
        )
    for word in (True, True, False):
        services.declare_turnover(vendor_id=shop.pk, actor=owner, year=timezone.localdate().year, is_within_limit=word)
    assert list(TaxDeclaration.objects.values_list("is_within_limit", flat=True)) == [False, True]
