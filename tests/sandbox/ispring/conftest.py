"""A served account with a learner and a course, and a caller that asks it over real HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest
from lxml import etree

from connector.sandbox.clock import Clock
from connector.sandbox.ispring import IspringSandbox

NOON = datetime(2026, 3, 10, 1, tzinfo=UTC)  # noon of 10 March in Sydney


class Caller:
    """Asks the sandbox in JSON with a token, unless told otherwise."""

    def __init__(self, box: IspringSandbox) -> None:
        self.box = box
        # Plain HTTP only: loading certificates would be most of a test's time.
        self.http = httpx.Client(base_url=box.url, timeout=10, verify=False, trust_env=False)
        self.headers = {"Authorization": f"Bearer {self.token()}", "Accept": "application/json"}

    def token(self, credentials=None) -> str:
        key = credentials or self.box
        form = {
            "client_id": key.client_id,
            "client_secret": key.client_secret,
            "grant_type": "client_credentials",
        }
        return self.http.post("/api/v3/token", data=form).raise_for_status().json()["access_token"]

    def sign_in(self, credentials) -> None:
        self.headers["Authorization"] = f"Bearer {self.token(credentials)}"

    def get(self, path, **params):
        return self.http.get(path, params=params, headers=self.headers)

    def xml(self, path, **params):
        answer = self.http.get(path, params=params, headers={"Authorization": self.headers["Authorization"]})
        assert answer.headers["content-type"].startswith("application/xml")
        return etree.fromstring(answer.content)

    def post(self, path, body=None, **options):
        return self.http.post(path, json=body, headers=self.headers, **options)

    def delete(self, path, **params):
        return self.http.delete(path, params=params, headers=self.headers)

    def pages(self, path, key, **params):
        """All pages of a list, each a list of rows."""
        pages, token = [], None
        while token is None or token:
            answer = self.get(path, **params, **({"pageToken": token} if token else {}))
            assert answer.status_code == 200, answer.text
            pages.append(answer.json()[key])
            token = answer.json().get("nextPageToken", "")
        return pages

    def enrollments(self, **params):
        return [row for page in self.pages("/enrollments", "enrollments", **params) for row in page]

    def results(self, **params):
        return [row for page in self.pages("/learners/results", "results", **params) for row in page]

    def soap(self, request, *, credentials=None, scheme="http"):
        """Send one request element (without credentials); gives the answer and the body's first child."""
        known = credentials or f"<token>{self.headers['Authorization'].removeprefix('Bearer ')}</token>"
        head, _, rest = request.partition(">")
        empty = head.endswith("/")
        opened, closed = (head[:-1], f"</{head[1:-1]}>") if empty else (head, "")
        envelope = (
            f'<?xml version="1.0" encoding="utf-8"?>'
            f'<SOAP-ENV:Envelope xmlns:SOAP-ENV="{scheme}://schemas.xmlsoap.org/soap/envelope/" '
            f'xmlns="{scheme}://ispringlearn.com/go/services/api/soap"><SOAP-ENV:Body>'
            f"{opened}><credentials>{known}</credentials>{rest}{closed}"
            f"</SOAP-ENV:Body></SOAP-ENV:Envelope>"
        )
        answer = self.http.post(
            "/api/v2/soap/2.0", content=envelope, headers={"Content-Type": "text/xml; charset=utf-8"}
        )
        return answer, etree.fromstring(answer.content)[0][0]


@dataclass
class Story:
    """The account's one learner and one course."""

    user: str
    course: str


@pytest.fixture
def clock():
    return Clock(NOON)


@pytest.fixture
def box(clock):
    box = IspringSandbox(clock=clock, seed=7, zone="Australia/Sydney")
    with box.serving():
        yield box


@pytest.fixture
def story(box):
    user = box.person.add_user(login="mia", email="mia@example.org", first_name="Mia", last_name="O'Brien")
    course = box.person.add_course("Manual handling", due_days=14, modules=["Lifting", "Quiz"])
    return Story(user, course)


@pytest.fixture
def caller(box):
    caller = Caller(box)
    yield caller
    caller.http.close()
