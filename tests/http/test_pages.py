"""Pages, their security headers, and the API's description of itself."""

import re

import pytest
from table import Club

from game_server.http import pages

PAGES = ("/", "/wall", "/room/any", "/game/any", "/embed/any", "/compare", "/compare/any", "/docs")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_runs_only_what_comes_from_here(club, path):
    answer = club.http.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "object-src 'none'" in policy
    assert "base-uri 'none'" in policy


@pytest.mark.parametrize("path", PAGES)
def test_only_the_embedded_board_may_be_framed(club, path):
    policy = club.http.get(path).headers["content-security-policy"]
    ancestors = re.search(r"frame-ancestors ([^;]*)", policy).group(1)
    assert ancestors == ("*" if path.startswith("/embed/") else "'none'")


@pytest.mark.parametrize("path", [*PAGES, "/rooms", "/healthz", "/openapi.json", "/nowhere"])
def test_every_answer_is_what_it_says_it_is_and_tells_other_sites_nothing(club, path):
    headers = club.http.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("path", PAGES)
def test_no_page_needs_anything_from_elsewhere(club, path):
    for address in re.findall(r"""(?:src|href|action)\s*=\s*["']?([^"'\s>]+)""", club.http.get(path).text):
        assert not re.match(r"(https?:)?//", address), address


def test_the_page_knows_the_address_for_invitations(tmp_path):
    with Club(tmp_path, origin='https://chess.example/"><script>') as club:
        assert "<script>" not in re.sub(r"<script [^>]*>", "", club.http.get("/").text).replace("</script>", "")


def test_whether_the_server_lives_and_can_serve(club):
    assert club.http.get("/healthz").json() == {"status": "ok"}
    assert club.http.get("/readyz").json().items() >= {"status": "ready", "bus": "alone"}.items()


def test_the_descriptions_are_there(club):
    assert club.http.get("/openapi.json").json()["openapi"].startswith("3.")
    assert club.http.get("/asyncapi.json").json()["asyncapi"].startswith("3.")


def test_the_api_for_people_names_every_operation_and_every_message(club):
    page = club.http.get("/docs").text.replace("<wbr>", "")
    for path in club.http.get("/openapi.json").json()["paths"]:
        assert path in page
    for name in club.http.get("/asyncapi.json").json()["components"]["messages"]:
        assert name in page


def test_the_client_s_files_come_compressed_to_who_takes_that_and_are_kept_for_ever(club):
    if not pages.static_folder().is_dir():
        pytest.skip("needs the built web client")
    found = re.findall(r'(?:src|href)="(/assets/[^"]+\.(?:js|css))"', club.http.get("/").text)
    assert len(found) >= 3
    for path in found:
        plain = club.http.get(path, headers={"Accept-Encoding": "identity"})
        packed = club.http.get(path, headers={"Accept-Encoding": "gzip, br"})
        assert "content-encoding" not in plain.headers
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.headers["vary"] == "Accept-Encoding"
        assert packed.content == plain.content
        assert int(packed.headers["content-length"]) < len(plain.content)
        for answer in (plain, packed):
            assert "immutable" in answer.headers["cache-control"]
            assert answer.headers["content-type"] == plain.headers["content-type"]
    assert club.http.get("/assets/nowhere.js", headers={"Accept-Encoding": "gzip"}).status_code == 404


BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize("path", ["/nowhere", "/room", "/room/a/b", "/room/a%20b/c", "/nowhere/"])
def test_people_who_go_to_an_unknown_address_get_a_page_that_says_so(club, path):
    answer = club.http.get(path, headers=BROWSER)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_programs_that_go_to_an_unknown_address_get_a_problem(club):
    for headers in ({}, {"Accept": "application/json"}, {"Accept": "*/*"}):
        answer = club.http.get("/nowhere", headers=headers)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
    assert club.http.get("/rooms/nowhere", headers=BROWSER).json()["status"] == 404
    assert club.http.post("/healthz", headers=BROWSER).status_code == 405


@pytest.mark.parametrize("path", [*PAGES, "/docs", "/asyncapi.json", "/openapi.json", "/favicon.ico", "/games"])
def test_who_asks_for_the_head_alone_gets_that_of_the_page(club, path):
    whole, head = club.http.get(path, headers=BROWSER), club.http.head(path, headers=BROWSER)
    assert head.status_code == whole.status_code
    assert head.headers == whole.headers
    assert not head.content


