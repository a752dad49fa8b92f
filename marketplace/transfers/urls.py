from django.urls import path

from marketplace.transfers import views

app_name = "transfers"

urlpatterns = [
    path("pesanan/<slug:number>/<slug:token>/transfer/", views.detail, name="detail"),
    path("pesanan/<slug:number>/<slug:token>/transfer/<int:pk>/", views.send_proof, name="send-proof"),
    path("pesanan/<slug:number>/<slug:token>/transfer/<int:pk>/batal/", views.call_off, name="call-off"),
    path("pesanan/<slug:number>/<slug:token>/transfer/bukti/<int:pk>/", views.proof, name="proof"),
]
