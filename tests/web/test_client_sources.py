"""The web client's own checks, and that its types and the API's description are what the server's models say."""

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any, Final

import pytest

from game_server import __version__
from game_server.wire.asyncapi import asyncapi
from game_server.wire.schema import document
from tests.web.node import CLIENT, installed_npm, run

TYPES: Final = CLIENT / "src" / "protocol.gen.ts"
VALIDATE: Final = """
import { readFileSync } from 'node:fs';
import { Parser } from '@asyncapi/parser';
const { document, diagnostics } = await new Parser().parse(readFileSync(0, 'utf8'));
for (const { severity, message, path } of diagnostics) console.log(severity, path.join('.'), message);
process.exitCode = document && diagnostics.length === 0 ? 0 : 1;
"""


@pytest.fixture(scope="module")
def npm() -> str:
    return installed_npm()


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def test_the_types_are_those_of_the_current_schema() -> None:
    digest = hashlib.sha256(canonical(document()).encode()).hexdigest()
    written = re.search(r"schema sha256: ([0-9a-f]{64})", TYPES.read_text("utf-8"))
    assert written, f"{TYPES} does not name the schema it was made from"
    assert written[1] == digest, "stale types: run `npm run types` in web_client"


def test_the_types_come_out_the_same_again(npm: str, tmp_path: Path) -> None:
    del npm
    client = tmp_path / "web_client"
    shutil.copytree(CLIENT / "scripts", client / "scripts")
    (client / "src").mkdir()
    (client / "node_modules").symlink_to(CLIENT / "node_modules")
    run(["node", "scripts/types.mjs", "--stdin"], folder=client, stdin=json.dumps(document(), sort_keys=True))
    assert (client / "src" / TYPES.name).read_text("utf-8") == TYPES.read_text("utf-8")


def test_the_clients_own_checks_pass(npm: str) -> None:
    run([npm, "run", "check"])


def test_the_asyncapi_document_is_valid(npm: str) -> None:
    del npm
    run(["node", "--input-type=module", "-e", VALIDATE], stdin=json.dumps(asyncapi(__version__)))
