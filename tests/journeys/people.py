"""What each person of the main job does in the browser, one method for one thing done."""

import re
from pathlib import Path

from django.core import mail
from playwright.sync_api import Page, expect

from marketplace.accounts.second_factor import code_of_now
from marketplace.installation.demo.papers import specimen
from marketplace.outbox.services import process_due
from tests.browser import follow, settle
from tests.factories.base import PASSWORD


def worker() -> None:
    """What the worker does beside the web server: mails, pictures, index."""
    while process_due():
        pass


def address_in_mail(to: str, pattern: str) -> str:
    """The path of the first link of this form in the newest mail to somebody."""
    worker()
    letter = next(
        message for message in reversed(mail.outbox) if message.to == [to] and re.search(pattern, message.body)
    )
    return re.search(pattern, letter.body).group(0)


def paper_photo(folder: Path, title: str) -> Path:
    """A photo of a paper, as the phone has it in its gallery."""
    path = folder / f"{title.lower()}.jpg"
    path.write_bytes(specimen(title=title, lines=["Sari Rasa Polowijen", "Sari Utami"]).read())
    return path


def no_sideways_scroll(page: Page) -> None:
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"], f"{page.url} scrolls sideways: {width}"


class Person:
    """Somebody with a browser of their own."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def go(self, path: str) -> None:
        response = self.page.goto(path)
        assert response is not None, path
        assert response.status == 200, f"{path}: {response.status}"
        no_sideways_scroll(self.page)

    def press(self, selector: str) -> None:
        """Press a button that leads to another page."""
        with self.page.expect_navigation():
            self.page.locator(selector).locator("visible=true").first.click()
        no_sideways_scroll(self.page)

    def sign_in(self, email: str, *, to: str, secret: str = "") -> None:
        self.page.goto(f"/akun/login/?next={to}")
        self.page.fill("input[name=login]", email)
        self.page.fill("input[name=password]", PASSWORD)
        self.press("main form button[type=submit]")
        if secret:
            self.page.fill("input[name=code]", code_of_now(secret))
            self.press("main form button[type=submit]")
        # Where a code or password was refused, the trouble is told here and not by a later page.
        expect(self.page).not_to_have_url(re.compile("/akun/"))


class Owner(Person):
    """A business owner with a phone."""

    email = "sari@example.com"

    def sign_up(self) -> None:
        self.go("/daftar-umkm/")
        self.press("main a[href*='/akun/signup/']")
        self.page.fill("input[name=name]", "Sari Utami")
        self.page.fill("input[name=email]", self.email)
        self.page.fill("input[name=password1]", PASSWORD)
        self.press("main form button[type=submit]")
        link = address_in_mail(self.email, r"http://\S+/akun/confirm-email/\S+")
        self.page.goto(link)
        self.go("/daftar-umkm/")

    def register(self, folder: Path) -> None:
        self.press("form[action$='/mulai/'] button")
        # Identity: a NIK with 15 digits first; nothing typed is lost.
        self.page.fill("input[name=owner_name]", "Sari Utami")
        self.page.fill("input[name=nik]", "357301540388000")
        self.page.fill("input[name=phone]", "0812 3456 7890")
        self.page.fill("input[name=nib]", "0000000000012")
        self.press("#step-form button[type=submit]")
        expect(self.page.locator("#id_nik_error")).to_be_visible()
        expect(self.page.locator("input[name=phone]")).to_have_value(re.compile("812"))
        self.page.fill("input[name=nik]", "3573015403880001")
        self.press("#step-form button[type=submit]")
        # Business
        self.page.fill("input[name=name]", "Sari Rasa Polowijen")
        self.page.locator("#id_categories summary").first.click()
        self.page.locator("#id_categories details[open] input[type=checkbox]").first.check()
        self.page.fill(
            "textarea[name=story]", "Keripik dari dapur rumah di Polowijen, digoreng tiap pagi. <b>Enak!</b>"
        )
        self.page.select_option("#village-select select", value="35.73.01.1002")
        self.page.fill("input[name=address]", "Jl. Cakalang 12, RT 03 RW 02")
        self.page.locator("label", has=self.page.locator("input[name=size_class][value=micro]")).click()
        self.press("#step-form button[type=submit]")
        # Papers: each is sent as soon as it is chosen.
        photo = paper_photo(folder, "KTP")
        for tile in self.page.locator("#step-form > .upload-list > .paper").all():
            kind = tile.get_attribute("id").removeprefix("paper-")
            if kind == "ktp" or kind == "nib":
                self.page.set_input_files(f"#id_{kind}-file", str(photo))
                expect(self.page.locator(f"#paper-{kind} .upload-tile--done")).to_be_visible()
            else:
                self.page.locator(f"#paper-{kind} button[name=wants][value='1']").click()
                expect(self.page.locator(f"#paper-{kind} .upload-tile--helped")).to_be_visible()
        self.press("#step-form .form-actions button[type=submit]")
        # Review, consent, submit
        self.press(".form-actions a.button:not(.button--secondary)")
        self.page.locator("input[name=consents]").check()
        self.press("main form button[type=submit]")

    def fix(self) -> None:
        path = address_in_mail(self.email, r"/daftar-umkm/[^/\s]+/\S*")
        self.page.goto(path)
        if not self.page.locator("#step-form").count():
            self.press("main a[href$='/perbaiki/']")
        no_sideways_scroll(self.page)
        expect(self.page.locator("input[name=nik]")).to_have_count(0)
        self.page.fill("input[name=address]", "Jl. Cakalang 12, RT 03 RW 02, rumah pagar hijau")
        self.press("#step-form button[name=send]")

    def list_product(self, photo: Path) -> None:
        self.go("/portal/")
        self.press("a[href$='/produk/baru/']")
        self.page.set_input_files("input[type=file][name$=photos]", str(photo))
        expect(self.page.locator("#photo-list > li")).to_have_count(1)
        self.page.fill("input[name=name]", "Keripik Singkong Sari Rasa")
        self.page.select_option("select[name=category]", index=1)
        self.page.fill(
            "textarea[name=description]", "Keripik singkong tipis dengan bawang, renyah sampai gigitan akhir."
        )
        # Price 0 first: refused with what to do, the words stay.
        self.page.fill("input[name$=-price]", "0")
        self.page.fill("input[name$=-stock]", "6")
        self.page.fill("input[name$=-weight]", "250")
        self.press(".save-bar button[value=submit]")
        expect(self.page.locator(".error-summary")).to_be_visible()
        expect(self.page.locator("input[name=name]")).to_have_value("Keripik Singkong Sari Rasa")
        self.page.fill("input[name$=-price]", "17500")
        self.press(".save-bar button[value=submit]")


class OfficerAtDesk(Person):
    """An officer in the admin."""

    def open_case(self) -> None:
        self.go("/admin/verifikasi/antrean/")
        self.press("a[href*='/admin/verifikasi/antrean/UMKM-']")
        claim = self.page.locator("button[form=officers-claim]")
        if claim.count():
            self.press("button[form=officers-claim]")

    def check_everything(self, *, wrong: str = "") -> None:
        """Go through the open checks; `wrong` is the field that is not in order."""
        for _turn in range(20):
            form = self.page.locator("form.o-check__form")
            if not form.count():
                todo = self.page.locator("li.o-check--todo .o-check__title a")
                if not todo.count():
                    return
                self.press("li.o-check--todo .o-check__title a")
                continue
            fields = form.locator("select[name$=field] option").evaluate_all("all => all.map(one => one.value)")
            answer = "ok"
            if wrong and wrong in fields:
                form.locator("details.o-check__problem summary").click()
                form.locator("select[name$=field]").select_option(wrong)
                form.locator("textarea[name$=reason]").fill("Sebutkan ciri rumahnya, supaya kurir tidak keliru.")
                answer, wrong = "problem", ""
            before = self.page.locator("li.o-check--todo").count()
            # The address follows the saved check: not to be taken for the next page later.
            follow(form.locator(f"button[name=result][value={answer}]"))
            expect(self.page.locator("li.o-check--todo")).to_have_count(max(0, before - 1))
        raise AssertionError("the checks do not come to an end")

    def decide(self, verdict: str) -> None:
        self.page.locator(f".o-decision__actions a[data-dialog={verdict}]").click()
        form = self.page.locator(
            f"form[action*='{ {'approve': 'setujui', 'return': 'kembalikan'}[verdict] }']"
        ).locator("visible=true")
        with self.page.expect_navigation():
            form.locator("button[type=submit]").last.click()

    def approve_product(self, name: str) -> None:
        self.go("/admin/moderasi/")
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=re.compile(name)).first.click()
        no_sideways_scroll(self.page)
        self.press("button[name=action][value=approve]")


class Buyer(Person):
    """A visitor without an account."""

    def put_in_basket(self, query: str, name: str) -> None:
        self.go(f"/cari/?q={query}")
        self.press(f"main a:has-text('{name}')")
        expect(self.page.locator("form#beli")).to_be_attached()
        settle(self.page)
        # On a phone the button stands in the bar at the foot.
        self.page.locator("button[form=beli], form#beli button[type=submit]").locator("visible=true").last.click()
        expect(self.page.locator("#toasts .toast").first).to_be_visible()

    def check_out(self) -> None:
        self.go("/keranjang/")
        self.press("a[href$='/bayar/']")
        self.page.fill("input[name=name]", "Rina O'Brien <script>alert(1)</script>")
        self.page.fill("input[name=email]", "rina@example.com")
        self.page.fill("input[name=phone]", "0813 2222 3333")
        self.page.fill("input[name=region_query]", "Klojen")
        self.page.click("#checkout-search")
        expect(self.page.locator(".checkout__found button[name=region]").first).to_be_visible()
        settle(self.page)
        self.page.locator(".checkout__found button[name=region]").first.click()
        expect(self.page.locator("input[name=street]")).to_be_visible()
        settle(self.page)
        self.page.fill("input[name=street]", "Jl. Semeru 21")
        self.page.locator("label", has=self.page.locator("input[name=payment_method][value=stripe]")).click()
        settle(self.page)
        self.press("#checkout-order")

    def pay(self, card: str) -> None:
        self.page.fill("input[name=card_number]", card)
        self.page.fill("input[name=card_expiry]", "12/34")
        self.page.fill("input[name=card_cvc]", "123")
        with self.page.expect_navigation():
            self.page.locator("button[type=submit]").first.click()


class Seller(Person):
    """Somebody who fulfils orders."""

    def orders(self, slug: str) -> None:
        self.go(f"/portal/{slug}/pesanan/")

    def step(self, to: str, **fields: str) -> None:
        form = self.page.locator(f".order-step form:has(input[name=to][value={to}])")
        for name, value in fields.items():
            form.locator(f"[name={name}]").fill(value)
        with self.page.expect_navigation():
            form.locator("button[type=submit]").click()
        no_sideways_scroll(self.page)
