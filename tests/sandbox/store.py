"""A service's book: one SQLite file that survives a restart.

Objects are JSON documents with a kind and an id, kept in the order they were made.
Kinds that start with ``_`` (tokens, clients) are private: they never show in the book.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .clock import CLOCK

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL,
    data TEXT NOT NULL, UNIQUE (kind, id));
CREATE TABLE IF NOT EXISTS requests (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, method TEXT NOT NULL,
    path TEXT NOT NULL, query TEXT, status INTEGER, idempotency_key TEXT,
    replayed INTEGER, auth TEXT, body TEXT, fault TEXT,
    done INTEGER, milliseconds INTEGER);
CREATE TABLE IF NOT EXISTS answers (
    scope TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, status INTEGER,
    headers TEXT, body BLOB, at INTEGER, PRIMARY KEY (scope, key));
CREATE TABLE IF NOT EXISTS faults (
    id INTEGER PRIMARY KEY AUTOINCREMENT, data TEXT NOT NULL, remaining INTEGER,
    tried INTEGER NOT NULL DEFAULT 0, hits INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, event TEXT NOT NULL,
    url TEXT NOT NULL, body TEXT NOT NULL, headers TEXT NOT NULL, secret TEXT,
    state TEXT NOT NULL, due REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    last_status INTEGER, last_error TEXT, fault TEXT);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
#: fields that objects are looked up by
INDEXED = ("invoice_id", "financial_mutation_id", "paymentId", "customerId")
TABLES = ("objects", "requests", "answers", "faults", "deliveries", "settings")


class Book:
    """Thread-safe access to one book file.

    One connection under one lock: a handler runs inside :meth:`transaction`, so that
    two parallel requests to the same service are served one after the other.
    """

    def __init__(self, path: Path | str) -> None:
        self.lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(
            str(path), check_same_thread=False, isolation_level=None
        )
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA)
        for name in INDEXED:
            self._db.execute(
                f"CREATE INDEX IF NOT EXISTS objects_{name} "
                f"ON objects (kind, json_extract(data, '$.{name}'))"
            )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; nests."""
        with self.lock:
            if self._depth:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            else:
                self._db.execute("COMMIT")
            finally:
                self._depth = 0

    def execute(self, sql: str, *values: Any) -> list[dict]:
        """:return: the rows, as dicts"""
        with self.lock:
            return [dict(row) for row in self._db.execute(sql, values).fetchall()]

    def insert(self, table: str, **values: Any) -> int:
        """:return: the new row's number"""
        names = ", ".join(values)
        marks = ", ".join("?" * len(values))
        with self.lock:
            cursor = self._db.execute(
                f"INSERT INTO {table} ({names}) VALUES ({marks})",
                tuple(values.values()),
            )
            return cursor.lastrowid or 0

    def clear(self) -> None:
        """Empty the book. Numbers start again at 1."""
        with self.transaction():
            for table in TABLES:
                self._db.execute(f"DELETE FROM {table}")
            self._db.execute("DELETE FROM sqlite_sequence")

    def close(self) -> None:
        with self.lock:
            self._db.close()

    # === OBJECTS === #

    def put(self, kind: str, data: dict, key: str | None = None) -> dict:
        """Store ``data`` under its ``id`` (or ``key``), new or replacing."""
        self.execute(
            "INSERT INTO objects (kind, id, data) VALUES (?, ?, ?) "
            "ON CONFLICT (kind, id) DO UPDATE SET data = excluded.data",
            kind,
            str(key if key is not None else data["id"]),
            json.dumps(data),
        )
        return data

    def get(self, kind: str, key: str | None) -> dict | None:
        rows = self.execute(
            "SELECT data FROM objects WHERE kind = ? AND id = ?", kind, str(key)
        )
        return json.loads(rows[0]["data"]) if rows else None

    def update(self, kind: str, key: str, **changes: Any) -> dict:
        """Change some fields of a stored object."""
        with self.transaction():
            data = self.get(kind, key)
            if data is None:
                raise KeyError(f"{kind} {key}")
            data.update(changes)
            return self.put(kind, data, key)

    def remove(self, kind: str, key: str) -> None:
        self.execute("DELETE FROM objects WHERE kind = ? AND id = ?", kind, str(key))

    def all(self, kind: str, newest_first: bool = False, **equal: Any) -> list[dict]:
        """:param equal: top-level fields that must have this value"""
        conditions = "".join(
            f" AND json_extract(data, '$.{name}') IS ?" for name in equal
        )
        order = "DESC" if newest_first else "ASC"
        rows = self.execute(
            f"SELECT data FROM objects WHERE kind = ?{conditions} ORDER BY seq {order}",
            kind,
            *equal.values(),
        )
        return [json.loads(row["data"]) for row in rows]

    def before(self, kind: str, field: str, value: str, **equal: Any) -> list[dict]:
        """:return: objects whose ``field`` is less than ``value``"""
        conditions = "".join(
            f" AND json_extract(data, '$.{name}') IS ?" for name in equal
        )
        rows = self.execute(
            f"SELECT data FROM objects WHERE kind = ?{conditions} "
            f"AND json_extract(data, '$.{field}') < ? ORDER BY seq",
            kind,
            *equal.values(),
            value,
        )
        return [json.loads(row["data"]) for row in rows]

    def first(self, kind: str, **equal: Any) -> dict | None:
        found = self.all(kind, **equal)
        return found[0] if found else None

    def kinds(self) -> list[str]:
        """:return: the public kinds in the book"""
        rows = self.execute("SELECT DISTINCT kind FROM objects ORDER BY kind")
        return [row["kind"] for row in rows if not row["kind"].startswith("_")]

    def number(self, name: str, start: int = 1) -> int:
        """:return: the next number of a counter"""
        with self.transaction():
            value = self.setting(f"counter.{name}", start - 1) + 1
            self.set_setting(f"counter.{name}", value)
            return value

    # === SETTINGS === #

    def setting(self, name: str, default: Any = None) -> Any:
        rows = self.execute("SELECT value FROM settings WHERE name = ?", name)
        return json.loads(rows[0]["value"]) if rows else default

    def set_setting(self, name: str, value: Any) -> None:
        self.execute(
            "INSERT INTO settings (name, value) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            name,
            json.dumps(value),
        )

    # === THE WHOLE BOOK === #

    def as_dict(self) -> dict:
        """:return: objects by kind, requests, webhooks and faults, oldest first"""
        return {
            "objects": {kind: self.all(kind) for kind in self.kinds()},
            "requests": self.execute("SELECT * FROM requests ORDER BY seq"),
            "webhooks": [
                {k: v for k, v in row.items() if k != "secret"}
                for row in self.execute("SELECT * FROM deliveries ORDER BY id")
            ],
            "at": CLOCK.iso(),
        }
