"""Raising the database, refusing what does not fit, and models that agree with migrations."""

from __future__ import annotations

import multiprocessing
import sqlite3
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

from connector.errors import StateError
from connector.state import migrate
from connector.state.engine import create_engine
from connector.state.migrate import alembic_config, check, migrations_folder, upgrade
from connector.state.store import open_store
from connector.state.tables import SCHEMA
from tests.state.values import NOON, a_run


def now():
    return NOON


def execute(url: str, *statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    engine.dispose()


def test_migrations_make_exactly_the_tables_that_the_models_declare(empty_url):
    upgrade(empty_url)
    engine = create_engine(empty_url)

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, SQLModel.metadata)
    engine.dispose()

    assert differences == []


def test_the_program_knows_its_newest_migration():
    assert ScriptDirectory.from_config(alembic_config()).get_current_head() == SCHEMA


def test_migrations_run_down_and_up_again(empty_url):
    upgrade(empty_url)
    engine = create_engine(empty_url)

    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "base")
        left = set(sa.inspect(connection).get_table_names())
    engine.dispose()

    assert left == {"alembic_version"}
    assert upgrade(empty_url) == f"the state database was brought from schema none to {SCHEMA}"


def test_every_table_keeps_accounts_apart_and_is_strict_in_sqlite(tmp_path):
    url = f"sqlite:///{tmp_path / 'connector.db'}"
    upgrade(url)

    with sqlite3.connect(tmp_path / "connector.db") as connection:
        strict = dict(connection.execute("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'"))
    connection.close()

    for table in SQLModel.metadata.sorted_tables:
        assert strict[table.name] == 1
        assert next(column.name for column in table.primary_key) == "account"
        assert all(index.columns[0].name == "account" for index in table.indexes)


def test_a_missing_sqlite_file_is_created_for_its_owner_only(tmp_path):
    path = tmp_path / "connector.db"

    with open_store(f"sqlite:///{path}", now=now) as store:
        store.begin_run(a_run("run-1"))
        assert [run.id for run in store.last_runs(5)] == ["run-1"]

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_empty_postgresql_is_not_migrated_by_opening_it(postgres_url):
    with pytest.raises(StateError, match="is empty: run `connector db upgrade`"):
        open_store(postgres_url, now=now)

    assert upgrade(postgres_url) == f"the state database was brought from schema none to {SCHEMA}"
    assert check(postgres_url).endswith(f"schema {SCHEMA}, as this program needs it")


def test_an_older_schema_is_refused_until_it_is_upgraded(url, monkeypatch):
    monkeypatch.setattr(migrate, "SCHEMA", "0002")

    with pytest.raises(
        StateError, match=f"at schema {SCHEMA}, this program needs 0002: run `connector db upgrade`"
    ):
        open_store(url, now=now)


def test_a_newer_schema_is_refused_by_opening_and_by_upgrading(url):
    execute(url, "UPDATE alembic_version SET version_num = '9999'")

    for attempt in (lambda: open_store(url, now=now), lambda: upgrade(url), lambda: check(url)):
        with pytest.raises(StateError, match=r"9999, which is newer than this program.*connector db upgrade"):
            attempt()


def test_a_database_with_tables_of_somebody_else_is_left_alone(empty_url):
    execute(empty_url, "CREATE TABLE invoices (id INTEGER)")

    with pytest.raises(StateError, match="none of this program: run `connector db upgrade`"):
        open_store(empty_url, now=now)


def test_a_file_that_is_no_database_is_named_as_such(tmp_path):
    path = tmp_path / "connector.db"
    path.write_text("this is a letter, and rather a long one" * 40)

    with pytest.raises(StateError, match="file is not a database"):
        open_store(f"sqlite:///{path}", now=now)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("mysql://localhost/x", "mysql is not supported"),
        ("connector.db", "not of the form"),
        ("sqlite://", "in memory forgets"),
        ("sqlite:////nowhere/at/all/connector.db", "no folder /nowhere/at/all"),
    ],
)
def test_an_unusable_address_is_refused_with_advice(address, said):
    with pytest.raises(StateError, match=said):
        open_store(address, now=now)


def test_a_password_is_never_part_of_what_is_said(postgres_url):
    wrong = sa.make_url(postgres_url).set(database="no_such_database", password="let-me-in")
    upgrade(postgres_url)
    named = sa.make_url(postgres_url).set(password="let-me-in").render_as_string(hide_password=False)

    with pytest.raises(StateError) as refused:
        open_store(wrong.render_as_string(hide_password=False), now=now)

    assert "let-me-in" not in str(refused.value)
    assert "let-me-in" not in check(named)


def open_and_say_so(url: str, start, said) -> None:
    start.wait()
    with open_store(url, now=now) as store:
        store.set_fact("seen", True)
    said.put("opened")


def test_several_processes_may_create_the_same_file_at_once(tmp_path):
    spawning = multiprocessing.get_context("spawn")
    start, said = spawning.Barrier(4), spawning.Queue()
    url = f"sqlite:///{tmp_path / 'connector.db'}"
    processes = [spawning.Process(target=open_and_say_so, args=(url, start, said)) for _ in range(4)]

    for process in processes:
        process.start()
    for process in processes:
        process.join(60)

    assert [process.exitcode for process in processes] == [0, 0, 0, 0]


def test_migrations_inside_an_installed_package_are_found(tmp_path, monkeypatch):
    package = tmp_path / "site-packages" / "connector"
    (package / "migrations").mkdir(parents=True)
    (package / "migrations" / "env.py").touch()
    monkeypatch.setattr(migrate.connector, "__file__", str(package / "__init__.py"))

    assert migrations_folder() == package / "migrations"


def test_migrations_of_a_checkout_are_found():
    assert migrations_folder() == Path(__file__).parents[2] / "migrations"


def test_missing_migrations_are_said(tmp_path, monkeypatch):
    monkeypatch.setattr(migrate.connector, "__file__", str(tmp_path / "connector" / "__init__.py"))

    with pytest.raises(StateError, match="migrations are missing"):
        migrations_folder()
