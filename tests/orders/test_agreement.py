"""What was agreed reaches the buyer on the page, by mail and as a PDF: nine items, and never a tax invoice."""

from io import BytesIO

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import translation
from pypdf import PdfReader

from marketplace.orders.notices import on_placed
from marketplace.outbox.services import process_due
from tests.factories.orders import make_order, make_shop, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_indonesian():
    """A request leaves its language behind in the thread; the next test must not take it on."""
    with translation.override("id"):
        yield


@pytest.fixture
def order():
    first = make_variant(make_shop("Sanan", nib="1234567890123"), "Keripik tempe")
    second = make_variant(make_shop("Dinoyo"), "Gerabah <b>")
    return make_order([(first, 2), (second, 1)])


def test_the_pdf_has_the_goods_the_sum_and_the_nine_items(client, order):
    url = reverse("orders:receipt-file", args=[order.number, order.token])
    response = client.get(url)
    assert response["Content-Type"] == "application/pdf"
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(response.content)).pages)
    for words in ("Keripik tempe", "Gerabah <b>", "Rp65.000", "NIB 1234567890123", "sinta@contoh.id", "BPSK"):
        assert words in text
    assert all(f"{number}. " in text for number in range(1, 10))
    assert "bukan faktur pajak" in text.lower()


@pytest.mark.parametrize("language, words", [("id", "bukan faktur pajak"), ("en", "not a tax invoice")])
def test_the_mail_carries_the_agreement_in_the_buyers_language(order, language, words):
    type(order).objects.filter(pk=order.pk).update(language=language)
    on_placed({"order_id": order.pk})
    process_due(topics=["notifications.mail"])
    (message,) = mail.outbox
    assert "9. " in message.body
    assert "1234567890123" in message.body
    assert "Gerabah <b>" in message.body, "no HTML escapes in plain text"
    assert words in message.body.lower()


def test_a_wrong_token_gets_no_pdf(client, order):
    assert client.get(reverse("orders:receipt-file", args=[order.number, "guessed"])).status_code == 404
