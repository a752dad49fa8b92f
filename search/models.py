"""What the search keeps: each product's text as the analyser reads it, the words in use, and the lists of words."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable

from marketplace.catalogue.models import Product
from marketplace.core import pagecache
from marketplace.outbox.services import enqueue

REBUILD_TOPIC = "search.rebuild"


class SearchDocument(models.Model):
    """A product as search knows it. Text only: price, stock and visibility are asked of the listing, where they hold.

    On SQLite an FTS5 table, on PostgreSQL a tsvector column hangs on it (see the migrations).
    """

    product = models.OneToOneField(Product, models.CASCADE, primary_key=True, related_name="search_document")
    # The listing's version that this was made from: an older write never replaces a newer one.
    search_version = models.BigIntegerField(default=0)
    surface = models.TextField(blank=True)
    stem = models.TextField(blank=True)
    label = models.TextField(blank=True)
    body = models.TextField(blank=True)
    indexed_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "search_document"
        verbose_name = _("search document")
        verbose_name_plural = _("search documents")

    def __str__(self) -> str:
        return self.surface


class VocabularyWord(models.Model):
    """A word that products are named with, and how many. Spelling is corrected towards these."""

    word = models.CharField(max_length=80, primary_key=True)
    documents = models.IntegerField(default=0)

    class Meta:
        db_table = "search_word"
        verbose_name = _("word in use")
        verbose_name_plural = _("words in use")

    def __str__(self) -> str:
        return self.word


class _KeptQuerySet(models.QuerySet[Any]):
    """The admin deletes several rows at once with this, past each row's own delete()."""

    def delete(self) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            deleted = super().delete()
            self.model.announce()
            return deleted


class _Kept(models.Model):
    """What every process keeps at hand while it searches: with each change it tells them to read it anew."""

    # What moves with a change, see marketplace.core.pagecache.
    scopes: ClassVar[tuple[str, ...]] = ()
    objects = _KeptQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            super().save(*args, **kwargs)
            self.announce()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            deleted = super().delete(*args, **kwargs)
            self.announce()
            return deleted

    @classmethod
    def announce(cls) -> None:
        """Whoever searches reads it anew."""
        pagecache.bump(*cls.scopes)


class _Words(_Kept):
    """A list of words that takes effect at once: the lexicon's version moves with it, the worker rebuilds the index."""

    # Pins, too: their queries are compared by what the words make of them.
    scopes = (pagecache.LEXICON, pagecache.PINS, pagecache.SEARCH)

    class Meta:
        abstract = True

    @classmethod
    def announce(cls) -> None:
        super().announce()
        enqueue(topic=REBUILD_TOPIC, key="lexicon")


def _separate(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


class SynonymGroup(_Words):
    """One word and everything that people type for it. Several words in a field are separated by semicolons."""

    class Kind(models.TextChoices):
        EVERYDAY = "everyday", _("everyday word")
        WALIKAN = "walikan", _("walikan and slang")

    canonical = models.CharField(_("word"), max_length=80)
    spellings = models.CharField(
        _("other spellings"), max_length=255, blank=True, help_text=_("Read as the word itself: kripik for keripik.")
    )
    synonyms = models.CharField(
        _("words that mean the same"), max_length=255, blank=True, help_text=_("Find each other: jilbab, kerudung.")
    )
    narrower = models.CharField(
        _("kinds of it"),
        max_length=255,
        blank=True,
        help_text=_("Found by the word, but don't find it: rotan for anyaman."),
    )
    english = models.CharField(_("English words"), max_length=255, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.EVERYDAY)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("synonym")
        verbose_name_plural = _("synonyms")
        ordering = ["canonical", "kind"]
        constraints = [models.UniqueConstraint(fields=["canonical", "kind"], name="synonym_once_per_kind")]

    def __str__(self) -> str:
        return self.canonical

    def clean(self) -> None:
        if self.canonical.strip() in _separate(self.spellings):
            raise ValidationError({"spellings": _("The word itself is not another spelling of it. Leave it out.")})


class LexiconWord(_Words):
    """A word that the analyser treats in a way of its own."""

    class Kind(models.TextChoices):
        PROTECTED = "protected", _("never cut to a stem")
        DOUBLED = "doubled", _("means something else when doubled")
        STOP = "stop", _("left out of a search")

    word = models.CharField(_("word"), max_length=60)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)

    class Meta:
        verbose_name = _("word with a rule")
        verbose_name_plural = _("words with a rule")
        ordering = ["kind", "word"]
        constraints = [models.UniqueConstraint(fields=["word", "kind"], name="lexicon_word_once_per_kind")]

    def __str__(self) -> str:
        return self.word


class PinnedResult(_Kept, ClusterableModel):
    """Products that stand first when somebody searches for exactly this, chosen by people."""

    scopes = (pagecache.PINS, pagecache.SEARCH)

    query = models.CharField(
        _("what buyers type"),
        max_length=120,
        help_text=_("Capitals, accents, other spellings and doubled words make no difference."),
    )
    # The query as the analyser reads it, see search.pins.key_of(): no two rows may mean the same search.
    key = models.CharField(max_length=255, unique=True, editable=False)
    starts_on = models.DateField(_("from"), null=True, blank=True, help_text=_("Empty: at once."))
    ends_on = models.DateField(_("until"), null=True, blank=True, help_text=_("The last day. Empty: without an end."))
    is_active = models.BooleanField(_("in use"), default=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        db_table = "search_pin"
        verbose_name = _("pinned result")
        verbose_name_plural = _("pinned results")
        ordering = ["query"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(starts_on__isnull=True)
                | models.Q(ends_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="pin_ends_after_it_starts",
                violation_error_message=_("The last day is before the first."),
            )
        ]

    def __str__(self) -> str:
        return self.query


class PinnedProduct(Orderable):
    """One product of a pinned result, in its place. It goes with the product."""

    result = ParentalKey(PinnedResult, on_delete=models.CASCADE, related_name="products")
    product = models.ForeignKey(Product, models.CASCADE, related_name="+", verbose_name=_("product"))

    class Meta(Orderable.Meta):
        db_table = "search_pin_product"
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [models.UniqueConstraint(fields=["result", "product"], name="pin_each_product_once")]

    def __str__(self) -> str:
        return str(self.product)
