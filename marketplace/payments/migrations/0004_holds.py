from django.db import migrations

OPEN = ["warning", "needs_response", "under_review"]


def hold_what_is_open(apps, schema_editor):
    """Until now a part knew only that it is contested; from now on by what."""
    Dispute = apps.get_model("payments", "Dispute")
    SubOrder = apps.get_model("orders", "SubOrder")
    PartHold = apps.get_model("orders", "PartHold")
    for pk, order_id in Dispute.objects.filter(status__in=OPEN).values_list("pk", "attempt__order_id"):
        for part_id in SubOrder.objects.filter(order_id=order_id).values_list("pk", flat=True):
            PartHold.objects.get_or_create(suborder_id=part_id, cause=f"dispute:{pk}")


class Migration(migrations.Migration):
    dependencies = [("orders", "0007_part_holds"), ("payments", "0003_manual_transfer")]

    operations = [migrations.RunPython(hold_what_is_open, migrations.RunPython.noop)]
