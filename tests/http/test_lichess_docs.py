"""The Lichess API in /openapi.json: every route, as the server really answers."""

import re

import httpx
import pytest

from game_server.app import Worker, create_app
from game_server.http import lichess
from game_server.settings import Settings
from game_server.store.memory import MemoryLog

OPERATIONS = [
    (method.upper(), path, operation) for path, methods in lichess.operations().items()
    for method, operation in methods.items()
]  # fmt: skip
NAMES = [f"{method} {path}" for method, path, _ in OPERATIONS]
ENDLESS = {"/api/tv/feed", "/api/tv/{channel}/feed"}


@pytest.fixture
async def http():
    app = create_app(Settings())
    app.state.edge = Worker(MemoryLog(), lambda: 1_732_166_400_000, Settings(), None).edge
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tabiya.test") as http:
        yield http


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=NAMES)
async def test_a_route_is_described_and_answers_a_stranger_as_described(http, method, path, operation):
    assert operation["description"]
    named = {parameter["name"] for parameter in operation.get("parameters", ()) if parameter["in"] == "path"}
    assert named == set(re.findall(r"{(\w+)}", path))
    if path in ENDLESS:
        return
    answer = await http.request(method, re.sub(r"{\w+}", "nosuchthing", path))
    assert str(answer.status_code) in operation["responses"]
    assert ("401" in operation["responses"]) is (answer.status_code == 401) is ("security" in operation)
    content = operation["responses"][str(answer.status_code)].get("content", {})
    assert answer.headers["content-type"].partition(";")[0] in content
    if answer.is_error:
        assert isinstance(answer.json()["error"], str)


async def test_the_description_is_served_once_with_all_else(http):
    for _ in range(2):
        document = (await http.get("/openapi.json")).json()
        assert lichess.operations().keys() <= document["paths"].keys()
    assert "/rooms" in document["paths"]
    ids = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(ids) == len(set(ids))
    ai = document["paths"]["/api/challenge/ai"]["post"]
    assert ai["requestBody"]["content"]["application/json"]["schema"]["properties"]["level"]["maximum"] == 8
    assert document["components"]["securitySchemes"]["account"]["scheme"] == "bearer"
    assert "/api/challenge/ai" in (await http.get("/docs")).text.replace("<wbr>", "")


@pytest.mark.parametrize("path", ["/api/no/such/thing", "/api/account/a%0Ab", "/api/%0A", "/api/tv/%0D%0A/feed"])
async def test_what_is_not_there_is_said_in_json_whatever_its_name(http, path):
    answer = await http.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/json")
    assert isinstance(answer.json()["error"], str)


async def test_a_route_that_takes_a_body_says_how_it_refuses_one(http):
    paths = (await http.get("/openapi.json")).json()["paths"]
    for path, operation in ((path, each) for path, methods in paths.items() for each in methods.values()):
        if "requestBody" in operation:
            assert "400" in operation["responses"], path
            answer = await http.post(
                re.sub(r"{\w+}", "nosuchthing", path), content=b"\xff{", headers={"Content-Type": "application/json"}
            )
            assert str(answer.status_code) in operation["responses"], path
