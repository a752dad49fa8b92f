"""The page of components; the project includes it only where the settings say COMPONENTS_PAGE."""

from django.urls import path

from marketplace.core import views

app_name = "core"
urlpatterns = [path("", views.components, name="components")]
