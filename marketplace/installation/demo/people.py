"""Who can be tried out, and how each signs in. The passwords and secrets are public: the demo never runs for real."""

from dataclasses import asdict, dataclass

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import transaction
from django.utils.crypto import get_random_string

from marketplace.accounts.models import Agency, User
from marketplace.accounts.services import (
    appoint_editor,
    appoint_officer,
    appoint_operator,
    register_person,
    set_second_factor,
)

PASSWORD = "lapak-ngalam-2026"  # noqa: S105
# RFC 4226's example secret. Add it by hand to an authenticator app, or print a code with `manage.py demo --code`.
TOTP_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # noqa: S105


@dataclass(frozen=True)
class Login:
    """One person of the demo, as `manage.py demo --logins` prints it."""

    role: str
    email: str
    name: str
    password: str = PASSWORD
    totp_secret: str = ""


VISITOR = Login("visitor", "pembeli@lapak.test", "Rina Ayu Larasati")
OWNERS = (
    Login("vendor owner: Dapur Tempe Ngalup", "ngalup@lapak.test", "Sri Wahyuningsih"),
    Login("vendor owner: Batik Tunjung Biru", "tunjung@lapak.test", "Ratna Dewanti"),
)
APPLICANT = Login("applicant: a registration that was returned", "calon@lapak.test", "Wulan Sekarsari")
OFFICERS = {
    "35.73": (
        Login("officer: Kota Malang", "petugas.kota@lapak.test", "Bagus Prasetyo", totp_secret=TOTP_SECRET),
        Login("officer: Kota Malang, second", "petugas2.kota@lapak.test", "Nur Hidayati", totp_secret=TOTP_SECRET),
    ),
    "35.07": (
        Login("officer: Kabupaten Malang", "petugas.kab@lapak.test", "Heru Cahyono", totp_secret=TOTP_SECRET),
        Login("officer: Kabupaten Malang, second", "petugas2.kab@lapak.test", "Lilik Maryati", totp_secret=TOTP_SECRET),
    ),
    "35.79": (
        Login("officer: Kota Batu", "petugas.batu@lapak.test", "Dyah Kusumawati", totp_secret=TOTP_SECRET),
        Login("officer: Kota Batu, second", "petugas2.batu@lapak.test", "Arif Setiawan", totp_secret=TOTP_SECRET),
    ),
}
EDITOR = Login("editor", "redaksi@lapak.test", "Galih Pramono", totp_secret=TOTP_SECRET)
OPERATOR = Login("operator", "operator@lapak.test", "Yusuf Effendi", totp_secret=TOTP_SECRET)
LOGINS = (VISITOR, *OWNERS, APPLICANT, *(login for pair in OFFICERS.values() for login in pair), EDITOR, OPERATOR)


# Everyone has the same public password, so it is hashed once and cheaply: a sign-in hashes it anew and properly.
_HASH = PBKDF2PasswordHasher().encode(PASSWORD, get_random_string(22), iterations=1)


def demo_person(*, email: str, name: str) -> User:
    """The person with this address and the demo's password, made if absent."""
    person = register_person(email=email, name=name, password=None)
    if not person.has_usable_password():
        person.password = _HASH
        person.save(update_fields=["password"])
    return person


def logins_as_json() -> list[dict[str, str]]:
    """What `--logins` prints: role, email, password and TOTP secret of everyone."""
    return [asdict(login) for login in LOGINS]


@transaction.atomic
def ensure_people() -> dict[str, User]:
    """Create everyone who is not there yet, with role and second factor, and return them by email."""
    people = {login.email: demo_person(email=login.email, name=login.name) for login in LOGINS}
    agencies = {agency.region_id: agency for agency in Agency.objects.all()}
    for region, pair in OFFICERS.items():
        for login in pair:
            appoint_officer(user=people[login.email], agency=agencies[region])
    appoint_editor(user=people[EDITOR.email])
    appoint_operator(user=people[OPERATOR.email])
    for login in LOGINS:
        if login.totp_secret:
            set_second_factor(user=people[login.email], secret=login.totp_secret)
    return people
