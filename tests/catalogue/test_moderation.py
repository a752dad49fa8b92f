"""Moderation by Wagtail's workflow, and each of the ways in which it could go wrong."""

import pytest
from wagtail.models import TaskState, WorkflowState

from marketplace.audit.models import AuditEvent
from marketplace.catalogue.content import PhotoDraft, VariantDraft
from marketplace.catalogue.models import Product, Variant
from marketplace.catalogue.moderation_setup import ensure_product_workflow
from marketplace.catalogue.services import (
    archive_product,
    create_product,
    restore_product,
    save_variants,
    submit_product,
    take_down_product,
    update_product,
    withdraw_product,
)
from marketplace.catalogue.tasks import ProductModerationTask
from marketplace.core.exceptions import DomainError, IllegalTransition, NotAllowed
from marketplace.inventory.services import set_stock
from marketplace.notifications.models import Notification
from marketplace.outbox.models import OutboxMessage
from tests.factories.catalogue import (
    content,
    decide,
    draft_product,
    live_product,
    stored_photo,
    submitted_product,
    waiting_task,
)
from umkm.vendors.models import Vendor, VendorMember

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(scene):
    return scene.vendor_owner


def test_new_product_is_not_live(scene, owner):
    product = create_product(vendor=scene.vendor, actor=owner, content=content())
    assert Product.objects.get(pk=product.pk).live is False
    assert not Product.objects.visible_products().filter(pk=product.pk).exists()
    assert product.latest_revision is not None


def test_approval_puts_it_on_sale_and_tells_the_shop(scene, owner):
    product = decide(submitted_product(scene.vendor, owner), scene.officer)
    assert product.live
    assert product.current_workflow_state is None
    assert Product.objects.visible_products().filter(pk=product.pk).exists()
    assert product.listing.name == "Stik tempe"
    assert product.listing.price_min == product.listing.price_max == 15_000
    kinds = Notification.objects.filter(kind="product_approved").values_list("user", flat=True)
    assert set(kinds) == {owner.pk, scene.vendor_staff.pk}
    assert AuditEvent.objects.filter(
        action="catalogue.approved", target_id=str(product.pk), actor=scene.officer
    ).exists()
    assert OutboxMessage.objects.filter(topic="search.index", key=str(product.pk)).exists()


def test_changes_asked_keeps_it_off_sale_and_passes_the_reason_on(scene, owner):
    product = decide(submitted_product(scene.vendor, owner), scene.officer, "reject", comment="Foto terlalu gelap.")
    assert not product.live
    row = Product.objects.with_review().get(pk=product.pk)
    assert row.review_status == WorkflowState.STATUS_NEEDS_CHANGES
    assert row.review_comment == "Foto terlalu gelap."
    mail = OutboxMessage.objects.filter(topic="notifications.mail", payload__kind="product_needs_changes").first()
    assert mail.payload["context"]["reason"] == "Foto terlalu gelap."
    update_product(product_id=product.pk, actor=owner, content=content("Stik tempe terang"))
    submit_product(product_id=product.pk, actor=owner)
    assert decide(product, scene.officer).name == "Stik tempe terang"


def test_changes_cannot_be_asked_without_a_reason(scene, owner):
    product = submitted_product(scene.vendor, owner)
    with pytest.raises(DomainError) as refused:
        decide(product, scene.officer, "reject", comment="  ")
    assert refused.value.code == "reason_missing"
    assert waiting_task(product).status == TaskState.STATUS_IN_PROGRESS


def test_publishing_does_not_bring_sold_stock_or_the_old_price_back(scene, owner):
    product = live_product(scene.vendor, owner, scene.officer)
    variant = product.variants.get()
    set_stock(variant_id=variant.pk, on_hand=10, actor=owner)
    update_product(product_id=product.pk, actor=owner, content=content("Stik tempe baru"))
    submit_product(product_id=product.pk, actor=owner)
    # Sold, and made dearer, while the office was reading.
    set_stock(variant_id=variant.pk, on_hand=3, actor=owner)
    save_variants(product_id=product.pk, actor=owner, variants=[VariantDraft(price=17_500, weight_grams=250)])
    product = decide(product, scene.officer)
    variant.refresh_from_db()
    variant.stock.refresh_from_db()
    assert product.name == "Stik tempe baru"
    assert variant.stock.on_hand == 3
    assert variant.price == 17_500
    assert product.listing.stock_left == 3
    assert product.listing.price_min == 17_500


def test_publishing_takes_neither_shop_nor_address_nor_archive_from_the_revision(scene, owner):
    product = submitted_product(scene.vendor, owner)
    Product.objects.filter(pk=product.pk).update(slug="alamat-baru", vendor=scene.other_vendor)
    state = waiting_task(product)
    state.task.specific.on_action(state, scene.other_officer, "approve")
    product = Product.objects.get(pk=product.pk)
    assert product.live
    assert product.slug == "alamat-baru"
    assert product.vendor == scene.other_vendor


