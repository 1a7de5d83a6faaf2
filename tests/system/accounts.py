"""Accounts on a real server, and their clients."""

import os
import secrets
import subprocess
import sys
from typing import Any

import berserk
import requests

from tests.system.process import REPOSITORY, Server

PATIENCE_S = 8


def token(server: Server, name: str, *options: str) -> str:
    """What `tabiya token` prints beside the running server."""
    command = [sys.executable, "-m", "game_server", "token", name, "--database-url", f"sqlite:///{server.database}"]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [*command, *options], env=environment, capture_output=True, text=True, check=True, timeout=30
    )
    return done.stdout.strip()


def made(server: Server, name: str | None = None, *, bot: bool = False) -> tuple[str, str]:
    """A new account's name and token, from `POST /accounts`."""
    name = name or f"{'Bot' if bot else 'Player'}-{secrets.token_hex(4)}"
    answer = requests.post(f"{server.url}/accounts", json={"name": name, "bot": bot}, timeout=10)
    assert answer.status_code == 201, answer.text
    return name, answer.json()["token"]


class Impatient(berserk.TokenSession):
    """Gives up on a server that is silent for as long as no client would wait, so that a test fails and ends."""

    def request(self, *args: Any, **more: Any) -> requests.Response:
        return super().request(*args, **({"timeout": PATIENCE_S} | more))


def client(server: Server, token: str) -> Any:
    return berserk.Client(Impatient(token), base_url=server.url)
