"""The documentation page works without the internet and sends nothing to anyone else."""

import re
from pathlib import Path

import pytest

from app.routers import docs
from app.routers.docs import ASSETS, PAGE_POLICY
from tests.api.edge import APP, ask

FOLDER = Path(docs.__file__).parent / "assets"


def test_page_names_only_files_that_are_served_here() -> None:
    """Every address on the page is relative and answers 200 with its own media type."""
    answer = ask("GET", "/docs")
    assert answer.status_code == 200 and answer.headers["content-type"] == "text/html; charset=utf-8"
    addresses = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assert {address.rpartition("/")[2] for address in addresses} > {"docs.js", "swagger-ui-bundle.js", "swagger-ui.css"}
    assert [address for address in addresses if address.startswith(("/", "http"))] == []
    assert {ask("GET", f"/{address}").status_code for address in addresses} == {200}


def test_page_holds_no_inline_script_or_style() -> None:
    """So that the policy needs no 'unsafe-inline'; it lets nothing remote in and replaces the general one."""
    answer = ask("GET", "/docs")
    assert not re.search(r"<script(?![^>]*src=)|<style|style=|\son[a-z]+=", answer.text)
    assert answer.headers.get_list("content-security-policy") == [PAGE_POLICY]
    assert "unsafe" not in PAGE_POLICY and "http" not in PAGE_POLICY and "*" not in PAGE_POLICY


def test_description_is_sent_to_no_validator() -> None:
    """Swagger UI would otherwise ask a validator on the internet."""
    assert "validatorUrl: null" in ask("GET", "/docs/assets/docs.js").text


@pytest.mark.parametrize("name", ASSETS)
def test_asset_is_served_unchanged(name: str) -> None:
    """The bytes of the file, its media type, and 304 for whoever holds it."""
    file, media_type = ASSETS[name]
    answer = ask("GET", f"/docs/assets/{name}")
    assert answer.content == (FOLDER / file).read_bytes() and len(answer.content) > 100
    assert answer.headers["content-type"] == media_type and answer.headers["cache-control"].startswith("public")
    again = ask("GET", f"/docs/assets/{name}", headers={"if-none-match": f'"x", W/{answer.headers["etag"]}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", answer.headers["etag"])


@pytest.mark.parametrize("name", ["LICENSE", "docs.html", "..%2fdocs.py", "%2e%2e%2f%2e%2e%2fdocs.py", "swagger-ui"])
def test_nothing_else_is_served(name: str) -> None:
    """Names are looked up in a list; no path is ever built from one."""
    assert ask("GET", f"/docs/assets/{name}").status_code == 404


def test_licence_of_the_assets_stands_beside_them() -> None:
    """Apache-2.0 section 4 asks for licence and notice with every copy."""
    assert "Apache License" in (FOLDER / "swagger-ui" / "LICENSE").read_text()
    assert "SmartBear" in (FOLDER / "swagger-ui" / "NOTICE").read_text()


def test_page_is_not_in_the_contract() -> None:
    """It is documentation, no operation."""
    assert not [path for path in APP.openapi()["paths"] if path.startswith("/docs")]
