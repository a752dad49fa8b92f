"""What has official codes: regions, sub-sectors, categories, KBLI, kinds of documents."""

from django.db import models
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class BilingualName(models.Model):
    """A name in Indonesian and, where there is one, in English."""

    name = models.CharField(_("name"), max_length=160)
    name_en = models.CharField(_("English name"), max_length=160, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """The name in the active language; Indonesian where no English one is known."""
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name


class Region(models.Model):
    """An administrative area with its Kemendagri code (Kepmendagri 300.2.2-2430/2025)."""

    class Level(models.TextChoices):
        PROVINCE = "province", _("province")
        REGENCY = "regency", _("regency or city")
        DISTRICT = "district", _("district (kecamatan)")
        VILLAGE = "village", _("village (kelurahan or desa)")

    code = models.CharField(_("Kemendagri code"), max_length=13, primary_key=True)
    name = models.CharField(_("name"), max_length=120)
    level = models.CharField(_("level"), max_length=10, choices=Level, db_index=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    postal_code = models.CharField(_("postal code"), max_length=5, blank=True)
    # Multi-polygon in GeoJSON, only where an operator imported one.
    boundary = models.JSONField(_("boundary"), null=True, blank=True)

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ["code"]
        indexes = [models.Index(fields=["level", "name"], name="region_level_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def regency_code(self) -> str:
        """The code of the regency or city that this area lies in (the first two parts of the code)."""
        return ".".join(self.code.split(".")[:2])

    @property
    def district_code(self) -> str:
        """The code of the district that this area lies in (the first three parts of the code)."""
        return ".".join(self.code.split(".")[:3])


class Subsector(BilingualName):
    """One of the 17 national creative-economy sub-sectors."""

    slug = models.SlugField(_("slug"), unique=True)
    number = models.PositiveSmallIntegerField(_("number"), unique=True)

    class Meta:
        verbose_name = _("sub-sector")
        verbose_name_plural = _("sub-sectors")
        ordering = ["number"]


class Kbli(models.Model):
    """A code of the standard classification of business fields, in one of its versions (2020 or 2025)."""

    code = models.CharField(_("code"), max_length=5)
    version = models.PositiveSmallIntegerField(_("version"))
    title = models.CharField(_("title"), max_length=255)
    subsector = models.ForeignKey(
        Subsector, models.SET_NULL, null=True, blank=True, related_name="kbli_codes", verbose_name=_("sub-sector")
    )

    class Meta:
        verbose_name = _("KBLI code")
        verbose_name_plural = _("KBLI codes")
        ordering = ["version", "code"]
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="kbli_code_version")]

    def __str__(self) -> str:
        return f"{self.code} {self.title} ({self.version})"


class DocumentKind(BilingualName):
    """A kind of paper: identity card, NIB, P-IRT, halal certificate and so on."""

    slug = models.SlugField(_("slug"), unique=True)
    hint = models.CharField(_("hint"), max_length=255, blank=True)
    hint_en = models.CharField(_("English hint"), max_length=255, blank=True)
    number_label = models.CharField(_("what its number is called"), max_length=80, blank=True)
    number_pattern = models.CharField(_("pattern of its number"), max_length=120, blank=True)
    has_number = models.BooleanField(_("has a number"), default=True)
    has_expiry = models.BooleanField(_("expires"), default=False)
    is_identity = models.BooleanField(_("shows a person's identity"), default=False)
    # A permit that a buyer may see as a badge on the shop, unlike an identity card.
    is_public_badge = models.BooleanField(_("shown as a badge"), default=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("kind of document")
        verbose_name_plural = _("kinds of document")
        ordering = ["position"]


class Category(BilingualName):
    """A node of the category tree. `path` is the address below /kategori/: `kuliner/keripik-kerupuk/keripik-tempe`."""

    slug = models.SlugField(_("slug"), unique=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent")
    )
    path = models.CharField(_("path"), max_length=200, unique=True)
    depth = models.PositiveSmallIntegerField(_("depth"), default=1)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    subsector = models.ForeignKey(Subsector, models.PROTECT, related_name="categories", verbose_name=_("sub-sector"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["position"]

    def get_absolute_url(self) -> str:
        return reverse("storefront:category", kwargs={"path": self.path})


class CategoryRequirement(models.Model):
    """A permit that a category needs. Requirements of one category with the same `group` are alternatives."""

    class Strength(models.TextChoices):
        REQUIRED = "required", _("required")
        OPTIONAL = "optional", _("optional")

    category = models.ForeignKey(Category, models.CASCADE, related_name="requirements")
    document_kind = models.ForeignKey(DocumentKind, models.PROTECT, related_name="requirements")
    strength = models.CharField(_("strength"), max_length=10, choices=Strength, default=Strength.REQUIRED)
    group = models.CharField(_("alternatives"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("requirement")
        verbose_name_plural = _("requirements")
        constraints = [
            models.UniqueConstraint(fields=["category", "document_kind"], name="requirement_once_per_category")
        ]

    def __str__(self) -> str:
        return f"{self.category}: {self.document_kind}"
