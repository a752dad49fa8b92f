"""Types of requests, for annotations."""

from django.http import HttpRequest

from marketplace.accounts.models import User


class SignedInRequest(HttpRequest):
    """The request of a view that only people who are signed in reach."""

    user: User
