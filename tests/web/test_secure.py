"""The same pages over https:// and wss://."""

from pathlib import Path

import pytest

from tests.system.conftest import Starter
from tests.web.conftest import Invite
from tests.web.visitor import Table

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_game_is_played_over_wss(invite: Invite, starter: Starter, certificate: tuple[Path, Path]) -> None:
    certfile, keyfile = certificate
    server = starter("--ssl-certfile", str(certfile), "--ssl-keyfile", str(keyfile), scheme="https").start()
    ann, bob, eve = [await invite(name, ignore_https_errors=True) for name in ("Ann", "Bob", "")]
    link = await ann.host(server.url)
    assert link.startswith("https://")
    await bob.join(link)
    await eve.page.goto(link)
    table = Table(ann, bob, link, watchers=[eve])
    await table.play("f3", "e5", "g4", "Qh4#")
    await table.result("Black wins")
    assert {socket.url.partition(":")[0] for visitor in table.everyone for socket in visitor.sockets} == {"wss"}
