"""People and what they may act for."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from encrypted_fields.fields import EncryptedCharField

from marketplace.reference.models import Region

OFFICERS = "Officers"
EDITORS = "Editors"
OPERATORS = "Operators"


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person who signs in with `email`."""
        if not email:
            raise ValueError("a user needs an email address")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person who may do everything (the operator who installs the site)."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Everyone can buy; other roles come from memberships (VendorMember, Officer) and groups."""

    email = models.EmailField(_("email address"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    phone = EncryptedCharField(_("phone"), max_length=20, null=True, blank=True)
    language = models.CharField(
        _("language"), max_length=5, default="id", choices=[("id", "Bahasa Indonesia"), ("en", "English")]
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("works in the admin"), default=False)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["email"]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name or self.email

    @property
    def first_name(self) -> str:
        """What the admin's menu calls its user."""
        return self.get_short_name()

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email


class Agency(models.Model):
    """A department (dinas) that assists and checks the businesses of one region."""

    slug = models.SlugField(_("slug"), unique=True)
    name = models.CharField(_("name"), max_length=160)
    short_name = models.CharField(_("short name"), max_length=60)
    region = models.OneToOneField(Region, models.PROTECT, related_name="agency", verbose_name=_("region"))
    email = models.EmailField(_("email address"), blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    address = models.CharField(_("address"), max_length=255, blank=True)

    class Meta:
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")
        ordering = ["region_id"]

    def __str__(self) -> str:
        return self.short_name


class Officer(models.Model):
    """Somebody who decides and watches for an agency. One person works for one agency."""

    user = models.OneToOneField(User, models.CASCADE, related_name="officer", verbose_name=_("user"))
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="officers", verbose_name=_("agency"))
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("officer")
        verbose_name_plural = _("officers")

    def __str__(self) -> str:
        return f"{self.user} ({self.agency})"
