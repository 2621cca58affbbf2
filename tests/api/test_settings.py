"""Settings come from the environment alone; a refusal names the variable and never its value."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.settings import Settings, SettingsError, create_keys, load_keys


def _read(**variables: str) -> Settings:
    return Settings.from_environment({f"THROUGHCARE_{name}": value for name, value in variables.items()})


def test_defaults_work_out_of_the_box() -> None:
    """An empty environment serves SQLite on loopback, outside the sandbox."""
    settings = Settings.from_environment({})
    assert (settings.database_url, settings.keys) == ("sqlite:///var/throughcare.db", Path("var/keys.json"))
    assert (settings.issuer, settings.host, settings.port) == ("http://127.0.0.1:8000", "127.0.0.1", 8000)
    assert (settings.sandbox, settings.https, settings.pool_size) == (False, False, 12)


def test_everything_can_be_set() -> None:
    """The issuer loses its final slash; without one it follows the port."""
    settings = _read(
        DATABASE_URL="postgresql://u:secret@db/t",
        KEYS="/run/secrets/keys.json",
        ISSUER="https://hub.example/",
        HOST="0.0.0.0",
        PORT="9000",
        SANDBOX="1",
        ALLOW_REMOTE_SANDBOX="1",
        POOL_SIZE="4",
    )
    assert (settings.issuer, settings.https, settings.sandbox, settings.pool_size) == (
        "https://hub.example",
        True,
        True,
        4,
    )
    assert settings.keys == Path("/run/secrets/keys.json")
    assert _read(PORT="9000").issuer == "http://127.0.0.1:9000"


def test_password_is_not_in_repr() -> None:
    """A printed settings value gives no database password away."""
    assert "secret" not in repr(_read(DATABASE_URL="postgresql://u:secret@db/t"))


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("PORT", "-1"),
        ("POOL_SIZE", "0"),
        ("POOL_SIZE", "17"),
        ("SANDBOX", "yes"),
        ("DATABASE_URL", "mysql://secret@db/t"),
        ("DATABASE_URL", "sqlite:///"),
        ("ISSUER", "hub.example"),
        ("ISSUER", "https://"),
        ("ISSUER", "https://u:secret@hub.example"),
        ("ISSUER", "https://hub.example?secret"),
        ("ISSUER", "https://[hub"),
    ],
)
def test_unusable_value_names_its_variable(variable: str, value: str) -> None:
    """The message says which variable and what it must be, not what it was."""
    with pytest.raises(SettingsError) as refused:
        _read(**{variable: value})
    assert refused.value.variable == f"THROUGHCARE_{variable}"
    assert str(refused.value).startswith(refused.value.variable) and "secret" not in str(refused.value)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "hub.example"])
def test_sandbox_stays_on_loopback(host: str) -> None:
    """Its secrets are known: it listens elsewhere only by an explicit override."""
    with pytest.raises(SettingsError) as refused:
        _read(HOST=host, SANDBOX="1")
    assert refused.value.variable == "THROUGHCARE_HOST"
    assert _read(HOST=host).host == _read(HOST=host, SANDBOX="1", ALLOW_REMOTE_SANDBOX="1").host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_sandbox_on_loopback(host: str) -> None:
    """Every loopback address will do."""
    assert _read(HOST=host, SANDBOX="1").sandbox


def test_keys_are_written_once(tmp_path: Path) -> None:
    """The file is private, whole, and never replaced; nothing else is left beside it."""
    path = tmp_path / "var" / "keys.json"
    assert create_keys(path, lambda: {"master": "a"}) == load_keys(path) == {"master": "a"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert create_keys(path, lambda: {"master": "b"}) == {"master": "a"}
    assert list(path.parent.iterdir()) == [path]


def test_first_of_many_processes_wins(tmp_path: Path) -> None:
    """All that start at once go on with the same keys."""
    path = tmp_path / "keys.json"
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: create_keys(path, lambda: {"master": n}), range(24)))
    assert found == [found[0]] * 24 and list(tmp_path.iterdir()) == [path]


def test_failed_making_leaves_no_file(tmp_path: Path) -> None:
    """Half a key file would be taken for a whole one at the next start."""

    def fail() -> dict[str, str]:
        raise RuntimeError("no entropy")

    with pytest.raises(RuntimeError):
        create_keys(tmp_path / "keys.json", fail)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [None, "", "[]", '{"a"'])
def test_unreadable_keys_are_refused(tmp_path: Path, content: str | None) -> None:
    """A missing or damaged file stops the start; it is not made anew."""
    path = tmp_path / "keys.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(SettingsError, match="THROUGHCARE_KEYS"):
        load_keys(path)
    if content is not None:
        with pytest.raises(SettingsError):
            create_keys(path, lambda: {"master": "b"})
        assert path.read_text() == content