def test_edit_of_a_live_product_keeps_the_live_version_on_sale(scene, owner):
    product = live_product(scene.vendor, owner, scene.officer)
    update_product(product_id=product.pk, actor=owner, content=content("Nama baru", description="Teks baru"))
    submit_product(product_id=product.pk, actor=owner)
    on_sale = Product.objects.visible_products().get(pk=product.pk)
    assert on_sale.name == "Stik tempe"
    assert on_sale.listing.name == "Stik tempe"
    assert on_sale.has_unpublished_changes
    assert decide(product, scene.officer).listing.name == "Nama baru"


def test_rejected_edit_leaves_the_live_version_on_sale(scene, owner):
    product = live_product(scene.vendor, owner, scene.officer)
    update_product(product_id=product.pk, actor=owner, content=content("Nama kasar"))
    submit_product(product_id=product.pk, actor=owner)
    product = decide(product, scene.officer, "reject", comment="Ganti namanya.")
    assert product.live
    assert product.name == "Stik tempe"
    assert Product.objects.visible_products().filter(pk=product.pk).exists()


def test_unreviewed_text_does_not_go_live_through_the_vendors_own_form(scene, owner):
    product = submitted_product(scene.vendor, owner)
    seen_by_officer = waiting_task(product)
    update_product(product_id=product.pk, actor=owner, content=content("Obat kuat"))
    with pytest.raises(IllegalTransition):
        seen_by_officer.task.specific.on_action(seen_by_officer, scene.officer, "approve")
    assert not Product.objects.get(pk=product.pk).live
    # The officer now has the newest text before them.
    assert waiting_task(product).revision.as_object().name == "Obat kuat"


def test_unreviewed_text_does_not_go_live_whatever_way_it_came(scene, owner):
    product = submitted_product(scene.vendor, owner)
    seen_by_officer = waiting_task(product)
    draft = product.get_latest_revision_as_object()
    draft.name = "Obat kuat"
    draft.save_revision(user=owner)
    seen_by_officer.task.specific.on_action(seen_by_officer, scene.officer, "approve")
    product = Product.objects.get(pk=product.pk)
    assert not product.live
    assert product.workflow_in_progress
    assert waiting_task(product).revision_id == product.latest_revision_id
    assert not Notification.objects.filter(kind="product_approved").exists()


def test_stale_decision_changes_nothing(scene, owner):
    product = submitted_product(scene.vendor, owner)
    first, second = waiting_task(product), waiting_task(product)
    first.task.specific.on_action(first, scene.officer, "approve")
    with pytest.raises(IllegalTransition) as refused:
        second.task.specific.on_action(second, scene.officer, "reject", comment="Kurang jelas.")
    assert str(scene.officer) in str(refused.value)
    product = Product.objects.get(pk=product.pk)
    assert product.live
    assert product.current_workflow_state is None
    assert TaskState.objects.get(pk=first.pk).status == TaskState.STATUS_APPROVED


@pytest.mark.parametrize("role", ["vendor_owner", "vendor_staff", "other_owner", "other_officer", "buyer", "editor"])
def test_only_the_agencys_officers_and_operators_decide(scene, owner, role):
    product = submitted_product(scene.vendor, owner)
    state, person = waiting_task(product), scene.people[role]
    task = state.task.specific
    assert task.get_actions(product, person) == []
    assert state not in TaskState.objects.reviewable_by(person)
    with pytest.raises(NotAllowed):
        task.on_action(state, person, "approve")
    assert not Product.objects.get(pk=product.pk).live


@pytest.mark.parametrize("role", ["officer", "operator"])
def test_officer_of_the_region_and_operator_have_exactly_two_actions(scene, owner, role):
    product = submitted_product(scene.vendor, owner)
    state, person = waiting_task(product), scene.people[role]
    assert [name for name, _label, _form in state.task.specific.get_actions(product, person)] == ["reject", "approve"]
    assert state in TaskState.objects.reviewable_by(person)
    assert decide(product, person).live


def test_nobody_approves_their_own_business(scene, owner):
    VendorMember.objects.create(vendor=scene.vendor, user=scene.officer, role=VendorMember.Role.STAFF)
    product = submitted_product(scene.vendor, scene.officer)
    state = waiting_task(product)
    assert state.task.specific.get_actions(product, scene.officer) == []
    assert state not in TaskState.objects.reviewable_by(scene.officer)
    with pytest.raises(NotAllowed):
        state.task.specific.on_action(state, scene.officer, "approve")
    assert not Product.objects.get(pk=product.pk).live


def test_locked_product_refuses_the_vendors_changes(scene, owner):
    product = live_product(scene.vendor, owner, scene.officer)
    Product.objects.filter(pk=product.pk).update(locked=True, locked_by=scene.officer)
    before = product.latest_revision_id
    with pytest.raises(NotAllowed) as refused:
        update_product(product_id=product.pk, actor=owner, content=content("Lain"))
    assert refused.value.code == "locked"
    with pytest.raises(NotAllowed):
        submit_product(product_id=product.pk, actor=owner)
    assert Product.objects.get(pk=product.pk).latest_revision_id == before


