"""What there is no route for, and why (docs/absent-routes.md): research, audit, public health, notices on demand."""

import re

import pytest

from app.profile_files import profiles
from app.vocabulary import ConsentKind, Purpose, Role
from tests.api.test_routes import guarded, served
from tests.service import ROOT, run, world

ABSENT = (
    "research",
    "audit",
    "evaluation",
    "public-health",
    "statistics",
    "aggregate",
    "qso",
    "service-organisation",
    "registry-of-patients",
    "withdrawal-management-registry",
    "subpoena",
    "break-glass",
)
"""Words that no path has. Each is a heading or a sentence of docs/absent-routes.md."""
PAGE = (ROOT / "docs" / "absent-routes.md").read_text()


@pytest.mark.parametrize("word", ABSENT)
def test_no_route_is_for_what_the_page_says_has_none(word: str) -> None:
    assert [path for _, path in served() if word in path] == []
    assert f"`{word}`" in PAGE


def test_the_scan_sees_every_path() -> None:
    assert [path for _, path in served() if "search" in path], "there are routes to search, none to re-search"


def test_a_notice_and_an_emergency_can_be_written_and_not_asked_for() -> None:
    methods = {path: {m for m, p in served() if p == path} for path in ("/v1/notices", "/v1/emergency-disclosures")}
    assert methods == {"/v1/notices": {"POST"}, "/v1/emergency-disclosures": {"POST"}}


def test_no_profile_lets_anything_leave_for_research_audit_or_oversight() -> None:
    for profile in profiles().values():
        research = profile.kinds.get(ConsentKind.RESEARCH)
        assert research is None or not research.roles, profile.name
        for role in (Role.AUDITOR, Role.PRIVACY_OFFICER):
            assert not profile.written.get(role), (profile.name, role)
        granted = {purpose for rule in profile.kinds.values() for purpose in rule.purposes}
        assert granted.isdisjoint({Purpose.AUDIT, Purpose.OVERSIGHT}), profile.name


CONTENT = {"reports.read", "reports.write", "patients.write", "consents.write", "referrals.read", "referrals.write"}
"""Scopes of the routes on which content of a patient stands."""


@pytest.mark.parametrize("client", ["c-auditor-auditor", "c-privacy-privacy-officer"])
@run
async def test_an_auditor_and_a_privacy_officer_reach_no_content(client: str) -> None:
    async with world("sqlite") as w:
        token = await w.party(client).token()
        headers = {"Authorization": f"Bearer {token}"}
        reached = set()
        for method, template, documented in guarded():
            path = re.sub(r"\{[^}]*\}", "0" * 32, template)
            answer = await w.http.request(method, path, headers=headers)
            if documented["x-scope"] in CONTENT:
                assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope"), path
            elif answer.status_code != 403:
                reached.add(documented["x-scope"])
        allowed = {"registry.read"} | ({"accounting.read", "accounting.write"} if "privacy" in client else set())
        assert reached <= allowed | {"ledger.read"}