METHODS = {
    "/rooms": "GET, POST",
    "/rooms/anything": "GET",
    "/accounts/session": "DELETE, POST",
    "/accounts/tokens": "DELETE, POST",
    "/docs": "GET, HEAD",
    "/sse/rooms": "GET, HEAD",
    "/api/challenge": "GET, HEAD",
    "/api/bot/game/anything/chat": "GET, HEAD, POST",
    "/api/tv/feed": "GET",
}


@pytest.mark.parametrize(("path", "methods"), METHODS.items(), ids=METHODS)
def test_another_method_is_answered_with_all_that_there_are(club, path, methods):
    answer = club.http.put(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, methods)


def test_the_api_for_people_looks_like_the_other_pages(club):
    if not pages.static_folder().is_dir():
        pytest.skip("needs the built web client")
    page, client = club.http.get("/docs").text, club.http.get("/").text
    shared = re.findall(r'<link rel="stylesheet"[^>]*>|<script +src="[^>]*>', client)
    assert len(shared) == 2, "the styles, and the choice of light or dark"
    for link in shared:
        assert link in page
    assert "`" not in page
    assert set(re.findall(r'href="#(\w+)"', page)) <= set(re.findall(r'id="(\w+)"', page))


def operations(club):
    for path, methods in club.http.get("/openapi.json").json()["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


ANSWERS = {
    "POST /rooms": {"201", "400", "401", "422", "429", "503"},
    "POST /rooms/{room_id}/seats": {"200", "201", "400", "401", "404", "409", "422", "429", "503"},
    "GET /rooms": {"200", "422", "429", "503"},
    "GET /rooms/{room_id}": {"200", "304", "404", "429", "503"},
    "GET /rooms/{room_id}/pgn": {"200", "404", "429", "503"},
    "GET /computer": {"200", "429", "501"},
    "POST /accounts": {"201", "400", "403", "409", "422", "429", "503"},
    "GET /accounts/me": {"200", "401", "429", "503"},
    "POST /accounts/session": {"201", "401", "429", "503"},
    "DELETE /accounts/session": {"204", "429", "503"},
    "POST /accounts/tokens": {"201", "401", "429", "503"},
    "DELETE /accounts/tokens": {"204", "401", "429", "503"},
    "POST /rooms/{room_id}/computer": {"201", "400", "404", "409", "422", "429", "501", "503"},
    "GET /games": {"200", "422", "429", "503"},
    "GET /games/{game_id}": {"200", "404", "429", "503"},
    "GET /games/{game_id}/pgn": {"200", "404", "429", "503"},
    "GET /healthz": {"200"},
    "GET /readyz": {"200", "503"},
}


def test_every_operation_is_documented_with_the_statuses_it_answers(club):
    documented = {name: set(operation["responses"]) for name, operation in operations(club)}
    for name, answers in ANSWERS.items():
        assert documented[name] - {"422"} == answers - {"422"}, name     # FastAPI has 422 wherever there is a parameter
        assert answers <= documented[name], name


def test_errors_are_documented_as_problems_and_in_the_lichess_api_as_its_clients_read_them(club):
    for name, operation in operations(club):
        is_lichess = name.split()[1].startswith(("/api/", "/game/export/"))
        for status, answer in operation["responses"].items():
            if status >= "400":
                media = "application/json" if is_lichess else "application/problem+json"
                assert media in answer["content"], (name, status)


def test_every_operation_says_what_it_does(club):
    assert all(operation.get("description") for _, operation in operations(club))


def test_a_browser_that_asks_for_the_usual_icon_gets_ours(club):
    answer = club.http.get("/favicon.ico")
    if not pages.static_folder().is_dir():
        pytest.skip("needs the built web client")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/svg+xml"


def test_who_goes_to_the_list_of_games_gets_a_page_and_programs_the_list(club):
    page = club.http.get("/games?player=anna", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    for accept in ("*/*", "application/json"):
        answer = club.http.get("/games", headers={"accept": accept})
        assert answer.json().keys() == {"items", "next"}
        assert answer.headers["vary"].split(", ")[0] == page.headers["vary"] == "Accept"
