"""The same game over wss:// and https://, with a certificate of one's own."""

import ssl
from pathlib import Path

import httpx
import pytest

from tests.system.conftest import Starter
from tests.system.tables import play, two_players, watched


async def test_a_game_over_wss_is_watched_over_wss_and_https(
    starter: Starter, certificate: tuple[Path, Path]
) -> None:
    certfile, keyfile = certificate
    server = starter("--ssl-certfile", str(certfile), "--ssl-keyfile", str(keyfile), scheme="https").start()
    trusting = ssl.create_default_context(cafile=certfile)
    async with (
        two_players(server, tls=trusting, time="5+0") as (white, black),
        watched(server, white.room_id, trusting) as (watcher, stream),
    ):
        await play(white, black, "f2f3", "e7e5", "g2g4")
        await white.drop()      # comes back, and has missed nothing
        await play(white, black, "d8h4")
        for listener in (white, black, watcher, stream):
            over = await listener.first("game_over", result="0-1", reason="checkmate")
            assert listener.texts[-5:] == black.texts[-5:], over
        assert white.connects == 2
        with pytest.raises(httpx.HTTPError):
            httpx.get(f"http://{server.host}/healthz", trust_env=False)
    async with httpx.AsyncClient(verify=trusting, trust_env=False) as http:
        ticket = (await http.post(f"{server.url}/rooms", json={})).json()
        assert ticket["url"].startswith(server.url)
    status, took_s = server.stop()
    assert status == 0
    assert took_s < 2
