from django.urls import path, re_path

from marketplace.aftersales import views

app_name = "aftersales"

ORDER = "pesanan/<slug:number>/<slug:token>"

urlpatterns = [
    path(f"{ORDER}/<int:pk>/batalkan/", views.cancel, name="cancel"),
    path(f"{ORDER}/<int:pk>/minta-kembali/", views.ask, name="ask"),
    path(f"{ORDER}/permintaan/<int:pk>/", views.detail, name="request"),
    path(f"{ORDER}/permintaan/<int:pk>/foto/<int:photo_id>/", views.photo, name="photo"),
    re_path(
        r"^pesanan/(?P<number>[-\w]+)/(?P<token>[-\w]+)/permintaan/(?P<pk>\d+)/(?P<step>tarik|dikirim|banding|belum-terima)/$",
        views.act,
        name="act",
    ),
]
