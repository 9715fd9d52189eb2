"""The console as people see it: in Chromium, after a real run over both sandboxes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

from connector.console.app import Service, build_app
from connector.console.metrics import Metrics
from connector.console.server import PageServer
from connector.sandbox.run import demo_mappings_dir, run_sandboxes
from connector.settings import load_settings
from connector.state.store import open_store
from connector.wiring import now
from tests.cli.conftest import in_process_of_its_own, settings_for
from tests.console.test_pages import Idle

PASSWORD = "open sesame"
HOSTILE = "<script>document.title = 'taken'</script>"
TITLE = "    title: WHS induction, online part\n"
NAMES = ("chromium", "chromium-browser", "google-chrome")
# Chromium refuses its sandbox to root, and would look for its makers at every start.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The console of a connector that has reconciled the demo's world once; one rule's title would like to be a script."""
    folder = tmp_path_factory.mktemp("console")
    shutil.copytree(demo_mappings_dir(), folder / "mappings")
    for path in (folder / "mappings").glob("*.yaml"):
        path.write_text(path.read_text().replace(TITLE, f"    title: {HOSTILE}\n"))
    with run_sandboxes() as boxes:
        environment = settings_for(boxes, folder) | {"CONNECTOR_MAPPINGS_DIR": str(folder / "mappings")}
        done = in_process_of_its_own("reconcile", cwd=folder, env=os.environ | environment)
        assert done.returncode == 0, done.stderr
        settings = load_settings(environ=environment | {"CONNECTOR_HTTP__PASSWORD": PASSWORD})
        with open_store(f"sqlite:///{folder / 'connector.db'}", now=now) as store:
            metrics = Metrics(waiting=lambda: 0, last_good=lambda: 0.0)
            app = build_app(Service(settings, store, metrics, Idle(), now))
            server = PageServer(app, "127.0.0.1", 0)
            server.start()
            yield server.url
            server.stop()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser writes to its console, a breach of the page's own policy among it."""
    return []


@pytest.fixture
def page(browser: Browser, url: str, complaints: list[str]) -> Iterator[Page]:
    with browser.new_context(http_credentials={"username": "anybody", "password": PASSWORD}) as context:
        opened = context.new_page()
        opened.on("console", lambda said: complaints.append(said.text))
        opened.goto(url)
        yield opened


def test_runs_questions_people_and_mappings_stand_in_tables_of_their_own(
    page: Page, complaints: list[str]
) -> None:
    for table, text in {
        "Runs": "finished",
        "Waiting for a person": "a final outcome needs a person's approval",
        "Left alone": "no user in iSpring Learn matches this contact",
        "People": "by email",
        "Mappings": "unit ",
    }.items():
        expect(page.get_by_role("table", name=table)).to_contain_text(text)
    assert complaints == []


def test_the_words_of_a_mapping_file_stay_words(page: Page, complaints: list[str]) -> None:
    expect(page.get_by_role("cell", name=HOSTILE)).to_be_visible()
    assert page.title() == "connector"
    assert complaints == []


def test_on_a_telephone_the_page_does_not_run_over_its_side(page: Page) -> None:
    page.set_viewport_size({"width": 375, "height": 667})

    wide = page.evaluate("document.documentElement.scrollWidth")

    assert wide <= 375


def test_without_the_password_there_is_nothing_to_see(browser: Browser, url: str) -> None:
    with browser.new_context() as context, pytest.raises(Error, match="ERR_INVALID_AUTH_CREDENTIALS"):
        context.new_page().goto(url)
