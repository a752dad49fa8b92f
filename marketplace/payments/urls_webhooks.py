"""Where providers send their messages: outside the languages."""

from django.urls import path

from marketplace.payments import views

app_name = "payment_webhooks"
urlpatterns = [path("stripe/", views.stripe_webhook, name="stripe")]
