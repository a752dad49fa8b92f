"""What has to be checked before a shop opens, and what of it still holds.

A check covers some answers and papers of the application. Its result stays valid in later rounds for as long as these
are what they were: an officer checks again only what the owner changed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from umkm.registration.answers import BY_KEY
from umkm.registration.models import ApplicationRound, FieldReturn
from umkm.vendors.models import SizeClass
from umkm.verification.models import CheckResult, FieldCheck, Source

OWNER, PLACE, BUSINESS = "owner", "place", "business"
DOCUMENT = FieldReturn.DOCUMENT_PREFIX
IDENTITY_CARD, NIB = "ktp", "nib"

PERSONAL_FIELDS = ("nik", "npwp", "phone", "turnover")

DOCUMENT_SOURCES: dict[str, tuple[Source, ...]] = {
    "nib": (Source.OSS, Source.DOCUMENT, Source.PHONE),
    "pirt": (Source.OSS, Source.DOCUMENT, Source.PHONE, Source.VISIT),
    "halal": (Source.BPJPH, Source.DOCUMENT, Source.PHONE),
    "bpom_md": (Source.BPOM, Source.DOCUMENT, Source.PHONE),
    "bpom_tr": (Source.BPOM, Source.DOCUMENT, Source.PHONE),
    "npwp": (Source.DJP, Source.DOCUMENT, Source.PHONE),
    "merek": (Source.DJKI, Source.DOCUMENT, Source.PHONE),
}
DOCUMENT_TITLES: dict[str, str | Promise] = {
    "nib": _("NIB is registered and active"),
    "pirt": _("P-IRT is valid and fits the kind of food"),
    "halal": _("Halal certificate is valid"),
    "npwp": _("NPWP belongs to the owner"),
}


@dataclass(frozen=True)
class Check:
    """One thing to check: which answers and papers it covers, and where it can be looked up."""

    key: str
    title: str | Promise
    fields: tuple[str, ...]
    documents: tuple[str, ...] = ()
    sources: tuple[Source, ...] = (Source.DOCUMENT, Source.PHONE, Source.VISIT)

    @property
    def targets(self) -> tuple[str, ...]:
        """What can be returned to the owner when this check fails, the likeliest first."""
        return (*(DOCUMENT + kind for kind in self.documents), *self.fields)


@dataclass(frozen=True)
class Change:
    """An answer or paper that is different from the round before."""

    label: str
    before: str
    after: str


@dataclass
class CheckState:
    """A check as it stands now: the result that counts, or what was said before it changed."""

    check: Check
    result: FieldCheck | None = None
    earlier: FieldCheck | None = None
    changes: list[Change] = field(default_factory=list)
    returned: list[FieldReturn] = field(default_factory=list)
    round_number: int = 1

    @property
    def state(self) -> str:
        """`ok`, `problem`, `unverifiable`, or `todo` while nothing counts."""
        return self.result.result if self.result else "todo"

    @property
    def is_passed(self) -> bool:
        return self.state == CheckResult.OK

    @property
    def is_done(self) -> bool:
        """Whether an officer has come to an answer; "could not be checked" is none."""
        return self.state in (CheckResult.OK, CheckResult.PROBLEM)

    @property
    def is_kept(self) -> bool:
        """Passed in an earlier round and unchanged since."""
        return self.is_passed and self.result is not None and self.result.round.number < self.round_number


def as_submitted(application_round: ApplicationRound) -> dict[str, Any]:
    """The round's answers and papers; decrypted once for each loaded object."""
    cached = getattr(application_round, "_as_submitted", None)
    if cached is None:
        cached = application_round._as_submitted = application_round.as_submitted  # type: ignore[attr-defined]
    return cached


def checks_of(snapshot: dict[str, Any], kind_names: dict[str, str] | None = None) -> list[Check]:
    """The checks that an application needs, from what it was submitted with.

    Arguments:
        kind_names: names of the kinds of paper by slug, for titles.
    """
    papers = snapshot["documents"]
    names = kind_names or {}
    checks = [
        Check(
            OWNER,
            _("Owner is the person on the identity card"),
            fields=("owner_name", "nik", "phone"),
            documents=(IDENTITY_CARD,) if IDENTITY_CARD in papers else (),
        ),
        Check(PLACE, _("Place of business is in the region"), fields=("address", "village")),
        Check(
            BUSINESS,
            _("Business and what it sells are described rightly"),
            fields=("name", "story", "subsector", "kbli", "categories", "size_class"),
        ),
    ]
    own_fields = {NIB: ("nib",), "npwp": ("npwp",)}
    for kind in papers:
        if kind == IDENTITY_CARD:
            continue
        title = DOCUMENT_TITLES.get(kind) or _("%(paper)s is valid and belongs to this business") % {
            "paper": names.get(kind, kind)
        }
        checks.append(
            Check(
                DOCUMENT + kind,
                title,
                fields=own_fields.get(kind, ()),
                documents=(kind,),
                sources=DOCUMENT_SOURCES.get(kind, (Source.DOCUMENT, Source.PHONE, Source.VISIT)),
            )
        )
    return checks


