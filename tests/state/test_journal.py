"""The journal: chained, append-only, and every way of tampering is found at its first line."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from threading import Thread

import pytest
import sqlalchemy as sa

from connector.domain.ledger import EntryKind
from connector.errors import StateError
from connector.state import journal as journal_module
from connector.state.engine import create_engine
from connector.state.journal import BEGINNING
from connector.state.store import open_store
from tests.state.values import NOON, an_entry

UNGUARD = {
    "sqlite": [f"DROP TRIGGER journal_never_{word}" for word in ("changed", "deleted", "replaced")],
    "postgresql": ["ALTER TABLE journal DISABLE TRIGGER ALL"],
}


def execute(url: str, *statements: str) -> None:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


def tamper(url: str, *statements: str) -> None:
    """What only somebody with the database in their hands can do."""
    execute(url, *UNGUARD["sqlite" if url.startswith("sqlite") else "postgresql"], *statements)


def test_lines_come_back_as_they_were_written(store):
    entry = an_entry(
        "due date moved",
        kind=EntryKind.WRITE,
        rule="whs",
        contact_id=22041,
        user_id="90b1",
        field="due_date",
        before="2026-03-01",
        after=None,
        reason="changed_in_axcelerate",
        by="the schedule",
        detail={"agreed": {"lms": None, "vet": "2026-03-15"}, "calls": [1, 2.5, True], "é": "ü"},
    )

    head = store.append([entry])

    (line,) = store.entries()
    assert line.entry == entry
    assert (line.sequence, line.previous, line.hash) == (1, BEGINNING, head)


def test_an_instant_is_kept_whatever_its_zone(store):
    brisbane = timezone(timedelta(hours=10))
    store.append([an_entry(at=datetime(2026, 3, 2, 22, 0, tzinfo=brisbane))])

    assert next(store.entries()).entry.at == NOON


def test_each_line_names_the_one_before(store):
    store.append([an_entry("one"), an_entry("two")])
    store.append([an_entry("three")])

    lines = list(store.entries(newest_first=False))

    assert [line.entry.text for line in lines] == ["one", "two", "three"]
    assert [line.previous for line in lines] == [BEGINNING, lines[0].hash, lines[1].hash]
    assert store.head() == lines[2].hash


def test_lines_are_found_by_what_they_are_about(store, monkeypatch):
    monkeypatch.setattr(journal_module, "BULK", 2)
    store.append(
        [
            an_entry("1", rule="whs", contact_id=1),
            an_entry("2", rule="whs", contact_id=2, kind=EntryKind.WRITE),
            an_entry("3", rule="first-aid", contact_id=1, run="run-2"),
            an_entry("4", rule="whs", contact_id=1),
        ]
    )

    def found(**wanted):
        return [line.entry.text for line in store.entries(**wanted)]

    assert found() == ["4", "3", "2", "1"]
    assert found(newest_first=False) == ["1", "2", "3", "4"]
    assert found(limit=3) == ["4", "3", "2"]
    assert found(limit=0) == []
    assert found(rule="whs") == ["4", "2", "1"]
    assert found(contact=1, rule="whs") == ["4", "1"]
    assert found(kind=EntryKind.WRITE) == ["2"]
    assert found(run="run-2") == ["3"]


def test_an_untouched_journal_is_whole(store, monkeypatch):
    monkeypatch.setattr(journal_module, "BULK", 4)
    assert store.verify().ok
    assert store.verify(BEGINNING).ok

    early = store.append(an_entry(str(number)) for number in range(10))
    head = store.append([an_entry("last")])

    for known in (None, early, head, BEGINNING):
        result = store.verify(known)
        assert (result.ok, result.lines, result.head) == (True, 11, head)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET line = 'x'",
        "DELETE FROM journal WHERE sequence = 2",
        "INSERT INTO journal SELECT account, sequence, run, kind, rule, contact_id, line, 'x' FROM journal",
    ],
)
def test_the_database_refuses_changes_to_the_journal(store, url, statement):
    store.append([an_entry("one"), an_entry("two")])

    with pytest.raises(sa.exc.DBAPIError):
        execute(url, statement)

    assert store.verify().ok


def test_replacing_a_line_is_refused_in_sqlite_as_well(migrated_file, tmp_path, clock):
    url = f"sqlite:///{migrated_file}"
    with open_store(url, account="replaced", now=clock) as store:
        store.append([an_entry("one")])

        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            execute(
                url,
                "INSERT OR REPLACE INTO journal"
                " SELECT account, sequence, run, kind, rule, contact_id, line, 'x' FROM journal",
            )


def test_emptying_the_journal_is_refused_in_postgresql_as_well(migrated_database, postgres_server):
    url = postgres_server.set(database=migrated_database).render_as_string(hide_password=False)

    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        execute(url, "TRUNCATE journal")


@pytest.mark.parametrize(
    ("statement", "sequence", "problem"),
    [
        ("UPDATE journal SET line = replace(line, 'two', 'TWO') WHERE sequence = 2", 2, "was altered"),
        ("UPDATE journal SET hash = 'ab' WHERE sequence = 2", 2, "was altered"),
        ("UPDATE journal SET contact_id = 5 WHERE sequence = 2", 2, "columns are not those of its text"),
        ("UPDATE journal SET rule = 'whs' WHERE sequence = 1", 1, "columns are not those of its text"),
        ("DELETE FROM journal WHERE sequence = 1", 1, "is missing"),
        ("DELETE FROM journal WHERE sequence = 2", 2, "is missing"),
        ("DELETE FROM journal WHERE sequence = 3", 3, "is missing"),
        ("UPDATE journal SET account = 'north' WHERE sequence = 3", 3, "is missing"),
    ],
)
def test_the_first_altered_or_missing_line_is_named(store, url, statement, sequence, problem):
    store.append([an_entry("one"), an_entry("two"), an_entry("three")])

    tamper(url, statement)

    result = store.verify()
    assert not result.ok
    assert result.sequence == sequence
    assert problem in result.problem


def test_a_line_rewritten_with_its_own_hash_breaks_the_chain_behind_it(store, url):
    store.append([an_entry("one")])
    tamper(url, "DELETE FROM journal", "DELETE FROM journal_head")
    store.append([an_entry("ONE"), an_entry("two")])
    rewritten = [line.hash for line in store.entries(newest_first=False)]
    tamper_again = "UPDATE journal SET sequence = 9 - sequence"
    execute(url, tamper_again, "UPDATE journal SET sequence = sequence - 6")

    result = store.verify(rewritten[1])

    assert result.sequence == 1
    assert "does not follow" in result.problem


def test_a_cut_off_end_is_told_by_a_head_printed_earlier(store, url):
    store.append([an_entry("one"), an_entry("two")])
    printed = store.append([an_entry("three")])
    second = list(store.entries())[1]

    tamper(
        url,
        "DELETE FROM journal WHERE sequence = 3",
        f"UPDATE journal_head SET sequence = 2, hash = '{second.hash}'",
    )

    assert store.verify().ok
    result = store.verify(printed)
    assert (result.ok, result.sequence) == (False, 3)
    assert "cut off" in result.problem


def test_two_writers_make_one_chain(store, other_store):
    def write(into):
        for number in range(20):
            into.append([an_entry(str(number))])

    threads = [Thread(target=write, args=(into,)) for into in (store, other_store)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert store.verify().lines == 40
    assert store.verify().ok


def test_lines_that_cannot_be_written_leave_the_chain_as_it_was(store):
    head = store.append([an_entry("one")])

    with pytest.raises(TypeError):
        store.append([an_entry("two"), an_entry("three", detail={"no": object()})])

    assert store.head() == head
    assert store.verify().lines == 1


def test_a_refused_write_says_nothing_of_its_content(store, url):
    store.append([an_entry("a secret of Mia's")])
    tamper(url, "UPDATE journal_head SET sequence = 0")

    with pytest.raises(StateError) as refused:
        store.append([an_entry("a secret of Tom's")])

    assert "secret" not in str(refused.value)


def standalone_script() -> str:
    page = (Path(__file__).parents[2] / "docs" / "journal.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    return script


def run_script(path: Path, head: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-c", standalone_script(), str(path), head]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_the_script_of_the_documentation_verifies_a_journal_without_the_program(tmp_path, clock):
    path = tmp_path / "connector.db"
    with open_store(f"sqlite:///{path}", now=clock) as store:
        head = store.append(
            [an_entry("one", rule="whs"), an_entry("zwei", detail={"ü": 1.5}), an_entry("three")]
        )

    whole = run_script(path, head)
    tamper(f"sqlite:///{path}", "UPDATE journal SET line = replace(line, 'zwei', 'two') WHERE sequence = 2")
    altered = run_script(path, head)
    execute(f"sqlite:///{path}", "DELETE FROM journal WHERE sequence > 1")
    cut_off = run_script(path, head)

    assert (whole.returncode, whole.stdout) == (0, f"3 lines, whole; head {head}\n")
    assert (altered.returncode, altered.stderr) == (1, "line 2 is altered or missing\n")
    assert (cut_off.returncode, cut_off.stderr) == (1, "line 2 is altered or missing\n")
