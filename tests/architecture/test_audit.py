"""What `make audit` makes of what its tools say: nothing is explained by silence."""

from pathlib import Path

import pytest

from tests.architecture.syntax import ROOT
from tests.audit.findings import Finding, exceptions, unexplained
from tests.audit.packages import audited, read


def test_a_package_of_which_nothing_is_known_does_not_pass_for_checked() -> None:
    """pip-audit skips it and reports success; here it is unknown, and said aloud."""
    sound = {"name": "a", "version": "1", "vulns": []}
    skipped = {"name": "b", "skip_reason": "not found"}
    verdict = read({"dependencies": [sound, skipped]})
    assert (verdict.sound, verdict.unknown, verdict.vulnerable) == (1, ("b",), ())
    assert any("NOT CHECKED" in line for line in verdict.lines())
    assert read({"dependencies": []}).unknown
    assert not any("NOT CHECKED" in line for line in read({"dependencies": [sound]}).lines())


def test_a_known_vulnerability_is_told() -> None:
    """With its package, version and name."""
    flawed = {"name": "a", "version": "1", "vulns": [{"id": "CVE-2099-1"}]}
    assert read({"dependencies": [flawed]}).vulnerable == ("a 1: CVE-2099-1",)


def test_a_lock_file_that_cannot_be_read_is_no_success(tmp_path: Path) -> None:
    """The tool fails; nothing is known."""
    assert audited(tmp_path / "nothing.lock").unknown


def test_a_finding_without_an_explanation_fails_and_so_does_an_explanation_of_nothing() -> None:
    """Each is told with its place."""
    known = {("app/a.py", "B1"): {"path": "app/a.py", "code": "B1", "marks": ["x", "y"], "reason": "because"}}
    found = [Finding("app/a.py", "B1", "x", 3), Finding("app/a.py", "B1", "z", 4), Finding("app/b.py", "B1", "x", 5)]
    assert unexplained(found, known) == [
        "app/a.py:4: B1 (mark z)",
        "app/b.py:5: B1 (mark x)",
        "app/a.py: B1 y is explained and not there",
    ]


def test_every_exception_has_its_reason(tmp_path: Path) -> None:
    """Those that are committed have one; one without is refused."""
    assert set(exceptions(ROOT / "tests" / "audit" / "exceptions.toml")) == {"bandit", "detect-secrets"}
    bare = tmp_path / "bare.toml"
    bare.write_text('[[bandit]]\npath = "a"\ncode = "B1"\nmarks = []\nreason = ""\n')
    with pytest.raises(ValueError, match="without a reason"):
        exceptions(bare)
