"""Loads the demo: the people, then a year of registrations, listings and orders, then what today's screens show."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import transaction
from tqdm import tqdm

from marketplace.audit.models import AuditEvent
from marketplace.audit.services import record
from marketplace.installation.demo.businesses import Registrations
from marketplace.installation.demo.catalogue import Catalogue, all_pictures, prepare_pictures
from marketplace.installation.demo.people import ensure_people
from marketplace.installation.demo.sales import Sales
from marketplace.installation.demo.timeline import Timeline
from marketplace.installation.services import STEPS, set_up_site
from marketplace.outbox.models import OutboxMessage

LOADED = "installation.demo_loaded"
SPAN_DAYS = 366


def is_loaded() -> bool:
    """Whether the demo is there already."""
    return AuditEvent.objects.filter(action=LOADED).exists()


def load_demo(*, quiet: bool = False) -> bool:
    """Load the demo and return True, or do nothing and return False when it is there. All of it or nothing."""
    with progress("site", len(STEPS), quiet) as advance:
        for _step in set_up_site():
            advance(1)
    if is_loaded():
        return False
    paths = all_pictures()
    pictures = {}
    with progress("pictures", len(paths), quiet) as advance:
        for path, prepared in prepare_pictures(paths):
            pictures[path] = prepared
            advance(1)
    with no_mail(), transaction.atomic():
        people = ensure_people()
        timeline = Timeline()
        catalogue = Catalogue(timeline, pictures)
        Registrations(timeline, catalogue.open_shop).schedule()
        Sales(timeline).schedule()
        with progress("one year", SPAN_DAYS, quiet) as advance:
            last = 0
            for moment in timeline.run():
                day = min(SPAN_DAYS, SPAN_DAYS - (timeline.now - moment).days)
                advance(max(0, day - last))
                last = max(last, day)
        catalogue.leave_some_waiting()
        _forget_mails()
        record(action=LOADED, target=people["operator@lapak.test"])
    return True


def _forget_mails() -> None:
    """A year of mails to people who do not exist is not sent."""
    OutboxMessage.objects.filter(topic__in=["notifications.mail", "accounts.mail"]).delete()


@contextmanager
def no_mail() -> Iterator[None]:
    """Nothing of the past year is sent now, neither by us nor by Wagtail."""
    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "django.core.mail.backends.dummy.EmailBackend"
    logger = logging.getLogger("wagtail")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        settings.EMAIL_BACKEND = backend
        logger.setLevel(level)


@contextmanager
def progress(what: str, total: int, quiet: bool) -> Iterator[Callable[[int], object]]:
    """A bar on the terminal, or nothing."""
    with tqdm(total=total, desc=f"{what:>10}", disable=quiet, ncols=78, bar_format="{l_bar}{bar}| {elapsed}") as bar:
        yield bar.update
