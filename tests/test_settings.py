"""Settings from the environment, from secret files and from connector.yaml."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.outcome import JURISDICTIONS
from connector.errors import SettingsError
from connector.settings import Settings, load_settings, setting_names
from connector.settings_sources import variable

SECRETS = {
    "CONNECTOR_ISPRING__CLIENT_SECRET": "s3cret-client",
    "CONNECTOR_AXCELERATE__API_TOKEN": "s3cret-api",
    "CONNECTOR_AXCELERATE__WS_TOKEN": "s3cret-ws",
}
ENOUGH = {
    "CONNECTOR_TIMEZONE": "Australia/Sydney",
    "CONNECTOR_ISPRING__CLIENT_ID": "client",
    "CONNECTOR_AXCELERATE__API_URL": "https://acme.example.com/api/",
    **SECRETS,
}


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def problems(environ=ENOUGH, config=None, **more):
    with pytest.raises(SettingsError) as caught:
        load_settings(config, environ=environ, **more)
    return str(caught.value).splitlines()


def yaml(text):
    path = Path("my.yaml")
    path.write_text(text)
    return path


def test_the_defaults_are_those_of_the_contract():
    settings = load_settings(environ=ENOUGH)

    assert settings.database_url.get_secret_value() == "sqlite:///connector.db"
    assert settings.mappings_dir == Path("mappings")
    assert settings.ispring.dialect == "rest"
    assert settings.ispring.api_url == "https://api-learn.ispringlearn.com"
    assert settings.ispring.token_address == "https://api-learn.ispringlearn.com/api/v3/token"
    assert settings.ispring.soap_address is None
    assert (settings.ispring.format, settings.ispring.page_size, settings.ispring.requests_per_second) == (
        "json",
        1000,
        5,
    )
    assert settings.axcelerate.api_url == "https://acme.example.com/api"
    assert (settings.axcelerate.page_size, settings.axcelerate.requests_per_second) == (100, 2)
    assert settings.axcelerate.jurisdiction == "NAT"
    assert (settings.schedule.incremental, settings.schedule.full) == ("*/15 * * * *", "30 3 * * *")
    assert (settings.http.host, settings.http.port, settings.http.password) == ("127.0.0.1", 8080, None)
    assert (settings.notify.url, settings.notify.reviews_older_than_days) == (None, 3)
    assert settings.warnings == ()


def test_the_names_are_those_of_the_contract():
    assert [variable(name).removeprefix("CONNECTOR_") for name in setting_names()] == [
        *("DATABASE_URL", "MAPPINGS_DIR", "TIMEZONE"),
        *(
            "ISPRING__TIMEZONE",
            "ISPRING__DIALECT",
            "ISPRING__API_URL",
            "ISPRING__TOKEN_URL",
            "ISPRING__SOAP_URL",
        ),
        *(
            "ISPRING__CLIENT_ID",
            "ISPRING__CLIENT_SECRET",
            "ISPRING__ACCOUNT_URL",
            "ISPRING__EMAIL",
            "ISPRING__PASSWORD",
        ),
        *("ISPRING__FORMAT", "ISPRING__PAGE_SIZE", "ISPRING__REQUESTS_PER_SECOND", "ISPRING__WEBHOOK_SECRET"),
        *("AXCELERATE__TIMEZONE", "AXCELERATE__API_URL", "AXCELERATE__API_TOKEN", "AXCELERATE__WS_TOKEN"),
        *("AXCELERATE__PAGE_SIZE", "AXCELERATE__REQUESTS_PER_SECOND", "AXCELERATE__JURISDICTION"),
        *("AXCELERATE__WEBHOOK_KEY", "SCHEDULE__INCREMENTAL", "SCHEDULE__FULL"),
        *("HTTP__HOST", "HTTP__PORT", "HTTP__PASSWORD", "NOTIFY__URL", "NOTIFY__REVIEWS_OLDER_THAN_DAYS"),
        "NOTIFY__NO_RUN_FOR_HOURS",
    ]


def test_nothing_set_is_told_all_at_once():
    assert [line.split(":")[0] for line in problems({})] == [
        "CONNECTOR_AXCELERATE__API_TOKEN",
        "CONNECTOR_AXCELERATE__API_URL",
        "CONNECTOR_AXCELERATE__WS_TOKEN",
        "CONNECTOR_ISPRING__CLIENT_ID",
        "CONNECTOR_TIMEZONE",
    ]


def test_what_needs_no_platform_needs_no_settings():
    settings = load_settings(environ={}, need_platforms=False)

    assert settings.axcelerate.jurisdiction == "NAT"
    with pytest.raises(SettingsError, match="CONNECTOR_TIMEZONE: is missing"):
        _ = settings.zone


def test_the_environment_wins_over_secret_files_and_these_over_the_file(tmp_path):
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "CONNECTOR_AXCELERATE__API_TOKEN").write_text("from-secret-file\n")
    (secrets / "CONNECTOR_AXCELERATE__WS_TOKEN").write_text("from-secret-file\n")
    (secrets / "README").write_text("somebody else's")
    config = yaml(
        "timezone: Australia/Perth\naxcelerate:\n  api_url: https://file.example.com\n  api_token: from-yaml\n"
        "  ws_token: from-yaml\nispring:\n  client_id: from-yaml\n  client_secret: from-yaml\n"
    )

    settings = load_settings(
        config,
        environ={
            "CONNECTOR_SECRETS_DIR": str(secrets),
            "CONNECTOR_AXCELERATE__API_TOKEN": "from-environment",
        },
    )

    assert settings.axcelerate.api_token.get_secret_value() == "from-environment"
    assert settings.axcelerate.ws_token.get_secret_value() == "from-secret-file"
    assert settings.ispring.client_secret.get_secret_value() == "from-yaml"
    assert settings.zone == ZoneInfo("Australia/Perth")


def test_the_file_of_the_working_directory_is_read_unless_another_is_named():
    Path("connector.yaml").write_text("http: {port: 81}\n")
    other = yaml("http: {port: 82}\n")

    assert load_settings(environ=ENOUGH).http.port == 81
    assert load_settings(other, environ=ENOUGH).http.port == 82


def test_an_empty_variable_is_no_value():
    Path("connector.yaml").write_text("timezone: Australia/Perth\n")

    settings = load_settings(environ={**ENOUGH, "CONNECTOR_TIMEZONE": "", "CONNECTOR_ISPRING__TIMEZONE": " "})

    assert settings.timezone == "Australia/Perth"
    assert settings.ispring_zone == ZoneInfo("Australia/Perth")


def test_a_value_in_the_file_is_the_text_that_stands_there():
    config = yaml(
        "ispring: {client_id: 007, client_secret: yes, password: 1e3}\nmappings_dir: 2026-01-01\nhttp: {password: ~}\n"
    )
    environ = {name: text for name, text in ENOUGH.items() if "CLIENT" not in name}

    settings = load_settings(config, environ=environ)

    assert settings.ispring.client_id == "007"
    assert settings.ispring.client_secret.get_secret_value() == "yes"
    assert settings.ispring.password.get_secret_value() == "1e3"
    assert str(settings.mappings_dir) == "2026-01-01"
    assert settings.http.password is None


def test_each_account_may_have_a_zone_of_its_own():
    settings = load_settings(environ={**ENOUGH, "CONNECTOR_ISPRING__TIMEZONE": "UTC"})

    assert settings.ispring_zone == ZoneInfo("UTC")
    assert settings.axcelerate_zone == settings.zone == ZoneInfo("Australia/Sydney")


def test_addresses_that_follow_from_others_are_worked_out():
    settings = load_settings(
        environ={
            **ENOUGH,
            "CONNECTOR_ISPRING__API_URL": "http://127.0.0.1:8123/api/v2/",
            "CONNECTOR_ISPRING__ACCOUNT_URL": "https://acme.example.com/",
        }
    )

    assert settings.ispring.api_url == "http://127.0.0.1:8123/api/v2"
    assert settings.ispring.token_address == "http://127.0.0.1:8123/api/v3/token"
    assert settings.ispring.soap_address == "https://acme.example.com/api/v2/soap/2.0"


def test_addresses_that_are_set_are_taken():
    settings = load_settings(
        environ={
            **ENOUGH,
            "CONNECTOR_ISPRING__TOKEN_URL": "https://acme.example.com/token",
            "CONNECTOR_ISPRING__SOAP_URL": "https://acme.example.com/soap",
        }
    )

    assert settings.ispring.token_address == "https://acme.example.com/token"
    assert settings.ispring.soap_address == "https://acme.example.com/soap"


WRONG = {
    "CONNECTOR_TIMEZONE": [
        ("Perth", "Perth is no time zone; nearest: Australia/Perth"),
        ("Sidney", "Sidney is no time zone; nearest: Australia/Sydney"),
        ("australia/sydney", "australia/sydney is no time zone; nearest: Australia/Sydney"),
        ("../etc/passwd", "../etc/passwd is no time zone; write an IANA name such as Australia/Sydney"),
    ],
    "CONNECTOR_ISPRING__TIMEZONE": [
        ("AEST+10", "AEST+10 is no time zone; write an IANA name such as Australia/Sydney")
    ],
    "CONNECTOR_DATABASE_URL": [
        (
            "postgresql://me:s3cret-db@db/x",
            "begins with a plain postgres address, whose driver depends on the release; write postgresql+psycopg://…",
        ),
        (
            "postgres://me:s3cret-db@db/x",
            "begins with a plain postgres address, whose driver depends on the release; write postgresql+psycopg://…",
        ),
        ("mysql://me:s3cret-db@db/x", "is neither sqlite:///… nor postgresql+psycopg://…"),
    ],
    "CONNECTOR_ISPRING__DIALECT": [("soup", "is not one of 'rest' or 'soap'")],
    "CONNECTOR_ISPRING__FORMAT": [("yaml", "is not one of 'json' or 'xml'")],
    "CONNECTOR_ISPRING__PAGE_SIZE": [
        ("0", "is less than 1"),
        ("1001", "is more than 1000"),
        ("many", "is no whole number"),
    ],
    "CONNECTOR_AXCELERATE__PAGE_SIZE": [("0", "is less than 1"), ("101", "is more than 100")],
    "CONNECTOR_ISPRING__REQUESTS_PER_SECOND": [
        ("-1", "is less than 0"),
        ("nan", "is no number"),
        ("fast", "is no number"),
    ],
    "CONNECTOR_AXCELERATE__API_URL": [
        ("acme", "is no address; write https://… without a query"),
        ("ftp://acme.example.com", "is no address; write https://… without a query"),
        ("https://acme.example.com/api?x=1", "is no address; write https://… without a query"),
        ("https://acme.example.com:port/api", "is no address; write https://… without a query"),
        ("https://[::1", "is no address; write https://… without a query"),
    ],
    "CONNECTOR_AXCELERATE__JURISDICTION": [
        (
            "NZ",
            "is not one of 'NAT', 'NSW', 'NSW_ACE', 'NSW_SS', 'VIC', 'QLD', 'SA', 'TAS', 'NT', 'ACT' or 'WA'",
        )
    ],
    "CONNECTOR_SCHEDULE__FULL": [
        ("30 3 * *", "has 4 fields; a cron expression has five: minute hour day month weekday"),
        ("30 24 * * *", "24 is no hour of a cron expression"),
        ("30 3 * * blah", "blah is no weekday of a cron expression"),
        ("x * * * *", "x is no minute of a cron expression"),
        ("30 3 * mon *", "mon is no month of a cron expression"),
        ("30 3 0 * *", "0 is no day of a cron expression"),
        ("*/0 3 * * *", "*/0 is no minute of a cron expression"),
    ],
    "CONNECTOR_HTTP__PORT": [("70000", "is more than 65535")],
    "CONNECTOR_NOTIFY__URL": [("s3cret-hook", "is no address; write https://… without a query")],
    "CONNECTOR_NOTIFY__REVIEWS_OLDER_THAN_DAYS": [("-1", "is less than 0")],
}


@pytest.mark.parametrize(
    ("name", "value", "message"), [(name, *case) for name, cases in WRONG.items() for case in cases]
)
def test_a_wrong_value_is_named_with_what_would_be_right(name, value, message):
    assert problems({**ENOUGH, name: value}) == [f"{name}: {message}"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CONNECTOR_SCHEDULE__FULL", "0,30 1-3 1 jan-jun mon,fri"),
        ("CONNECTOR_SCHEDULE__INCREMENTAL", "*/5 6-22/2 * * 1-5"),
        ("CONNECTOR_ISPRING__REQUESTS_PER_SECOND", "0"),
        ("CONNECTOR_AXCELERATE__REQUESTS_PER_SECOND", "0.5"),
        ("CONNECTOR_DATABASE_URL", "postgresql+psycopg://me:secret@db/x"),
        ("CONNECTOR_DATABASE_URL", "sqlite:////var/lib/connector/state.db"),
        ("CONNECTOR_HTTP__PORT", "0"),
        ("CONNECTOR_AXCELERATE__JURISDICTION", "NSW_ACE"),
    ],
)
def test_a_right_value_is_taken(name, value):
    load_settings(environ={**ENOUGH, name: value})


@pytest.mark.parametrize("jurisdiction", JURISDICTIONS)
def test_every_jurisdiction_of_the_code_tables_can_be_set(jurisdiction):
    settings = load_settings(environ={**ENOUGH, "CONNECTOR_AXCELERATE__JURISDICTION": jurisdiction})

    assert settings.axcelerate.jurisdiction == jurisdiction


def without(*names, **more):
    return {**{name: text for name, text in ENOUGH.items() if name not in names}, **more}


@pytest.mark.parametrize(
    ("environ", "missing"),
    [
        (without("CONNECTOR_ISPRING__CLIENT_SECRET"), ["CLIENT_SECRET"]),
        (without("CONNECTOR_ISPRING__CLIENT_ID"), ["CLIENT_ID"]),
        (
            without(
                "CONNECTOR_ISPRING__CLIENT_ID",
                "CONNECTOR_ISPRING__CLIENT_SECRET",
                CONNECTOR_ISPRING__EMAIL="a@example.org",
            ),
            ["ACCOUNT_URL", "PASSWORD"],
        ),
        (without(CONNECTOR_ISPRING__DIALECT="soap"), ["ACCOUNT_URL"]),
    ],
)
def test_half_a_credential_names_the_other_half(environ, missing):
    assert [line.split(":")[0] for line in problems(environ)] == [
        f"CONNECTOR_ISPRING__{name}" for name in missing
    ]


def test_header_credentials_stand_in_for_a_client_id():
    environ = without(
        "CONNECTOR_ISPRING__CLIENT_ID",
        "CONNECTOR_ISPRING__CLIENT_SECRET",
        CONNECTOR_ISPRING__ACCOUNT_URL="https://acme.example.com",
        CONNECTOR_ISPRING__EMAIL="connector@example.org",
        CONNECTOR_ISPRING__PASSWORD="pw",
    )

    assert not load_settings(environ=environ).ispring.uses_token
    assert load_settings(environ=ENOUGH).ispring.uses_token


def test_an_unknown_variable_with_levels_is_an_error():
    assert problems({**ENOUGH, "CONNECTOR_ISPRING__CLIENTID": "x"}) == [
        "CONNECTOR_ISPRING__CLIENTID: is no setting; nearest: CONNECTOR_ISPRING__CLIENT_ID"
    ]


def test_an_unknown_variable_without_levels_is_a_warning():
    settings = load_settings(environ={**ENOUGH, "CONNECTOR_TIMEZON": "x", "CONNECTORS": "y"})

    assert settings.warnings == ("CONNECTOR_TIMEZON: is no setting; nearest: CONNECTOR_TIMEZONE",)


def test_reserved_variables_are_nobodys_mistake():
    assert load_settings(environ={**ENOUGH, "CONNECTOR_ACCOUNTS_DIR": "accounts"}).warnings == ()


def test_every_fault_of_the_file_is_named_with_its_line():
    config = yaml(
        "timezon: Australia/Sydney\n"
        "ispring:\n"
        "  page_size: 2000\n"
        "  clientid: 3\n"
        "  email: [a]\n"
        "axcelerate: 3\n"
        "http: {}\n"
        "http: {}\n"
        "? [a]\n"
        ": b\n"
    )

    assert problems(ENOUGH, config) == [
        "my.yaml:1:1: timezon: is no setting; nearest: timezone",
        "my.yaml:3:3: ispring.page_size: is more than 1000",
        "my.yaml:4:3: ispring.clientid: is no setting; nearest: ispring.client_id",
        "my.yaml:5:3: ispring.email: holds one value, no list and no table",
        "my.yaml:6:1: axcelerate: holds names of its own; indent them below it",
        "my.yaml:8:1: http: stands twice",
        "my.yaml:9:3: ?: is no setting",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("- a\n", "my.yaml: is no table of names; write `timezone: Australia/Sydney` and the like"),
        ("a: [\n", "my.yaml:2:1: is not YAML: expected the node content, but found '<stream end>'"),
        ("[" * 5000, "my.yaml: is not YAML"),
        ('a: "\\UFFFFFFFF"\n', "my.yaml: is not YAML"),
    ],
)
def test_a_file_that_is_no_settings_file_is_the_only_complaint(text, problem):
    assert problems({}, yaml(text)) == [problem]


def test_a_file_that_cannot_be_read_is_named():
    assert problems(ENOUGH, Path("nowhere.yaml")) == [
        "nowhere.yaml: cannot be read: No such file or directory"
    ]
    Path("latin.yaml").write_bytes(b"timezone: caf\xe9\n")
    assert problems(ENOUGH, Path("latin.yaml")) == ["latin.yaml: is not UTF-8 text"]


def test_an_empty_file_sets_nothing():
    assert load_settings(yaml("# nothing\n"), environ=ENOUGH).timezone == "Australia/Sydney"


def test_secret_files_that_are_no_settings_are_named(tmp_path):
    (tmp_path / "CONNECTOR_AXCELERATE__APITOKEN").write_text("x")
    (tmp_path / "CONNECTOR_HTTP__PASSWORD").write_bytes(b"\xff\xfe")

    assert problems({**ENOUGH, "CONNECTOR_SECRETS_DIR": str(tmp_path)}) == [
        f"{tmp_path}/CONNECTOR_AXCELERATE__APITOKEN: is no setting; nearest: CONNECTOR_AXCELERATE__API_TOKEN",
        f"{tmp_path}/CONNECTOR_HTTP__PASSWORD: cannot be read as text",
    ]


def test_a_missing_secrets_directory_is_named():
    assert problems({**ENOUGH, "CONNECTOR_SECRETS_DIR": "nowhere"}) == [
        "CONNECTOR_SECRETS_DIR: nowhere cannot be read: No such file or directory"
    ]


def test_a_wrong_secret_file_is_named_by_its_path(tmp_path):
    (tmp_path / "CONNECTOR_DATABASE_URL").write_text("mysql://me:s3cret-db@db/x\n")

    assert problems({**ENOUGH, "CONNECTOR_SECRETS_DIR": str(tmp_path)}) == [
        f"{tmp_path}/CONNECTOR_DATABASE_URL: is neither sqlite:///… nor postgresql+psycopg://…"
    ]


def test_no_secret_is_ever_shown():
    settings = load_settings(
        environ={**ENOUGH, "CONNECTOR_DATABASE_URL": "postgresql+psycopg://me:s3cret-db@db/x"}
    )
    wrong = {name: value for name, cases in WRONG.items() for value, _ in cases if "s3cret" in value}

    shown = [
        repr(settings),
        str(settings.model_dump()),
        settings.model_dump_json(),
        *problems({**ENOUGH, **wrong}),
    ]

    assert not any("s3cret" in text for text in shown)


@pytest.mark.parametrize(
    ("name", "value", "is_doubtful"),
    [
        ("CONNECTOR_AXCELERATE__API_URL", "http://acme.example.com/api", True),
        ("CONNECTOR_AXCELERATE__API_URL", "http://127.0.0.1:8000/api", False),
        ("CONNECTOR_ISPRING__API_URL", "http://localhost:8000", False),
        ("CONNECTOR_SCHEDULE__FULL", "15 2 * * *", True),
        ("CONNECTOR_SCHEDULE__FULL", "15 12 * * *", False),
    ],
)
def test_what_works_but_is_doubtful_is_a_warning(name, value, is_doubtful):
    warnings = load_settings(environ={**ENOUGH, name: value}).warnings

    assert [line.split(":")[0] for line in warnings] == ([name] if is_doubtful else [])


@given(
    st.dictionaries(st.sampled_from([variable(name) for name in setting_names()]), st.text(max_size=30)),
    st.text(max_size=40),
)
def test_any_values_end_in_settings_or_in_a_settings_error(environ, text):
    with suppress(SettingsError):
        load_settings(yaml(text), environ={**ENOUGH, **environ})


REPOSITORY = Path(__file__).parent.parent


def test_the_example_file_is_valid_with_its_secrets_beside_it():
    settings = load_settings(REPOSITORY / "deploy" / "connector.example.yaml", environ=SECRETS)

    assert settings.ispring.uses_token
    assert settings.warnings == ()


def test_the_example_environment_names_every_setting_and_shows_the_defaults():
    lines = (REPOSITORY / "deploy" / "connector.env.example").read_text().splitlines()
    environ = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))

    settings = load_settings(environ=environ)

    assert set(environ) == {*(variable(name) for name in setting_names()), "CONNECTOR_SECRETS_DIR"}
    assert (settings.schedule, settings.http, settings.notify) == (
        Settings().schedule,
        Settings().http,
        Settings().notify,
    )
    assert settings.mappings_dir == Settings().mappings_dir


def test_checking_mappings_loads_neither_database_nor_http_nor_scheduler():
    program = (
        "import sys; from connector.settings import load_settings; from connector.mapping.load import check_mappings\n"
        "from pathlib import Path\n"
        "settings = load_settings(environ={}, need_platforms=False)\n"
        "checked = check_mappings(Path('mappings/example'), jurisdiction=settings.axcelerate.jurisdiction)\n"
        "assert checked.loaded is not None\n"
        "heavy = {'httpx', 'sqlmodel', 'sqlalchemy', 'apscheduler', 'alembic', 'starlette', 'lxml', 'pydantic_settings'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"
