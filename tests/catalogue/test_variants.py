"""The forms of a product: prices at once, new texts after the review."""

import pytest
from django.db import IntegrityError, transaction

from marketplace.catalogue.content import VariantDraft
from marketplace.catalogue.models import Product, Variant
from marketplace.catalogue.services import change_price, save_variants, submit_product
from marketplace.core.exceptions import DomainError, NotAllowed
from marketplace.inventory.services import set_stock
from marketplace.outbox.services import process_due
from tests.factories.catalogue import decide, draft_product, live_product

pytestmark = pytest.mark.django_db


def sizes(*values: str, price: int = 20_000) -> list[VariantDraft]:
    return [
        VariantDraft(price=price + index, weight_grams=100, options=[{"name": "Ukuran", "value": value}])
        for index, value in enumerate(values)
    ]


def on_sale(product: Product) -> set[str]:
    return set(product.variants.filter(is_active=True).values_list("label", flat=True))


@pytest.fixture
def owner(scene):
    return scene.vendor_owner


def test_variants_come_back_in_the_order_given(scene, owner):
    product = draft_product(scene.vendor, owner)
    drafts = [
        VariantDraft(
            price=1000, weight_grams=1, options=[{"name": "Ukuran", "value": s}, {"name": "Warna", "value": c}]
        )
        for s in ("S", "M")
        for c in ("Nila", "Soga")
    ]
    saved = save_variants(product_id=product.pk, actor=owner, variants=drafts)
    assert [variant.label for variant in saved] == ["S / Nila", "S / Soga", "M / Nila", "M / Soga"]
    assert list(product.variants.all()) == saved
    # The only form of the draft had never been on sale: nothing of it stays.
    assert product.variants.count() == 4


@pytest.mark.parametrize("price", [0, -1, -15_000, 1_000_000_001])
def test_impossible_price_is_refused_and_changes_nothing(scene, owner, price):
    product = draft_product(scene.vendor, owner)
    with pytest.raises(DomainError) as refused:
        save_variants(product_id=product.pk, actor=owner, variants=[VariantDraft(price=price, weight_grams=1)])
    assert refused.value.field == "variant-0-price"
    with pytest.raises(DomainError):
        change_price(variant_id=product.variants.get().pk, price=price, actor=owner)
    assert product.variants.get().price == 15_000


def test_database_itself_refuses_a_price_of_nothing(scene):
    with pytest.raises(IntegrityError), transaction.atomic():
        Variant.objects.filter(pk=scene.variant.pk).update(price=0)


@pytest.mark.parametrize(
    "drafts, code",
    [
        ([], "no_variant"),
        (sizes("S", "s"), "label_twice"),
        ([*sizes("S"), VariantDraft(price=1)], "label_twice"),
        (sizes(*(str(number) for number in range(61))), "too_many_variants"),
        ([VariantDraft(price=1, weight_grams=-5)], "weight"),
    ],
    ids=["none", "same name", "no name", "61", "negative weight"],
)
def test_impossible_variants_are_refused(scene, owner, drafts, code):
    product = draft_product(scene.vendor, owner)
    with pytest.raises(DomainError) as refused:
        save_variants(product_id=product.pk, actor=owner, variants=drafts)
    assert refused.value.code == code
    assert product.variants.get().label == ""


def test_price_of_a_live_product_changes_at_once_and_without_a_review(scene, owner):
    product = live_product(scene.vendor, owner, scene.officer)
    version = product.listing.search_version
    change_price(variant_id=product.variants.get().pk, price=21_000, actor=owner)
    product.listing.refresh_from_db()
    assert (product.listing.price_min, product.listing.price_max) == (21_000, 21_000)
    assert product.listing.search_version > version
    assert not Product.objects.get(pk=product.pk).has_unpublished_changes