def _covered(check: Check, snapshot: dict[str, Any]) -> dict[str, Any]:
    """What the check looks at: answers by field, papers by kind."""
    return {name: snapshot["fields"].get(name, "") for name in check.fields} | {
        DOCUMENT + kind: snapshot["documents"].get(kind) for kind in check.documents
    }


def state_of_checks(
    rounds: Sequence[ApplicationRound],
    results: Iterable[FieldCheck],
    returns: Iterable[FieldReturn] = (),
    kind_names: dict[str, str] | None = None,
) -> list[CheckState]:
    """Every check of an application as it stands now.

    Arguments:
        rounds: all its rounds, oldest first.
        results: all its check results, whatever the round.
        returns: what was returned to the owner, whatever the round.
    """
    if not rounds:
        return []
    by_number = {item.number: item for item in rounds}
    current = rounds[-1]
    before = rounds[-2] if len(rounds) > 1 else None
    snapshot = as_submitted(current)
    by_key: dict[str, list[FieldCheck]] = {}
    for result in results:
        by_key.setdefault(result.key, []).append(result)
    states = []
    for check in checks_of(snapshot, kind_names):
        state = CheckState(check, round_number=current.number)
        now = _covered(check, snapshot)
        for result in sorted(
            by_key.get(check.key, ()), key=lambda item: (by_number[item.round.number].number, item.pk)
        ):
            unchanged = _covered(check, as_submitted(by_number[result.round.number])) == now
            counts = result.round.number == current.number or result.result == CheckResult.OK
            if unchanged and counts:
                state.result = result
            else:
                state.result, state.earlier = None, result
        if before is not None:
            state.changes = changes_between(as_submitted(before), snapshot, check.targets, kind_names)
            state.returned = [item for item in returns if item.round_id == before.pk and item.field in check.targets]
        states.append(state)
    return states


def changes_between(
    before: dict[str, Any], after: dict[str, Any], targets: Iterable[str], kind_names: dict[str, str] | None = None
) -> list[Change]:
    """What differs between two rounds, of these fields and papers. Personal numbers keep only their last digits."""
    changes = []
    for target in targets:
        if target.startswith(DOCUMENT):
            changes += _paper_changes(target.removeprefix(DOCUMENT), before, after, kind_names or {})
            continue
        old, new = before["fields"].get(target, "") or "", after["fields"].get(target, "") or ""
        if old != new:
            changes.append(Change(str(label_of(target)), shown(target, old), shown(target, new)))
    return changes


def _paper_changes(kind: str, before: dict[str, Any], after: dict[str, Any], names: dict[str, str]) -> list[Change]:
    old, new = before["documents"].get(kind) or {}, after["documents"].get(kind) or {}
    if old == new:
        return []
    label = names.get(kind, kind)
    # The number of an identity card is the NIK.
    number_of = {IDENTITY_CARD: "nik", "npwp": "npwp"}.get(kind, "")
    parts = [
        Change(
            f"{label}: {word}",
            shown(number_of if name == "number" else "", str(old.get(name) or "–")),
            shown(number_of if name == "number" else "", str(new.get(name) or "–")),
        )
        for name, word in (("number", _("number")), ("issued_on", _("issued")), ("expires_on", _("expires")))
        if old.get(name) != new.get(name)
    ]
    if old.get("sha256") != new.get("sha256"):
        file, earlier, newer = _("file"), _("earlier file"), _("new file")
        parts.append(Change(f"{label}: {file}", str(earlier) if old else "–", str(newer) if new else "–"))
    return parts


def label_of(target: str, kind_names: dict[str, str] | None = None) -> str:
    """What a field or paper is called on the screen."""
    if target.startswith(DOCUMENT):
        kind = target.removeprefix(DOCUMENT)
        return (kind_names or {}).get(kind, kind)
    return str(BY_KEY[target].label) if target in BY_KEY else target


def shown(target: str, value: str) -> str:
    """An answer as it may stand on a screen: of personal numbers only the ends, codes as words."""
    if target == "size_class" and value in SizeClass.values:
        return str(SizeClass(value).label)
    if target in PERSONAL_FIELDS and len(value) > 4:
        start = 4 if target in ("nik", "phone") and len(value) > 8 else 0
        return value[:start] + "•" * max(len(value) - start - 4, 1) + value[-4:]
    return value
