"""A shop's money is its owner's; payouts are for officers of its region and operators, accounts for operators."""

from datetime import date, timedelta

from django.utils import timezone

from marketplace.payouts import services
from marketplace.payouts.models import BankAccount, CommissionRule, Payout
from tests.factories.payouts import sold, with_account
from tests.permissions.matrix_row import OPERATOR_ONLY, SIGN_IN, Row, shape
from tests.roles import Scene

YEAR = timezone.localdate().year
# Staff are told that it is the owner's.
OWNER = shape(404, visitor=SIGN_IN, vendor_owner=200, vendor_staff=403)
# Asks for the password again first.
OWNER_AGAIN = OWNER | {"vendor_owner": 302}
OFFICERS_AND_OPERATOR = shape((SIGN_IN, 302, 403, 404), officer=200, other_officer=200, operator=200)
REGION_AND_OPERATOR = OFFICERS_AND_OPERATOR | {"other_officer": 404}
ONLY_OPERATOR_POSTS = OPERATOR_ONLY | {"operator": 302}


def shop(scene: Scene) -> dict[str, object]:
    return {"vendor_slug": scene.vendor.slug}


def statement(scene: Scene) -> dict[str, object]:
    return shop(scene) | {"year": YEAR, "month": 1}


def draft(scene: Scene) -> Payout:
    """A payout that the operator prepared."""
    found = Payout.objects.filter(vendor=scene.vendor).first()
    if found is None:
        if not BankAccount.objects.filter(vendor=scene.vendor).exists():
            with_account(scene.vendor)
        sold(scene.vendor)
        found = services.prepare_payout(vendor_id=scene.vendor.pk, actor=scene.operator)
    return found


def somebody_elses(scene: Scene) -> dict[str, object]:
    """The own shop's address with another shop's payout."""
    with_account(scene.other_vendor)
    sold(scene.other_vendor)
    payout = services.prepare_payout(vendor_id=scene.other_vendor.pk, actor=scene.operator)
    return shop(scene) | {"pk": payout.pk}


def account(scene: Scene) -> dict[str, int]:
    entered = services.save_account(
        vendor_id=scene.vendor.pk, actor=scene.vendor_owner, bank="BRI", number="12345678", holder="Sri"
    )
    return {"pk": entered.pk}


def rule(scene: Scene) -> dict[str, int]:
    return {"pk": CommissionRule.objects.create(valid_from=date.today() + timedelta(days=2)).pk}


ROWS = [
    Row("portal:money", OWNER, kwargs=shop),
    Row("portal:money-ready", OWNER, kwargs=shop),
    Row("portal:money-waiting", OWNER, kwargs=shop),
    Row("portal:money-statements", OWNER, kwargs=shop),
    Row("portal:money-statement", OWNER, kwargs=statement),
    Row("portal:money-statement-file", OWNER, kwargs=lambda scene: statement(scene) | {"kind": "csv"}),
    Row("portal:money-payout", OWNER, kwargs=lambda scene: shop(scene) | {"pk": draft(scene).pk}),
    Row("portal:money-payout", OWNER, kwargs=somebody_elses, vendor_owner=404),
    Row("portal:money-turnover", OWNER, kwargs=lambda scene: shop(scene) | {"year": YEAR}),
    Row("portal:money-turnover-file", OWNER, kwargs=lambda scene: shop(scene) | {"year": YEAR, "kind": "xlsx"}),
    Row(
        "portal:money-declare",
        OWNER,
        method="POST",
        kwargs=lambda scene: shop(scene) | {"year": YEAR},
        data={"within": "yes"},
        vendor_owner=302,
    ),
    Row("portal:money-account", OWNER_AGAIN, kwargs=shop),
    Row("portal:money-account", OWNER_AGAIN, method="POST", kwargs=shop, data={"bank": "BRI"}),
    Row("payouts_admin:due", OFFICERS_AND_OPERATOR),
    Row(
        "payouts_admin:due",
        OFFICERS_AND_OPERATOR | {"officer": 302, "other_officer": 302, "operator": 302},
        method="POST",
        data=lambda scene: {"vendor": scene.vendor.pk},
    ),
    Row("payouts_admin:shop", REGION_AND_OPERATOR, kwargs=lambda scene: {"pk": scene.vendor.pk}),
    Row("payouts_admin:list", OFFICERS_AND_OPERATOR),
    Row("payouts_admin:payout", REGION_AND_OPERATOR, kwargs=lambda scene: {"pk": draft(scene).pk}),
    Row(
        "payouts_admin:step",
        REGION_AND_OPERATOR | {"officer": 302, "operator": 302},
        method="POST",
        kwargs=lambda scene: {"pk": draft(scene).pk},
        data={"step": "approve"},
    ),
    Row("payouts_admin:export", ONLY_OPERATOR_POSTS, method="POST"),
    Row("payouts_admin:accounts", OPERATOR_ONLY),
    Row("payouts_admin:accounts", OPERATOR_ONLY, method="POST", operator=422),
    Row("payouts_admin:account", OPERATOR_ONLY, kwargs=account),
    Row("payouts_admin:account", ONLY_OPERATOR_POSTS, method="POST", kwargs=account, data={"result": "right"}),
    Row("payouts_admin:commission", OPERATOR_ONLY),
    Row("payouts_admin:commission", OPERATOR_ONLY, method="POST", operator=422),
    Row("payouts_admin:remove_rule", ONLY_OPERATOR_POSTS, method="POST", kwargs=rule),
    Row("payouts_admin:gross", OFFICERS_AND_OPERATOR),
]
