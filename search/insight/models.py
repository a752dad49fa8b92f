"""What people search for, as sums by day. No row knows a person, a session, an address or the time of the day."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SearchedWords(models.Model):
    """A query, whoever asked it. Its words are written down once it was asked often enough (see services)."""

    # A keyed hash of the words: counts can be kept before the words are.
    key = models.CharField(max_length=32, primary_key=True)
    text = models.CharField(_("words"), max_length=60, blank=True)
    asked = models.PositiveIntegerField(_("searches"), default=0)
    results = models.PositiveIntegerField(_("products found the last time"), default=0)
    last_day = models.DateField(_("last searched"))

    class Meta:
        db_table = "search_insight_words"
        verbose_name = _("searched words")
        verbose_name_plural = _("searched words")
        indexes = [
            models.Index(fields=["text"], name="searched_words_text"),
            models.Index(fields=["last_day"], name="searched_words_last_day"),
        ]

    def __str__(self) -> str:
        return self.text


class SearchDay(models.Model):
    """How often a query was asked on one day, and how that went."""

    words = models.ForeignKey(SearchedWords, models.CASCADE, related_name="days", verbose_name=_("words"))
    day = models.DateField(_("day"))
    searches = models.PositiveIntegerField(_("searches"), default=0)
    without_results = models.PositiveIntegerField(_("without results"), default=0)
    # Answered by another spelling, or by products that have only some of the words.
    loosened = models.PositiveIntegerField(_("only similar"), default=0)
    # A search that led to two products was followed once.
    followed = models.PositiveIntegerField(_("led to a product"), default=0)
    results = models.PositiveIntegerField(_("products found the last time"), default=0)

    class Meta:
        db_table = "search_insight_day"
        verbose_name = _("a day's searches")
        verbose_name_plural = _("searches by day")
        constraints = [models.UniqueConstraint(fields=["words", "day"], name="search_day_once")]
        indexes = [models.Index(fields=["day"], name="search_day_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.words_id}"


class ClickDay(models.Model):
    """How often the product at one position of a query's results was opened on one day."""

    words = models.ForeignKey(SearchedWords, models.CASCADE, related_name="clicks", verbose_name=_("words"))
    day = models.DateField(_("day"))
    # 1 is the first product of the first page; NARROWED where the visitor's own filters or order decided.
    position = models.PositiveSmallIntegerField(_("position"))
    clicks = models.PositiveIntegerField(_("clicks"), default=0)

    class Meta:
        db_table = "search_insight_click"
        verbose_name = _("a day's clicks at a position")
        verbose_name_plural = _("clicks by position and day")
        constraints = [models.UniqueConstraint(fields=["words", "day", "position"], name="search_click_once")]
        indexes = [models.Index(fields=["day"], name="search_click_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.words_id} #{self.position}"
