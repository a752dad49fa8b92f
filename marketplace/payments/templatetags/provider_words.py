"""`{{ refund.failure|provider_words }}`: the provider's codes in words."""

from django import template

from marketplace.payments.provider_words import provider_words

register = template.Library()
register.filter("provider_words", provider_words)
