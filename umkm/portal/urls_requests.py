"""Addresses of a shop's requests for money back, below /portal/<shop>/."""

from django.urls import path

from umkm.portal import views_requests

urlpatterns = [
    path("permintaan/", views_requests.request_list, name="requests"),
    path("permintaan/<int:pk>/", views_requests.request_detail, name="request"),
    path("permintaan/<int:pk>/jawab/", views_requests.request_answer, name="request-answer"),
    path("permintaan/<int:pk>/diterima/", views_requests.request_received, name="request-received"),
    path("permintaan/<int:pk>/dibayar/", views_requests.request_paid, name="request-paid"),
    path("permintaan/<int:pk>/foto/<int:photo_id>/", views_requests.request_photo, name="request-photo"),
    path("pesanan/<int:pk>/kembalikan/", views_requests.refund_offer, name="refund-offer"),
]
