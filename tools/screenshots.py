"""make screenshots: pictures of the main screens of the demo, into docs/screenshots/ as small WebP files.

Starts the site on a port of its own (tools/run.py), signs in as each of the demo's people and takes every picture of
SCREENS. ARGS="home product" takes only those.
"""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "screenshots"
PORT = os.environ.get("PORT") or "8190"
BASE = f"http://localhost:{PORT}"
PHONE, DESK, OFFICE = 390, 1280, 1440
LONGEST = 1600  # pixels: a picture shows a screen and a half, not the whole scroll
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
ARGUMENTS += ["--disable-component-update", "--disable-sync", "--disable-quic", "--font-render-hinting=none"]


@dataclass(frozen=True)
class Screen:
    """One picture: where to go, as whom, and which links to follow from there."""

    name: str
    path: str
    role: str = "visitor without account"
    width: int = DESK
    follow: tuple[str, ...] = ()
    scheme: str = "light"


OWNER, OFFICER = "vendor owner", "officer: Kota Malang"
FIRST_PRODUCT, PORTAL = "main a[href*='/produk/']", "main a[href*='/portal/']"
FIRST_MONTH = "main a[href*='/uang/mutasi/2']"
# An order that went through all its steps, not one that ran out unpaid.
RECEIVED_ORDER = "main tr:has-text('Semua sudah kamu terima') a[href*='/pesanan/LN']"
SCREENS = [
    Screen("home", "/"),
    Screen("home-phone", "/", width=PHONE),
    Screen("home-dark-phone", "/", width=PHONE, scheme="dark"),
    Screen("category", "/kategori/kuliner/"),
    Screen("search", "/cari/?q=kripik+tempe"),
    Screen("search-phone", "/cari/?q=kripik+tempe", width=PHONE),
    Screen("product", "/kategori/kuliner/", follow=(FIRST_PRODUCT,)),
    Screen("product-phone", "/kategori/kuliner/", width=PHONE, follow=(FIRST_PRODUCT,)),
    Screen("shop", "/toko/dapur-tempe-ngalup/"),
    Screen("order", "/akun/pesanan/", role="visitor", follow=(RECEIVED_ORDER,)),
    Screen("registration-phone", "/daftar-umkm/", width=PHONE),
    Screen("registration-returned-phone", "/daftar-umkm/", role="applicant", width=PHONE),
    Screen("portal-today", "/portal/", role=OWNER),
    Screen("portal-today-phone", "/portal/", role=OWNER, width=PHONE),
    Screen("portal-products", "/portal/dapur-tempe-ngalup/produk/", role=OWNER),
    Screen("portal-orders-phone", "/portal/dapur-tempe-ngalup/pesanan/", role=OWNER, width=PHONE),
    Screen("portal-statement", "/portal/dapur-tempe-ngalup/uang/mutasi/", role=OWNER, follow=(FIRST_MONTH,)),
    Screen("officer-queue", "/admin/verifikasi/antrean/", role=OFFICER, width=OFFICE),
    Screen("officer-case", "/admin/verifikasi/antrean/", OFFICER, OFFICE, ("main a[href*='/antrean/UMKM-']",)),
    Screen("officer-moderation", "/admin/moderasi/", role=OFFICER, width=OFFICE),
    Screen("officer-dashboard", "/admin/pemantauan/", role=OFFICER, width=OFFICE),
    Screen("officer-searches", "/admin/pencarian/", role=OFFICER, width=OFFICE),
    Screen("operator-reconciliation", "/admin/pembayaran/rekonsiliasi/", role="operator", width=OFFICE),
]


@contextmanager
def running_site() -> Iterator[list[dict[str, str]]]:
    """The site with its demo, as `make run` starts it; yields the demo's people."""
    process = subprocess.Popen(
        [sys.executable, "tools/run.py", "--quiet"], cwd=ROOT, env=os.environ | {"PORT": PORT}, start_new_session=True
    )
    try:
        for _ in range(1200):
            if process.poll() is not None:
                sys.exit("screenshots: the site did not start; its message is above")
            try:
                urllib.request.urlopen(BASE + "/readyz", timeout=3)
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.5)
        yield json.loads((ROOT / "var" / "state" / "logins.json").read_text())
    finally:
        process.terminate()
        process.wait(20)


def code_of_now() -> str:
    """The digits that an authenticator app of the demo's people shows."""
    command = [sys.executable, "manage.py", "demo", "--code"]
    return subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout.strip()


def sign_in(page: Page, login: dict[str, str]) -> None:
    page.goto("/akun/login/")
    page.fill("input[name=login]", login["email"])
    page.fill("input[name=password]", login["password"])
    page.click("main form button[type=submit]")
    if login.get("totp_secret"):
        page.fill("input[name=code]", code_of_now())
        page.click("main form button[type=submit]")
    page.wait_for_load_state()


class Camera:
    """Keeps one signed-in browser per person."""

    def __init__(self, browser: Browser, logins: list[dict[str, str]]) -> None:
        self.browser, self.logins = browser, logins
        self.cookies: dict[str, dict] = {}

    def page(self, screen: Screen) -> Page:
        login = next((row for row in self.logins if row["role"].startswith(screen.role)), None)
        state = self.cookies.get(screen.role)
        context = self.browser.new_context(
            base_url=BASE,
            viewport={"width": screen.width, "height": 844 if screen.width == PHONE else 900},
            device_scale_factor=2 if screen.width == PHONE else 1,
            color_scheme=screen.scheme,
            reduced_motion="reduce",
            locale="id-ID",
            timezone_id="Asia/Jakarta",
            storage_state=state,
        )
        page = context.new_page()
        if login and state is None:
            sign_in(page, login)
            self.cookies[screen.role] = context.storage_state()
        return page

    def take(self, screen: Screen) -> Path:
        page = self.page(screen)
        page.goto(screen.path)
        for selector in screen.follow:
            page.goto(page.locator(selector).first.get_attribute("href"))
        page.wait_for_load_state("networkidle")
        height = min(page.evaluate("document.documentElement.scrollHeight"), LONGEST)
        # The window becomes as high as the page: what stays at its foot then stands at the foot of the picture.
        page.set_viewport_size({"width": screen.width, "height": height})
        picture = page.screenshot()
        page.context.close()
        path = OUT / f"{screen.name}.webp"
        Image.open(BytesIO(picture)).convert("RGB").save(path, quality=80, method=6)
        return path


def main() -> int:
    if not CHROMIUM:
        sys.exit("screenshots: no Chromium here; install it (Debian: apt install chromium) or set CHROMIUM to its path")
    wanted = [screen for screen in SCREENS if not sys.argv[1:] or screen.name in sys.argv[1:]]
    OUT.mkdir(parents=True, exist_ok=True)
    failed = 0
    with running_site() as logins, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        camera = Camera(browser, logins)
        for screen in wanted:
            try:
                path = camera.take(screen)
                print(f"{screen.name:<30} {path.stat().st_size // 1024:>5} KB", flush=True)
            except Exception as error:
                failed += 1
                print(f"{screen.name:<30} FAILED: {str(error).splitlines()[0]}", flush=True)
        browser.close()
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
