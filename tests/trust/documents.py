"""What `/openapi.json` says against what the server answers: schemathesis asks, with an account's token and without.

Not asked are streams, which do not end, and with a token what would revoke it. That what the schema allows is accepted
is not required: a position or a time control can be wrong in ways that no schema says; nor that what it does not
mention is refused: the Lichess API is read leniently, as there.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import httpx

from tests.system.process import Server
from tests.trust.finding import Finding, Size
from tests.trust.lives import folder, started

STREAMS: Final = r"/stream/|/feed$|/seek$"
REVOKING: Final = r"^/accounts/tokens$|^/api/token$"
CHECKS: Final = (
    "status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance,"
    "unsupported_method"
)       # no route documents a 500; 501 and 503 are answers, as when as many engines play as may
RUN_WITHIN_S: Final = 1_200


async def members(server: Server) -> dict[str, str]:
    """An account that plays another one; what it is called, its token, its room and its game."""
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        tokens = []
        for name in ("Nora", "Otto"):
            made = (await http.post("/accounts", json={"name": name})).json()
            tokens.append({"Authorization": f"Bearer {made['token']}"})
            http.cookies.clear()
        room = (await http.post("/rooms", json={"color": "white", "public": True}, headers=tokens[0])).json()
        await http.post(f"/rooms/{room['room_id']}/seats", json={}, headers=tokens[1])
        game_id = (await http.get(f"/rooms/{room['room_id']}")).json()["game_id"]
    return {"user": "Nora", "room_id": room["room_id"], "game_id": game_id, "id": game_id} | tokens[0]


async def asked(server: Server, home: Path, cases: int, me: dict[str, str] | None) -> dict[str, Any]:
    """Schemathesis's report of so many cases an operation."""
    home.mkdir()
    if me is not None:
        places = [f'"path.{name}" = "{me[name]}"' for name in ("user", "room_id", "game_id", "id")]
        (home / "schemathesis.toml").write_text("\n".join(["[parameters]", *places]))
    command = [Path(sys.executable).parent / "schemathesis", "run", f"{server.url}/openapi.json"]
    command += ["--phases", "fuzzing", "--max-examples", cases, "--checks", CHECKS, "--request-timeout", 10]
    command += ["--generation-deterministic", "--continue-on-failure"]
    command += ["--exclude-path-regex", STREAMS if me is None else f"{STREAMS}|{REVOKING}"]
    command += ["--header", f"Authorization: {me['Authorization']}"] if me is not None else []
    command += ["--report-json-path", home / "report.json", "--no-color", "--warnings", "off"]
    asking = await asyncio.create_subprocess_exec(
        *(str(word) for word in command),
        cwd=home,
        env=os.environ | {"SCHEMATHESIS_HOOKS": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(RUN_WITHIN_S):
            said, _ = await asking.communicate()
    finally:
        if asking.returncode is None:
            asking.kill()
            await asking.wait()
    if asking.returncode not in (0, 1):       # 1: it found something, which its report says
        raise AssertionError(said.decode(errors="replace"))
    report: dict[str, Any] = json.loads((home / "report.json").read_text())
    return report


async def documents(size: Size) -> AsyncIterator[Finding]:
    with folder() as home:
        async with started("--rate-limits", "off") as server:
            me = await members(server)
            reports = [
                await asked(server, home / name, size.of(2, 60), who) for name, who in (("guest", None), ("member", me))
            ]
    cases = sum(report["test_cases"]["generated"] for report in reports)
    operations = max(report["operations"]["tested"] for report in reports)
    wrong = [json.dumps(each) for report in reports for each in (*report["failures"], *report["errors"])]
    for each in wrong:
        print(each, file=sys.stderr)
    yield Finding(
        f"{cases:,} requests by schemathesis to the {operations} operations of /openapi.json that end",
        "no 500, no undocumented status or content type, no body against its schema, no error in the log",
        f"with an account's token and without: {len(wrong)} of them found",
        is_kept=not wrong and cases > operations,
    )
