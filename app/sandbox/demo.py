"""``make demo``: the stories over HTTP against a throwaway server on each database."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from app.instance import open_hub
from app.sandbox.cluster import Cluster, both_roles, free_port
from app.sandbox.register import register
from app.sandbox.stage import Stage
from app.sandbox.stories import STORIES
from app.serving import prepare
from app.settings import Settings, read_keys


async def play(databases: list[str]) -> int:
    """Play on each database; the number of differences, at most 1 as an exit code."""
    differences: list[str] = []
    for kind in databases:
        print(f"\n=== The stories on {kind} ===")
        with tempfile.TemporaryDirectory(prefix="throughcare-demo-") as folder, _database(kind, Path(folder)) as url:
            differences += await _play_on(url, Path(folder))
    print("\n" + ("\n".join(differences) if differences else "Everybody saw exactly what was allowed."))
    return 1 if differences else 0


@contextlib.contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'throughcare.db'}"
        return
    cluster = Cluster()
    try:
        cluster.start()
        yield cluster.create("demo")
    finally:
        cluster.stop()


async def _play_on(url: str, folder: Path) -> list[str]:
    port = free_port()
    chosen = {
        "THROUGHCARE_KEYS": str(folder / "keys.json"),
        "THROUGHCARE_SANDBOX": "1",
        "THROUGHCARE_PORT": str(port),
        "THROUGHCARE_ISSUER": f"http://127.0.0.1:{port}",
    } | both_roles(url)
    settings = Settings.from_environment(chosen)
    await asyncio.to_thread(prepare, settings, url)
    hub = await open_hub(settings)
    clients = await register(hub, bytes.fromhex(read_keys(settings)["master"]))
    await hub.database.close()
    with _server(chosen, folder, settings.issuer):
        async with httpx.AsyncClient(base_url=settings.issuer, timeout=30) as http:
            by_id: dict[str, dict[str, Any]] = {client["client_id"]: client for client in clients}
            differences = []
            for title, play_story in STORIES.items():
                print(f"\n--- {title} ---")
                told = await play_story(Stage(by_id, http, f"{settings.issuer}/oauth/token", print))
                differences += [f"{title}: {difference}" for difference in told]
            return differences


@contextlib.contextmanager
def _server(chosen: dict[str, str], folder: Path, issuer: str) -> Iterator[None]:
    """A real server process, stopped at the end."""
    command = [sys.executable, "-m", "app", "serve"]
    (folder / "environment.json").write_text(json.dumps(chosen))
    with open(folder / "server.log", "wb") as log:
        process = subprocess.Popen(command, env=os.environ | chosen, stdout=log, stderr=log)  # noqa: S603  # ourselves
    try:
        _wait(issuer, process)
        yield
    finally:
        process.terminate()
        process.wait(30)


def _wait(issuer: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{issuer}/readyz", timeout=2).status_code == 200:
                return
        time.sleep(0.05)
    raise TimeoutError("the throwaway server did not start")