def test_nothing_changed_means_no_new_revision(scene, owner):
    product = live_product(scene.vendor, owner, scene.officer)
    update_product(product_id=product.pk, actor=owner, content=content())
    product.refresh_from_db()
    assert product.revisions.count() == 1
    assert not product.has_unpublished_changes
    submit_product(product_id=product.pk, actor=owner)
    assert not product.workflow_in_progress


def test_submitting_twice_starts_one_review(scene, owner):
    product = submitted_product(scene.vendor, owner)
    submit_product(product_id=product.pk, actor=owner)
    assert product.workflow_states.count() == 1
    assert TaskState.objects.filter(revision__object_id=str(product.pk)).count() == 1


@pytest.mark.parametrize(
    "change, field",
    [
        (
            lambda product, owner: update_product(product_id=product.pk, actor=owner, content=content(), photos=[]),
            "photos",
        ),
        (
            lambda product, owner: update_product(product_id=product.pk, actor=owner, content=content(description="")),
            "description",
        ),
        (lambda product, owner: Variant.objects.filter(product=product).update(is_active=False), "variants"),
        (lambda product, owner: Variant.objects.filter(product=product).update(weight_grams=0), "variants"),
    ],
    ids=["no photo", "no description", "nothing on sale", "no weight"],
)
def test_incomplete_product_is_not_sent(scene, owner, change, field):
    product = draft_product(scene.vendor, owner)
    change(product, owner)
    with pytest.raises(DomainError) as refused:
        submit_product(product_id=product.pk, actor=owner)
    assert refused.value.code == "incomplete"
    assert refused.value.field == field
    assert not product.workflow_in_progress


def test_suspended_shop_sends_nothing(scene, owner):
    product = draft_product(scene.vendor, owner)
    Vendor.objects.filter(pk=scene.vendor.pk).update(status=Vendor.Status.SUSPENDED)
    with pytest.raises(NotAllowed):
        submit_product(product_id=product.pk, actor=owner)


def test_withdrawing_takes_it_out_of_the_queue_and_it_can_be_sent_again(scene, owner):
    product = submitted_product(scene.vendor, owner)
    withdraw_product(product_id=product.pk, actor=owner)
    assert not TaskState.objects.reviewable_by(scene.officer).exists()
    withdraw_product(product_id=product.pk, actor=owner)
    submit_product(product_id=product.pk, actor=owner)
    assert decide(product, scene.officer).live


def test_archive_and_restore(scene, owner):
    product = live_product(scene.vendor, owner, scene.officer)
    update_product(product_id=product.pk, actor=owner, content=content("Baru"))
    submit_product(product_id=product.pk, actor=owner)
    version = product.listing.search_version
    archive_product(product_id=product.pk, actor=owner)
    assert not Product.objects.visible_products().filter(pk=product.pk).exists()
    assert not TaskState.objects.reviewable_by(scene.officer).exists()
    product.listing.refresh_from_db()
    assert product.listing.search_version > version
    with pytest.raises(NotAllowed):
        submit_product(product_id=product.pk, actor=owner)
    restore_product(product_id=product.pk, actor=owner)
    assert Product.objects.visible_products().get(pk=product.pk).name == "Stik tempe"


def test_office_takes_a_product_down_with_a_reason(scene, owner):
    product = live_product(scene.vendor, owner, scene.officer)
    with pytest.raises(NotAllowed):
        take_down_product(product_id=product.pk, actor=scene.other_officer, reason="Palsu")
    with pytest.raises(DomainError):
        take_down_product(product_id=product.pk, actor=scene.officer, reason=" ")
    take_down_product(product_id=product.pk, actor=scene.officer, reason="Izin edar palsu.")
    assert not Product.objects.visible_products().filter(pk=product.pk).exists()
    assert Notification.objects.filter(kind="product_taken_down", user=owner).exists()
    submit_product(product_id=product.pk, actor=owner)
    assert decide(product, scene.officer).live


def test_photos_keep_their_order_through_the_review(scene, owner):
    product = live_product(scene.vendor, owner, scene.officer)
    first = product.images.get().image_id
    second, third = stored_photo(owner).pk, stored_photo(owner).pk
    photos = [PhotoDraft(third, alt="Bungkus"), PhotoDraft(first), PhotoDraft(second)]
    update_product(product_id=product.pk, actor=owner, content=content(), photos=photos)
    assert [picture.image_id for picture in Product.objects.get(pk=product.pk).images.all()] == [first]
    submit_product(product_id=product.pk, actor=owner)
    product = decide(product, scene.officer)
    assert [picture.image_id for picture in product.images.all()] == [third, first, second]
    assert product.images.first().display_alt == "Bungkus"
    assert product.images.last().display_alt == "Stik tempe"
    assert product.listing.picture_alt == "Bungkus"


def test_workflow_is_made_once_and_mended_when_switched_off(scene, owner):
    workflow = ensure_product_workflow()
    assert ensure_product_workflow() == workflow
    assert ProductModerationTask.objects.count() == 1
    workflow.deactivate()
    product = submitted_product(scene.vendor, owner)
    assert decide(product, scene.officer).live
