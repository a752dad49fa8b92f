"""What the core itself keeps in the database: the versions by which the page cache knows what is still true."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PageVersion(models.Model):
    """A counter that moves in the transaction that changes what pages show. The version of a scope is its shards' sum.

    One row would make every sale wait for the one before it to commit; spread over shards, two rarely meet.
    """

    scope = models.CharField(_("scope"), max_length=40)
    shard = models.PositiveSmallIntegerField(_("shard"))
    version = models.BigIntegerField(_("version"), default=0)

    class Meta:
        verbose_name = _("page version")
        verbose_name_plural = _("page versions")
        constraints = [models.UniqueConstraint(fields=["scope", "shard"], name="page_version_once_per_shard")]

    def __str__(self) -> str:
        return f"{self.scope}/{self.shard}: {self.version}"
