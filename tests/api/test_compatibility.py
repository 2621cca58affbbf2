"""A breaking change of openapi.yaml since the last tag fails, unless the changelog names its operation."""

import copy
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.api.contract import document
from tests.compatibility.__main__ import announced, main
from tests.compatibility.changes import BASE, BREAKING, HARMLESS, Contract, changed, members_of, paths_of
from tests.compatibility.contracts import breaking
from tests.compatibility.schemas import NotCompared
from tests.service import ROOT


@pytest.mark.parametrize("name", BREAKING)
def test_a_breaking_change_is_found(name: str) -> None:
    """Each kind, by the name of its operation, and told as one change where it is one."""
    operation, change = BREAKING[name]
    found = breaking(BASE, changed(change))
    assert operation in {one.operation for one in found} and all(one.what for one in found)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_change_is_not(name: str) -> None:
    """What old software does not notice."""
    assert breaking(BASE, changed(HARMLESS[name])) == []


def _run(folder: Path, *arguments: str) -> None:
    who = (
        "-c",
        "user.name=A",
        "-c",
        "user.email=a@example.org",
        "-c",
        "commit.gpgsign=false",
        "-c",
        "tag.gpgsign=false",
    )
    subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, check=True)


def _write(folder: Path, contract: Contract, changelog: str) -> None:
    (folder / "openapi.yaml").write_text(yaml.safe_dump(contract))
    (folder / "CHANGELOG.md").write_text(changelog)


def _log(*breaking: str, over: str = "") -> str:
    lines = "".join(f"- `{name}` is another now.\n" for name in breaking)
    return (
        f"# Changelog\n\n## [Unreleased]\n\n### Breaking\n\n{lines}\n{over}## [0.1.0]\n\n### Added\n\n- `list_things`\n"
    )


@pytest.fixture(scope="module")
def tagged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose last tag has ``BASE``."""
    folder = tmp_path_factory.mktemp("tagged")
    _run(folder, "init", "-q")
    _write(folder, BASE, _log())
    _run(folder, "add", ".")
    _run(folder, "commit", "-q", "-m", "first")
    _run(folder, "tag", "v0.1.0")
    return folder


@pytest.mark.parametrize("name", BREAKING)
def test_what_breaks_has_to_be_announced(name: str, tagged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Refused; refused when another operation is named; passed when every one that breaks is."""
    newer = changed(BREAKING[name][1])
    names = {one.operation for one in breaking(BASE, newer)}
    for told, verdict in (((), 1), (("another_thing",), 1), (tuple(sorted(names)), 0)):
        _write(tagged, newer, _log(*told))
        assert main(["--repository", str(tagged)]) == verdict
    assert "not announced: " in capsys.readouterr().out


def test_what_is_harmless_passes(tagged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With an empty heading, and with none."""
    for change in HARMLESS.values():
        _write(tagged, changed(change), "# Changelog\n\n## [Unreleased]\n\n## [0.1.0]\n")
        assert main(["--repository", str(tagged)]) == 0
    assert capsys.readouterr().out == "Nothing breaks v0.1.0.\n" * len(HARMLESS)


def test_a_release_passes_as_the_commit_before_it(tagged: Path) -> None:
    """The heading has moved under the new version, and the tag is not made yet; what the old version said is no use."""
    _write(tagged, changed(lambda c: paths_of(c).pop("post")), _log("add_thing").replace("Unreleased", "0.2.0"))
    assert main(["--repository", str(tagged)]) == 0
    assert announced(
        _log("one", over="## [0.2.0]\n\n### Breaking\n\n- `two`\n\n### Fixed\n\n- `three`\n\n"), "0.1.0"
    ) == {
        "one",
        "two",
    }
    assert announced("## [Unreleased]\n\n## [0.1.0]\n\n### Breaking\n\n- `one`\n", "0.1.0") == set()


def test_without_a_tag_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No tag, or a tag from before there was a contract: passed, in plain words."""
    _run(tmp_path, "init", "-q")
    _run(tmp_path, "commit", "-q", "--allow-empty", "-m", "first")
    _write(tmp_path, BASE, _log())
    assert main(["--repository", str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith("No tag can be reached from here")
    _run(tmp_path, "tag", "v0.0.1")
    assert main(["--repository", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "v0.0.1 has no openapi.yaml: nothing was compared.\n"


def test_what_cannot_be_compared_is_no_pass(tagged: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that is no repository, and a keyword that nobody taught it."""
    _write(tmp_path, BASE, _log())
    assert main(["--repository", str(tmp_path)]) == 2
    _write(tagged, changed(lambda c: members_of(c, "Thing")["id"].update(contains={"type": "string"})), _log())
    assert main(["--repository", str(tagged)]) == 2
    assert "contains in a schema" in capsys.readouterr().err


def test_this_contract_can_be_compared() -> None:
    """Every keyword of every schema of ours is known, in both directions; CI runs the check."""
    assert breaking(document(), document()) == []
    lost = copy.deepcopy(document())
    lost["paths"].pop("/v1/me")
    assert [one.operation for one in breaking(document(), lost)] == ["me"]
    schemas = copy.deepcopy(document())["components"]["schemas"]
    for schema in schemas.values():
        schema["contains"] = {}
    with pytest.raises(NotCompared):
        breaking(document(), document() | {"components": {"schemas": schemas}})
    assert "step make compatibility" in (ROOT / ".ci" / "run").read_text().splitlines()
    done = subprocess.run([sys.executable, "-m", "tests.compatibility"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
