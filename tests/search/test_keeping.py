"""The cluster's index: kept by the outbox, made anew without a pause, compared with the database and mended."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from marketplace.catalogue.listings import follow_vendor, refresh_listings
from marketplace.catalogue.models import Product, ProductListing, Variant
from marketplace.outbox.services import process_due
from search import drift, indexing
from search.checking import check_indices
from search.engines import EngineUnavailable
from search.engines.base import Document
from search.engines.clusters import WritesFailed
from search.engines.elasticsearch import indices, writing
from search.engines.elasticsearch.client import index_name, patient_client
from search.indexing import RebuildIncomplete, RebuildRunning, index_products, rebuild_cluster
from search.queries import SearchQuery
from search.services import search_products, suggest
from tests.factories.shelf import put_on_sale
from umkm.vendors.models import Vendor

pytestmark = [pytest.mark.django_db, pytest.mark.search_node]


@pytest.fixture
def shelf(scene, cluster):
    """Three products of two shops; nothing waits in the outbox."""
    scene.product.delete()
    scene.other_product.delete()
    scene.crisps = put_on_sale(scene.vendor, "Keripik Tempe Pedas", prices=(12_000,))
    scene.mask = put_on_sale(scene.vendor, "Topeng Malangan Panji", prices=(450_000,))
    scene.coffee = put_on_sale(scene.other_vendor, "Kopi Dampit Bubuk", prices=(38_000,))
    process_due()
    return scene


def names(text: str = "", **filters) -> list[str]:
    result = search_products(SearchQuery(text=text, **filters), engine_name="elasticsearch")
    return [listing.name for listing in result.listings]


def total(text: str = "") -> int:
    return search_products(SearchQuery(text=text), engine_name="elasticsearch").total


def kept(product: Product) -> dict:
    return patient_client().get(index=index_name(), id=str(product.pk)).body["_source"]


def plant(product_id: int, **source) -> None:
    """Write past the site, as no indexer of ours would."""
    body = {"product_id": product_id, "search_version": 1, "status": "live", **source}
    patient_client().index(index=index_name(), id=str(product_id), document=body, refresh=True)


def set_price(product: Product, price: int) -> None:
    Variant.objects.filter(product=product).update(price=price)
    refresh_listings(product_ids=[product.pk])


def call(name: str, *arguments: str) -> str:
    out = StringIO()
    call_command(name, *arguments, stdout=out, verbosity=0)
    return out.getvalue()


# --- by the outbox ------------------------------------------------------------------------------------------------
def test_a_change_is_found_once_the_worker_has_done_its_message(shelf):
    set_price(shelf.coffee, 9_000)
    assert names(price_max=10_000) == []
    process_due()
    assert names(price_max=10_000) == ["Kopi Dampit Bubuk"]
    assert kept(shelf.coffee)["price"] == {"min": 9_000, "max": 9_000, "bands": ["0-25000"]}


def test_a_shop_that_is_suspended_is_hidden_at_once_and_leaves_the_index_with_the_next_message(shelf):
    Vendor.objects.filter(pk=shelf.vendor.pk).update(status=Vendor.Status.SUSPENDED)
    assert names("topeng") == []
    assert [listing.name for listing in suggest("tope").products] == []
    follow_vendor({"vendor_id": shelf.vendor.pk})
    process_due()
    assert (total("topeng"), total()) == (0, 1)
    assert kept(shelf.mask)["status"] == "gone"
    Vendor.objects.filter(pk=shelf.vendor.pk).update(status=Vendor.Status.ACTIVE)
    follow_vendor({"vendor_id": shelf.vendor.pk})
    process_due()
    assert names("topeng") == ["Topeng Malangan Panji"]


def test_a_late_older_write_changes_nothing(shelf, cluster):
    version = ProductListing.objects.get(pk=shelf.coffee.pk).search_version
    cluster.write([Document(shelf.coffee.pk, version - 1, "lama", "lama", "", "")])
    assert kept(shelf.coffee)["title"]["surface"] == "kopi dampit bubuk"
    cluster.write([Document(shelf.coffee.pk, version + 1, "baru", "baru", "", "")])
    assert kept(shelf.coffee)["title"]["surface"] == "baru"


def test_a_late_older_write_does_not_bring_back_what_is_gone(shelf, cluster):
    old, _gone = indexing._read([shelf.mask.pk])
    Product.objects.filter(pk=shelf.mask.pk).update(live=False)
    refresh_listings(product_ids=[shelf.mask.pk])
    process_due()
    cluster.write(old)
    assert total("topeng") == 0
    Product.objects.filter(pk=shelf.mask.pk).update(live=True)
    refresh_listings(product_ids=[shelf.mask.pk])
    process_due()
    assert total("topeng") == 1


def test_a_product_whose_row_is_gone_never_comes_back(shelf, cluster):
    old, _gone = indexing._read([shelf.mask.pk])
    number = shelf.mask.pk
    shelf.mask.delete()
    index_products([number])
    cluster.write(old)
    assert total("topeng") == 0


def test_unknown_fields_are_refused(shelf, cluster):
    change = writing.changes_of([Document(77, 1, "a", "a", "", "")], {})[0]
    change.source["colour"] = "red"
    with pytest.raises(WritesFailed) as failed:
        writing.write([change], into=writing.targets(), refresh=False)
    assert "strict_dynamic_mapping_exception" in failed.value.reasons[77]


def test_without_an_index_nothing_is_written_and_none_comes_into_being(shelf):
    indices.drop_everything()
    index_products([shelf.coffee.pk])
    assert not indices.exists()
    with pytest.raises(EngineUnavailable):
        names("kopi")


# --- anew ---------------------------------------------------------------------------------------------------------
def test_a_rebuild_takes_over_in_one_step_and_leaves_one_index(shelf):
    old = indices.behind(index_name())
    plant(999_999)
    shelf.mask.delete()
    new = rebuild_cluster()
    assert indices.behind(index_name()) == [new]
    assert [new] != old
    assert list(patient_client().indices.get(index=f"{index_name()}-*").body) == [new]
    assert set(names()) == {"Keripik Tempe Pedas", "Kopi Dampit Bubuk"}
    # Neither tombstones of deleted products nor strays.
    patient_client().indices.refresh(index=new)
    assert patient_client().count(index=new).body["count"] == 2


def test_what_changes_during_a_rebuild_is_in_both_indices(shelf, monkeypatch):
    monkeypatch.setattr(indexing, "BATCH", 1)
    changed = []

    def between(done):
        # The batch that was just read is changed, then the one to come.
        for product in (shelf.crisps, shelf.coffee):
            set_price(product, 7_000 + len(changed))
        process_due()
        changed.append(names(price_max=8_000))

    rebuild_cluster(progress=between)
    # The old index answered with every change meanwhile.
    assert [sorted(each) for each in changed] == [["Keripik Tempe Pedas", "Kopi Dampit Bubuk"]] * len(changed)
    assert kept(shelf.crisps)["price"]["min"] == kept(shelf.coffee)["price"]["min"] == 7_000 + len(changed) - 1
    assert drift.in_cluster() == []


def test_a_rebuild_that_fails_leaves_the_old_index_in_place(shelf, monkeypatch):
    old = indices.behind(index_name())

    def broken(done):
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        rebuild_cluster(progress=broken)
    assert indices.behind(index_name()) == old
    assert list(patient_client().indices.get(index=f"{index_name()}-*").body) == old
    assert names("kopi") == ["Kopi Dampit Bubuk"]


def test_a_rebuild_that_does_not_agree_with_the_database_does_not_take_over(shelf, monkeypatch):
    old = indices.behind(index_name())
    monkeypatch.setattr(drift, "in_cluster", lambda alias=None: [shelf.coffee.pk])
    with pytest.raises(CommandError, match="stays as it was"):
        call("search_rebuild", "--only-cluster")
    with pytest.raises(RebuildIncomplete):
        rebuild_cluster()
    assert indices.behind(index_name()) == old


def test_two_rebuilds_at_once_are_one(shelf):
    def second(done):
        with pytest.raises(RebuildRunning):
            rebuild_cluster()

    assert rebuild_cluster(progress=second) in indices.behind(index_name())


def test_the_commands_rebuild_both_indices_and_tell_how_they_are(shelf):
    assert call("search_rebuild") == "3 documents written\n"
    state = json.loads(call("search_status", "--json"))
    assert (state["engine"], state["documents"], state["cluster"]["products"]) == ("elasticsearch", 3, 3)
    assert state["cluster"]["index"] == indices.behind(index_name())[0]
    assert "cluster status" in call("search_status")


# --- compared -----------------------------------------------------------------------------------------------------
def test_indices_that_agree_are_left_alone(shelf):
    assert call("search_check") == "database: 0 products differ\nelasticsearch: 0 products differ\n"
    assert check_indices(repair=True).is_clean


def test_planted_drift_is_found_and_mended(shelf):
    # One lost, one with an older version, one that should not be there; and one that only the database lost.
    patient_client().delete(index=index_name(), id=str(shelf.coffee.pk), refresh=True)
    patient_client().delete(index=index_name(), id=str(shelf.mask.pk), refresh=True)
    plant(shelf.mask.pk)
    plant(shelf.mask.pk + 5_000)
    shelf.crisps.search_document.delete()
    with pytest.raises(SystemExit):
        call("search_check")
    found = check_indices(repair=True)
    assert found.different == {
        "database": [shelf.crisps.pk],
        "elasticsearch": sorted([shelf.coffee.pk, shelf.mask.pk, shelf.mask.pk + 5_000]),
    }
    assert check_indices(repair=False).is_clean
    assert set(names()) == {"Keripik Tempe Pedas", "Topeng Malangan Panji", "Kopi Dampit Bubuk"}


def test_versions_from_a_later_time_are_mended_by_a_new_index(shelf):
    """The database was restored from a backup: what the index holds is newer and cannot be written over."""
    old = indices.behind(index_name())
    plant(shelf.mask.pk, search_version=900)
    body = {**kept(shelf.mask), "search_version": 900}
    patient_client().index(
        index=index_name(), id=str(shelf.mask.pk), document=body, version=900, version_type="external", refresh=True
    )
    found = check_indices(repair=True)
    assert found.rebuilt
    assert indices.behind(index_name()) == [found.rebuilt] != old
    assert names("topeng") == ["Topeng Malangan Panji"]


def test_a_missing_index_is_made_by_the_periodic_check(shelf):
    indices.drop_everything()
    assert check_indices(repair=False).different == {"database": []}
    assert check_indices(repair=True).rebuilt
    assert total() == 3


def test_what_a_message_waits_for_is_late_not_wrong(shelf):
    set_price(shelf.coffee, 9_000)
    assert drift.in_cluster() == []
    assert drift.in_built_in() == []


def test_only_buckets_that_differ_are_read(shelf, monkeypatch):
    read = []
    versions_in = indices.versions_in
    monkeypatch.setattr(indices, "versions_in", lambda *given: read.append(given[0]) or versions_in(*given))
    plant(3_000_000)
    assert drift.in_cluster() == [3_000_000]
    assert read == [3_000]
