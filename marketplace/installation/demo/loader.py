"""Loads the demo: the people, then a year of registrations, listings and orders, then what today's screens show."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connections, transaction
from tqdm import tqdm

from marketplace.audit.models import AuditEvent
from marketplace.audit.services import record
from marketplace.catalogue.images import RENDITION_TOPIC, make_renditions
from marketplace.catalogue.listings import SEARCH_TOPIC, refresh_listings
from marketplace.catalogue.models import Product, ProductImage
from marketplace.installation.demo.businesses import Registrations
from marketplace.installation.demo.catalogue import Catalogue, all_pictures, prepare_pictures
from marketplace.installation.demo.payouts import Payouts
from marketplace.installation.demo.people import EDITOR, OPERATOR, ensure_people
from marketplace.installation.demo.pins import pin_favourites
from marketplace.installation.demo.sales import Sales
from marketplace.installation.demo.searches import Searches
from marketplace.installation.demo.stories import dress_stories
from marketplace.installation.demo.timeline import Timeline
from marketplace.installation.demo.vouchers import Vouchers
from marketplace.installation.services import STEPS, set_up_site
from marketplace.outbox.models import OutboxMessage
from search.indexing import rebuild

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
        Vouchers(timeline).schedule()
        Sales(timeline).schedule()
        Payouts(timeline).schedule()
        with progress("one year", SPAN_DAYS, quiet) as advance:
            last = 0
            for moment in timeline.run():
                day = min(SPAN_DAYS, SPAN_DAYS - (timeline.now - moment).days)
                advance(max(0, day - last))
                last = max(last, day)
        catalogue.leave_some_waiting()
        pin_favourites(editor=people[EDITOR.email])
        dress_stories(pictures=pictures, editor=people[EDITOR.email])
        # A year of mails to people who do not exist is not sent; the index is built once, below. Pictures stay.
        OutboxMessage.objects.exclude(topic=RENDITION_TOPIC).delete()
        record(action=LOADED, target=people[OPERATOR.email])
    _draw_cards(quiet)
    rebuild()
    Searches().count()
    return True


def _draw_cards(quiet: bool) -> None:
    """Make the renditions that lists show, on all cores; those of the other pictures follow through the worker."""
    first = ProductImage.objects.filter(sort_order=0).values_list("image_id", flat=True)
    ids = [str(image_id) for image_id in first]
    waiting = OutboxMessage.objects.filter(topic=RENDITION_TOPIC, key__in=ids)
    # Each process opens a connection of its own: this one must not be shared with them.
    connections.close_all()
    with progress("cards", len(ids), quiet) as advance, multiprocessing.get_context("fork").Pool() as pool:
        for _made in pool.imap_unordered(make_renditions, map(int, ids), chunksize=10):
            advance(1)
    with transaction.atomic():
        refresh_listings(product_ids=Product.objects.values_list("pk", flat=True))
        OutboxMessage.objects.filter(topic=SEARCH_TOPIC).delete()
        waiting.delete()


@contextmanager
def no_mail() -> Iterator[None]:
    """Nothing of the past year is sent now, neither by us nor by Wagtail."""
    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "django.core.mail.backends.dummy.EmailBackend"
    try:
        yield
    finally:
        settings.EMAIL_BACKEND = backend


@contextmanager
def progress(what: str, total: int, quiet: bool) -> Iterator[Callable[[int], object]]:
    """A bar on the terminal, or nothing."""
    with tqdm(total=total, desc=f"{what:>10}", disable=quiet, ncols=78, bar_format="{l_bar}{bar}| {elapsed}") as bar:
        yield bar.update
