"""What the site keeps about a person: seeing it, taking it along, having it erased (UU PDP 27/2022, articles 7–16).

Each slice that keeps something about people registers a holding in its AppConfig.ready(), as with the outbox.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.functional import Promise

from marketplace.accounts.models import User


@dataclass(frozen=True)
class Blocker:
    """Why a person cannot be erased yet, and where they do something about it."""

    text: str
    url: str = ""
    label: str = ""


@dataclass(frozen=True)
class Consent:
    """Something that a person agreed to, and how they take it back."""

    what: str
    given_on: date
    how_to_withdraw: str
    url: str = ""


def _nothing(user: User) -> list[Any]:
    return []


@dataclass(frozen=True)
class Holding:
    """What one slice keeps about people.

    Arguments:
        key: its name in the file that people download.
        label: what it is, for the page.
        kept_after: what of it stays after an erasure and why; empty when nothing does.
        export: all of it, as JSON values; decrypted, since the person reads it.
        erase: take the person out of it. Runs inside the erasing transaction, after every slice found no blocker.
        blockers: what stands in the way of an erasure.
        consents: what the person agreed to there.
        order: its place in page and file. Erased in the opposite order: the account goes last, since it finds the rest.
    """

    key: str
    label: str | Promise
    export: Callable[[User], Any]
    erase: Callable[[User], None]
    kept_after: str | Promise = ""
    blockers: Callable[[User], list[Blocker]] = field(default=_nothing)
    consents: Callable[[User], list[Consent]] = field(default=_nothing)
    order: int = 50


holdings: dict[str, Holding] = {}


def register_holding(holding: Holding) -> None:
    """Let a slice take part. One holding per key; a second is a mistake."""
    if holding.key in holdings and holdings[holding.key] != holding:
        raise ValueError(f"there is a holding {holding.key} already")
    holdings[holding.key] = holding


def all_holdings() -> list[Holding]:
    """Every holding, in the order of the page and the file."""
    return sorted(holdings.values(), key=lambda holding: (holding.order, holding.key))


def blockers_of(user: User) -> list[Blocker]:
    """Everything that stands in the way of erasing `user`."""
    return [blocker for holding in all_holdings() for blocker in holding.blockers(user)]


def consents_of(user: User) -> list[Consent]:
    """Everything that `user` agreed to, newest first."""
    consents = [consent for holding in all_holdings() for consent in holding.consents(user)]
    return sorted(consents, key=lambda consent: consent.given_on, reverse=True)