def test_new_text_on_a_live_product_waits_and_what_it_replaces_stays_on_sale(scene, owner):
    product = live_product(scene.vendor, owner, scene.officer)
    save_variants(product_id=product.pk, actor=owner, variants=sizes("S", "M"))
    assert on_sale(product) == {""}
    assert product.variants.filter(awaits_review=True).count() == 2
    assert Product.objects.get(pk=product.pk).has_unpublished_changes
    submit_product(product_id=product.pk, actor=owner)
    product = decide(product, scene.officer)
    assert on_sale(product) == {"S", "M"}
    assert product.variants.get(label="").is_retired
    assert product.listing.price_min == 20_000


def test_stock_on_the_card_counts_what_came_on_sale(scene, owner):
    product = live_product(scene.vendor, owner, scene.officer)
    for variant in save_variants(product_id=product.pk, actor=owner, variants=sizes("S", "M")):
        set_stock(variant_id=variant.pk, on_hand=7, actor=owner)
    product.listing.refresh_from_db()
    assert product.listing.stock_left == 0
    submit_product(product_id=product.pk, actor=owner)
    decide(product, scene.officer)
    process_due(topics=["catalogue.variants_changed"])
    product.listing.refresh_from_db()
    assert product.listing.stock_left == 14


def test_new_text_while_the_office_reads_starts_the_review_anew(scene, owner):
    product = live_product(scene.vendor, owner, scene.officer)
    save_variants(product_id=product.pk, actor=owner, variants=sizes("S", "M"))
    submit_product(product_id=product.pk, actor=owner)
    seen = Product.objects.get(pk=product.pk).current_workflow_task_state
    save_variants(product_id=product.pk, actor=owner, variants=sizes("S", "M", "Kata kasar"))
    with pytest.raises(DomainError):
        seen.task.specific.on_action(seen, scene.officer, "approve")
    assert on_sale(product) == {""}


def test_taking_a_size_off_sale_and_back_needs_no_review(scene, owner):
    product = draft_product(scene.vendor, owner)
    save_variants(product_id=product.pk, actor=owner, variants=sizes("S", "M"))
    submit_product(product_id=product.pk, actor=owner)
    decide(product, scene.officer)
    kept = product.variants.get(label="M").pk
    save_variants(product_id=product.pk, actor=owner, variants=sizes("S"))
    assert on_sale(product) == {"S"}
    save_variants(product_id=product.pk, actor=owner, variants=sizes("S", "m"))
    assert product.variants.get(pk=kept).is_active
    assert not Product.objects.get(pk=product.pk).has_unpublished_changes


def test_two_sizes_can_swap_their_names(scene, owner):
    product = draft_product(scene.vendor, owner)
    first, second = save_variants(product_id=product.pk, actor=owner, variants=sizes("S", "M"))
    swapped = [
        VariantDraft(price=1000, weight_grams=1, variant_id=variant.pk, options=[{"name": "Ukuran", "value": value}])
        for variant, value in ((first, "M"), (second, "S"))
    ]
    save_variants(product_id=product.pk, actor=owner, variants=swapped)
    assert Variant.objects.get(pk=first.pk).label == "M"
    assert Variant.objects.get(pk=second.pk).label == "S"


def test_another_shops_variant_is_not_taken_over(scene, owner):
    product = draft_product(scene.vendor, owner)
    draft = VariantDraft(price=1, weight_grams=1, variant_id=scene.other_variant.pk)
    save_variants(product_id=product.pk, actor=owner, variants=[draft])
    scene.other_variant.refresh_from_db()
    assert scene.other_variant.price == 15_000
    assert scene.other_variant.product == scene.other_product


def test_lock_of_the_office_holds_for_new_texts_too(scene, owner):
    product = live_product(scene.vendor, owner, scene.officer)
    Product.objects.filter(pk=product.pk).update(locked=True, locked_by=scene.officer)
    with pytest.raises(NotAllowed):
        save_variants(product_id=product.pk, actor=owner, variants=sizes("S"))
    assert product.variants.get().label == ""
