"""Every address of the site against every role.

Each slice has a module `matrix/<slice>.py` with a list `ROWS`:

    from tests.permissions.matrix_row import MEMBERS_ONLY, PUBLIC, SIGN_IN, Row

    ROWS = [
        Row("storefront:product", PUBLIC, kwargs=lambda scene: {"slug": scene.product.slug}),
        Row("portal:products", MEMBERS_ONLY, kwargs=lambda scene: {"slug": scene.vendor.slug}),
        Row("portal:product_archive", MEMBERS_ONLY, method="POST", vendor_owner=302, vendor_staff=302,
            kwargs=lambda scene: {"slug": scene.vendor.slug, "pk": scene.product.pk}),
    ]

* First the URL's full name, then optionally a shape (see `matrix_row.py`), then what differs from it. Without a shape
  name every role: visitor, buyer, vendor_owner, vendor_staff, other_owner, officer, other_officer, editor, operator.
* A status is a number, `SIGN_IN` (redirect to a sign-in page), or a tuple of those, any of which is right.
* `kwargs` and `data` are dicts, or callables that take the `Scene` (tests/roles.py: `scene.vendor`, `scene.product`,
  `scene.variant`, `scene.buyer`, …) and may make what they need; it is rolled back after each role.
* A URL may have several rows (GET and POST); every URL needs at least one. A row whose URL does not exist fails, too.
* Pages of Wagtail's admin and of allauth are not ours to list: `test_wagtail_admin_lets_nobody_else_in` asks them all.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from tests.permissions import matrix
from tests.permissions.matrix_row import SIGN_IN, Row
from tests.roles import ROLES, Scene, sign_in

# Addresses that Wagtail and allauth bring along, by the package that answers them, and why they have no rows.
NOT_OURS = {
    "wagtail.": "asked one by one in test_wagtail_admin_lets_nobody_else_in; pages are public by their nature",
    "allauth.": "a person's own account, guarded and tested by allauth",
}
# Plain redirects and a 404 page that they register without a name, through views of Django's own.
REDIRECTS_OF_THEIRS = {
    "admin/test404/", "akun/social/connections/", "akun/social/login/cancelled/", "akun/social/login/error/",
    "akun/social/signup/",
}  # fmt: skip
# What the admin must show before anyone is signed in.
ADMIN_WITHOUT_SIGN_IN = {
    "wagtailadmin_login", "wagtailadmin_logout", "wagtailadmin_password_reset", "wagtailadmin_password_reset_done",
    "wagtailadmin_password_reset_confirm", "wagtailadmin_password_reset_complete", "wagtailadmin_javascript_catalog",
    "wagtailadmin_sprite",
}  # fmt: skip
pytestmark = pytest.mark.once
ROWS: list[Row] = [
    row
    for module in pkgutil.iter_modules(matrix.__path__)
    for row in importlib.import_module(f"{matrix.__name__}.{module.name}").ROWS
]


def walk(
    patterns: list[Any], namespaces: tuple[str, ...] = (), route: str = ""
) -> Iterator[tuple[str, str, URLPattern]]:
    """Every URL pattern below `patterns`: its full name ("" when it has none), its route and the pattern."""
    for entry in patterns:
        here = route + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = (*namespaces, entry.namespace) if entry.namespace else namespaces
            yield from walk(entry.url_patterns, inner, here)
        else:
            yield ":".join((*namespaces, entry.name)) if entry.name else "", here, entry


def is_ours(name: str, route: str, pattern: URLPattern) -> bool:
    """Whether the matrix must have a row for it. Views that our own slices register with Wagtail are ours."""
    if route in REDIRECTS_OF_THEIRS or name == "wagtailcore_login":
        return False
    namespace = name.rpartition(":")[0]
    if namespace:
        theirs = namespace.startswith("wagtail") and not namespace.startswith("wagtailsnippets_")
        return not theirs and namespace != "simple_translation"
    return not pattern.callback.__module__.startswith(tuple(NOT_OURS))


ALL = list(walk(get_resolver().url_patterns))


def matches(response: Any, expected: Any) -> bool:
    options = expected if isinstance(expected, tuple) else (expected,)
    to_sign_in = response.status_code == 302 and "login" in response.headers["Location"]
    return response.status_code in options or (to_sign_in and SIGN_IN in options)


def test_every_url_has_a_row():
    listed = {row.name for row in ROWS}
    missing = sorted(
        {name or f"(no name) {route}" for name, route, pattern in ALL if is_ours(name, route, pattern)} - listed
    )
    assert not missing, f"not in the permission matrix: {missing}"


def test_every_row_has_a_url():
    existing = {name for name, _route, _pattern in ALL}
    assert not sorted({row.name for row in ROWS} - existing), "rows for addresses that do not exist"


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is taken back. For the site there is no transaction, as in Django's own tests."""
    block = transaction.atomic()
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_each_role_gets_what_the_row_says(row: Row, scene: Scene):
    wrong = []
    for role in ROLES:
        client = scene.client(role)
        with undone():
            arguments = row.kwargs(scene) if callable(row.kwargs) else row.kwargs
            data = row.data(scene) if callable(row.data) else row.data
            send = getattr(client, row.method.lower())
            response = send(reverse(row.name, kwargs=arguments), data, headers=row.headers)
        if not matches(response, row.statuses[role]):
            got = f"{response.status_code} {response.headers.get('Location', '')}".strip()
            wrong.append(f"{role}: expected {row.statuses[role]}, got {got}")
    assert not wrong, "\n".join([str(row), *wrong])


def dummy_address(name: str, pattern: URLPattern) -> str | None:
    """Some address of a pattern that takes arguments, or None where none can be made up."""
    converters = pattern.pattern.converters
    by_kind = {key: "1" if "Int" in type(converter).__name__ else "x" for key, converter in converters.items()}
    for guess in (by_kind, dict.fromkeys(by_kind, "1")):
        try:
            return reverse(name, kwargs=guess)
        except NoReverseMatch:
            continue
    return None


@pytest.mark.django_db
def test_wagtail_admin_lets_nobody_else_in(scene: Scene):
    half_signed_in = sign_in(scene.client("visitor"), scene.people["officer"])
    clients = {
        "visitor": scene.client("visitor"),
        "buyer": scene.client("buyer"),
        "vendor owner": scene.client("vendor_owner"),
        "officer without a second factor": half_signed_in,
    }
    asked, wrong = 0, []
    for name, route, pattern in ALL:
        if is_ours(name, route, pattern) or not route.startswith("admin/") or name in ADMIN_WITHOUT_SIGN_IN:
            continue
        address = dummy_address(name, pattern) if name else None
        if address is None:
            continue
        asked += 1
        for who, client in clients.items():
            response = client.get(address)
            if response.status_code not in (302, 403, 404, 405):
                wrong.append(f"{who} {address}: {response.status_code}")
    assert asked > 100
    assert not wrong, "\n".join(wrong)
