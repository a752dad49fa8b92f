"""Where the sandbox keeps its objects: one small SQLite file of its own, or memory."""

import json
import secrets
import sqlite3
import string
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Object = dict[str, Any]

ALPHABET = string.ascii_letters + string.digits

SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS object_kind ON object (kind, seq);
CREATE TABLE IF NOT EXISTS idempotency (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL,
    created INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS delivery (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, due REAL, tries INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'waiting', last_status INTEGER
);
CREATE TABLE IF NOT EXISTS fault (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, matches TEXT NOT NULL, times INTEGER NOT NULL,
    options TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS scheduled (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, due INTEGER NOT NULL, action TEXT NOT NULL, object TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


def new_id(prefix: str, length: int = 24) -> str:
    """An identifier that looks like Stripe's: `pi_` and random letters and digits."""
    return f"{prefix}_{''.join(secrets.choice(ALPHABET) for _ in range(length))}"


class Store:
    """A document store with one lock. Everything that changes it runs inside `transaction()`.

    Arguments:
        path: a file, or `:memory:` for tests.
    """

    def __init__(self, path: str = ":memory:") -> None:
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(SCHEMA)
        self._lock = threading.RLock()
        self._depth = 0

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, one thread at a time; may be nested (then it is a savepoint)."""
        with self._lock:
            name = f"level_{self._depth}"
            self._connection.execute(f"SAVEPOINT {name}" if self._depth else "BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                self._connection.execute(f"ROLLBACK TO {name}" if self._depth else "ROLLBACK")
                raise
            self._depth -= 1
            self._connection.execute(f"RELEASE {name}" if self._depth else "COMMIT")

    def execute(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """Run one statement and return its rows."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    # --- objects -------------------------------------------------------------------------------------------------
    def put(self, data: Object) -> Object:
        """Insert or replace an object under its `id`; the kind is its `object`."""
        self.execute(
            "INSERT INTO object (id, kind, data) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET data = excluded.data",
            data["id"],
            data["object"],
            json.dumps(data),
        )
        return data

    def get(self, identifier: str, kind: str = "") -> Object | None:
        """The object with this id (and kind), or None."""
        rows = self.execute("SELECT data FROM object WHERE id = ? AND (kind = ? OR ? = '')", identifier, kind, kind)
        return json.loads(rows[0]["data"]) if rows else None

    def newest(self, kind: str) -> list[Object]:
        """All objects of a kind, newest first."""
        rows = self.execute("SELECT data FROM object WHERE kind = ? ORDER BY seq DESC", kind)
        return [json.loads(row["data"]) for row in rows]

    def overdue_sessions(self) -> list[Object]:
        """Open checkout sessions whose time has passed."""
        rows = self.execute(
            "SELECT data FROM object WHERE kind = 'checkout.session' AND json_extract(data, '$.status') = 'open' "
            "AND json_extract(data, '$.expires_at') <= ?",
            self.now(),
        )
        return [json.loads(row["data"]) for row in rows]

    def clear(self) -> None:
        """Forget everything."""
        with self.transaction():
            for table in ("object", "idempotency", "delivery", "fault", "scheduled", "setting"):
                self.execute(f"DELETE FROM {table}")  # noqa: S608 - fixed names

    # --- clock ---------------------------------------------------------------------------------------------------
    def now(self) -> int:
        """Seconds since the epoch, moved by what `advance()` added, so that a day can pass in a test."""
        rows = self.execute("SELECT value FROM setting WHERE name = 'clock'")
        return int(time.time()) + (int(rows[0]["value"]) if rows else 0)

    def advance(self, seconds: int) -> None:
        """Let the sandbox's clock jump ahead."""
        offset = self.now() - int(time.time()) + seconds
        self.execute("INSERT OR REPLACE INTO setting (name, value) VALUES ('clock', ?)", str(offset))

    # --- faults --------------------------------------------------------------------------------------------------
    def take_fault(self, kinds: tuple[str, ...], subject: str) -> tuple[str, Object] | None:
        """Use up one of the faults of these kinds that match `subject` (an event type, or `POST /v1/…`)."""
        marks = ",".join("?" * len(kinds))
        rows = self.execute(
            f"SELECT * FROM fault WHERE kind IN ({marks}) AND times > 0 ORDER BY seq",  # noqa: S608 - only ? marks
            *kinds,
        )
        for row in rows:
            if row["matches"] in ("*", subject) or (
                row["matches"].endswith("*") and subject.startswith(row["matches"][:-1])
            ):
                self.execute("UPDATE fault SET times = times - 1 WHERE seq = ?", row["seq"])
                return row["kind"], json.loads(row["options"])
        return None

    def add_fault(self, kind: str, matches: str, times: int, options: Object) -> None:
        """Let the next `times` events or calls that match go wrong."""
        self.execute(
            "INSERT INTO fault (kind, matches, times, options) VALUES (?, ?, ?, ?)",
            kind,
            matches,
            times,
            json.dumps(options),
        )
