from django.db import migrations

from marketplace.core.append_only import append_only

CREATE = """
CREATE FUNCTION ledger_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT COALESCE(SUM(amount), 1) FROM ledger_posting WHERE entry_id = NEW.entry_id) <> 0 THEN
        RAISE EXCEPTION 'journal entry % is out of balance', NEW.entry_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_entry_balances AFTER INSERT ON ledger_posting
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entry_balances();
"""
DROP = "DROP TRIGGER ledger_entry_balances ON ledger_posting; DROP FUNCTION ledger_entry_balances()"


def create(apps, schema_editor):
    # Looked at when the transaction commits, with all postings there. SQLite has no deferred triggers: there the
    # service is the guard, and the daily check of the books looks again.
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(CREATE, params=None)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(DROP, params=None)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        append_only("ledger_journalentry"),
        append_only("ledger_posting"),
        migrations.RunPython(create, drop),
    ]
