"""One line of the permission matrix, and the shapes that most lines have."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.roles import ROLES, Scene

SIGN_IN = "sign-in"
"""Expected status of a redirect to the sign-in page (302 is any other redirect, or either)."""

Status = int | str | tuple[int | str, ...]
Shape = dict[str, Status]
Arguments = dict[str, Any] | Callable[[Scene], dict[str, Any]]


def shape(default: Status, **roles: Status) -> Shape:
    """The same status for every role, except those named."""
    return dict.fromkeys(ROLES, default) | roles


PUBLIC = shape(200)
"""A page for everyone."""
LOGIN = shape(200, visitor=SIGN_IN)
"""A page for everyone who is signed in."""
OWNER_ONLY = shape(404, visitor=SIGN_IN, vendor_owner=200)
"""A page for the owner of `scene.vendor`; for everyone else it does not exist."""
MEMBERS_ONLY = OWNER_ONLY | {"vendor_staff": 200}
"""A page for owner and staff of `scene.vendor`."""
OFFICER_ONLY = shape((SIGN_IN, 302, 403, 404), officer=200, other_officer=404)
"""A page for officers about something of Kota Malang: another region's officer finds nothing there."""
OFFICERS = shape((SIGN_IN, 302, 403, 404), officer=200, other_officer=200)
"""A page for every officer, each seeing their own agency's rows."""
OPERATOR_ONLY = shape((SIGN_IN, 302, 403, 404), operator=200)
"""A page for those who run the site."""
POST_ONLY = shape(405)
"""What a GET gets from an address that only takes POST."""


@dataclass(init=False)
class Row:
    """What each role gets from one request."""

    name: str
    kwargs: Arguments
    method: str
    data: Arguments
    headers: dict[str, str]
    statuses: Shape = field(default_factory=dict)

    def __init__(
        self,
        name: str,
        shape: Shape | None = None,
        *,
        kwargs: Arguments | None = None,
        method: str = "GET",
        data: Arguments | None = None,
        headers: dict[str, str] | None = None,
        **statuses: Status,
    ) -> None:
        self.name = name
        self.kwargs = kwargs or {}
        self.method = method
        self.data = data or {}
        self.headers = headers or {}
        self.statuses = (shape or {}) | statuses
        unknown = set(self.statuses) - set(ROLES)
        if unknown:
            raise TypeError(f"{name}: no such role: {', '.join(sorted(unknown))}")
        silent = [role for role in ROLES if role not in self.statuses]
        if silent:
            raise TypeError(f"{name}: the row does not say what these get: {', '.join(silent)}")

    def __str__(self) -> str:
        return f"{self.method} {self.name}"
