"""Officers judge listings: what waits in their region, on sale beside proposed, one decision after the other."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketplace.catalogue.content import ProductContent
from marketplace.catalogue.models import Product
from marketplace.catalogue.services import submit_product, update_product
from marketplace.notifications.models import Notification
from tests.factories import catalogue
from tests.factories.registration import kind, requirement

pytestmark = pytest.mark.django_db
QUEUE = "/admin/moderasi/"


def page(product: Product) -> str:
    return reverse("moderation:product", args=[catalogue.waiting_task(product).pk])


@pytest.fixture
def waiting(scene):
    return catalogue.submitted_product(scene.vendor, scene.vendor_owner, name="Sambal Bawang")


@pytest.fixture
def changed(scene):
    """A product on sale whose owner proposes a change."""
    product = catalogue.live_product(scene.vendor, scene.vendor_owner, scene.officer, name="Sambal Bawang")
    content = ProductContent(
        name="Sambal Bawang 200 g",
        description="Cabai rawit. Rutin dimakan menurunkan kolesterol, pesan ke 0812-3456-7890.",
        category_id=product.category_id,
    )
    update_product(product_id=product.pk, actor=scene.vendor_owner, content=content)
    submit_product(product_id=product.pk, actor=scene.vendor_owner)
    return Product.objects.get(pk=product.pk)


def test_the_queue_has_the_own_regions_products_oldest_first(scene, officer_client, other_officer_client, waiting):
    newer = catalogue.submitted_product(scene.vendor, scene.vendor_owner, name="Kerupuk Susu")
    response = officer_client.get(QUEUE)
    assert [row["waiting"].product for row in response.context["rows"]] == [waiting, newer]
    assert "Kota Malang" in response.content.decode()
    assert other_officer_client.get(QUEUE).context["rows"] == []


def test_an_empty_queue_says_so(officer_client):
    assert "Tidak ada yang menunggu" in officer_client.get(QUEUE).content.decode()


def test_another_regions_product_does_not_exist(other_officer_client, waiting):
    assert other_officer_client.get(page(waiting)).status_code == 404
    other_officer_client.post(page(waiting), {"action": "approve"})
    waiting.refresh_from_db()
    assert not waiting.live


def test_a_new_product_shows_what_is_proposed(officer_client, waiting):
    html = officer_client.get(page(waiting)).content.decode()
    assert "Produk baru" in html
    assert "Belum tayang" in html
    assert "Renyah, dari tempe Sanan." in html
    assert "Rp15.000" in html


def test_a_change_stands_beside_what_is_on_sale(officer_client, changed):
    html = officer_client.get(page(changed)).content.decode()
    assert "Versi lama tetap dijual" in html
    assert '<span class="addition">200' in html or "200 g" in html
    assert "isian tidak berubah" in html


def test_what_a_machine_notices_fills_the_reason(officer_client, changed):
    response = officer_client.get(page(changed))
    levels = {finding.title: finding.level for finding in response.context["review"].findings}
    assert levels["Klaim kesehatan"] == "problem"
    assert levels["Kontak atau tautan"] == "problem"
    assert "menurunkan kolesterol" in response.context["reason"]
    assert "0812-3456-7890" in response.context["reason"]
    assert '<mark class="o-flag">' in response.content.decode()


def test_missing_permits_are_noticed(officer_client, waiting):
    requirement(waiting.category, "pirt")
    kind("pirt")
    response = officer_client.get(page(waiting))
    finding = next(item for item in response.context["review"].findings if item.title.startswith("Izin kategori"))
    assert finding.level == "problem"
    assert "P-IRT" in finding.text


def test_approving_puts_it_on_sale_and_opens_the_next(scene, officer_client, waiting):
    following = catalogue.submitted_product(scene.vendor, scene.vendor_owner, name="Kerupuk Susu")
    response = officer_client.post(page(waiting), {"action": "approve", "comment": ""})
    assert response["Location"] == page(following)
    waiting.refresh_from_db()
    assert waiting.live
    html = officer_client.get(response["Location"]).content.decode()
    assert "Sambal Bawang disetujui dan tayang." in html
    assert reverse("moderation:take_down", args=[waiting.pk]) in html
    response = officer_client.post(page(following), {"action": "approve"})
    assert response["Location"] == QUEUE


def test_returning_needs_a_reason_and_keeps_the_old_version_on_sale(scene, officer_client, changed):
    response = officer_client.post(page(changed), {"action": "reject", "comment": "  "})
    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.content.decode()
    response = officer_client.post(page(changed), {"action": "reject", "comment": "Hapus klaim kesehatan."})
    assert response["Location"] == QUEUE
    changed.refresh_from_db()
    assert changed.live
    assert changed.name == "Sambal Bawang"
    assert Notification.objects.filter(user=scene.vendor_owner, kind="product_needs_changes").exists()


def test_who_comes_too_late_is_told_and_changes_nothing(scene, officer_client, waiting):
    address = page(waiting)
    catalogue.decide(waiting, scene.operator, "reject", comment="Foto buram.")
    response = officer_client.post(address, {"action": "approve"}, follow=True)
    assert "Belum disimpan: produk ini tidak lagi menunggu Anda" in response.content.decode()
    waiting.refresh_from_db()
    assert not waiting.live


def test_an_owner_who_changes_meanwhile_is_not_approved_unread(scene, officer_client, waiting):
    address = page(waiting)
    content = ProductContent(name="Lain sama sekali", description="Teks baru.", category_id=waiting.category_id)
    update_product(product_id=waiting.pk, actor=scene.vendor_owner, content=content)
    response = officer_client.post(address, {"action": "approve"}, follow=True)
    assert "Belum disimpan" in response.content.decode()
    waiting.refresh_from_db()
    assert not waiting.live


def test_nobody_judges_their_own_shop(scene, officer_client, waiting):
    scene.vendor.members.create(user=scene.officer, role="staff")
    assert officer_client.get(QUEUE).context["rows"] == []
    assert officer_client.get(page(waiting)).status_code == 404


def test_taking_off_sale_needs_a_reason(scene, officer_client, other_officer_client):
    product = catalogue.live_product(scene.vendor, scene.vendor_owner, scene.officer)
    address = reverse("moderation:take_down", args=[product.pk])
    assert other_officer_client.post(address, {"comment": "Palsu."}).status_code == 404
    assert officer_client.post(address, {"comment": ""}).status_code == 422
    product.refresh_from_db()
    assert product.live
    assert officer_client.post(address, {"comment": "Klaim kesehatan."}).status_code == 302
    product.refresh_from_db()
    assert not product.live
    assert officer_client.get(address).status_code == 404


def test_html_in_a_listing_is_text(scene, officer_client):
    evil = '<script>alert(1)</script> mengobati kanker <img src=x onerror="alert(1)">'
    product = catalogue.submitted_product(scene.vendor, scene.vendor_owner, name="Jamu", description=evil)
    html = officer_client.get(page(product)).content.decode()
    assert "<script>alert(1)" not in html
    assert "<img src=x" not in html
    assert "&lt;script&gt;" in html


def test_the_operators_home_opens_while_products_wait(operator_client, waiting):
    """Wagtail's own panels know pages and snippets only."""
    assert operator_client.get("/admin/").status_code == 200


def test_ten_products_cost_as_many_queries_as_two(scene, officer_client, waiting):
    catalogue.submitted_product(scene.vendor, scene.vendor_owner, name="Satu")
    officer_client.get(QUEUE)
    with CaptureQueriesContext(connection) as few:
        officer_client.get(QUEUE)
    for number in range(4):
        catalogue.submitted_product(scene.vendor, scene.vendor_owner, name=f"Produk {number}")
    with CaptureQueriesContext(connection) as many:
        assert len(officer_client.get(QUEUE).context["rows"]) == 6
    assert len(many) == len(few)
