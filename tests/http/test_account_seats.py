"""Seats taken over HTTP by who has an account: as that account, by token or by cookie, and not as a guest."""

import itertools

import pytest

_numbers = itertools.count(1)


@pytest.fixture
def account(club):
    """Makes an account: its name, and the headers that stand for it, by its token or by its cookie."""

    def make(by, *, bot=False):
        name = f"Member-{next(_numbers)}"
        answer = club.http.post("/accounts", json={"name": name, "bot": bot})
        token = answer.json()["token"]
        club.http.cookies.clear()
        return name, {"Authorization": f"Bearer {token}"} if by == "token" else {"Cookie": f"tabiya_account={token}"}

    return make


@pytest.mark.parametrize("by", ["token", "cookie"])
def test_who_has_an_account_opens_a_room_as_that(club, account, by):
    name, headers = account(by)
    asked = {"color": "white", "name": "Somebody else", "token": "a_secret_of_its_own_000000"}
    ticket = club.http.post("/rooms", json=asked, headers=headers).json()
    assert (ticket["player_id"], ticket["token"]) == (f"@{name.lower()}", None)
    seat = club.http.get(f"/rooms/{ticket['room_id']}").json()["white"]
    assert (seat["name"], seat["bot"]) == (name, False)
    player = club.join(ticket["room_id"], headers=headers)
    assert (player.welcome["player_id"], player.color) == (ticket["player_id"], "white")


@pytest.mark.parametrize("by", ["token", "cookie"])
def test_a_seat_is_taken_once_by_an_account(club, account, by):
    name, headers = account(by, bot=True)
    room_id = club.http.post("/rooms", json={"color": "black"}).json()["room_id"]
    answers = [club.http.post(f"/rooms/{room_id}/seats", headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json() == {"token": None, "color": "white", "player_id": f"@{name.lower()}"}
    seat = club.http.get(f"/rooms/{room_id}").json()["white"]
    assert (seat["name"], seat["bot"]) == (name, True)


def test_a_guest_who_signs_in_afterwards_keeps_the_seat(club, account):
    room = club.http.post("/rooms", json={}).json()
    _, headers = account("cookie")
    again = club.http.post(f"/rooms/{room['room_id']}/seats", json={"token": room["token"]}, headers=headers)
    assert (again.status_code, again.json()["player_id"]) == (200, room["player_id"])


def test_an_unknown_account_token_takes_no_seat(club):
    headers = {"Authorization": f"Bearer acct_{'x' * 32}"}
    assert club.http.post("/rooms", json={}, headers=headers).status_code == 401
    room_id = club.http.post("/rooms", json={"color": "white"}).json()["room_id"]
    assert club.http.post(f"/rooms/{room_id}/seats", headers=headers).status_code == 401
    assert club.http.get(f"/rooms/{room_id}").json()["black"] is None


def test_a_cookie_is_not_read_for_another_site(club, account):
    _, headers = account("cookie")
    ticket = club.http.post("/rooms", json={}, headers=headers | {"Origin": "https://elsewhere.example"}).json()
    assert not ticket["player_id"].startswith("@")
    assert ticket["token"]


def test_a_bot_on_a_socket_shows_its_accounts_name_and_that_it_is_one(club, account, room_id):
    name, headers = account("token", bot=True)
    bot = club.join(room_id, headers=headers, name="Disguise")
    assert [bot.state[bot.color]["name"], bot.state[bot.color]["bot"]] == [name, True]


def test_a_revoked_token_lets_nobody_in_and_the_game_it_has_open_goes_on_until_its_owner_takes_the_seat(
    club, account, room_id
):
    _, lost = account("token")
    white = club.join(room_id, headers=lost, color="white")
    club.join(room_id)
    white.until("game_started")
    kept = {"Authorization": f"Bearer {club.http.post('/accounts/tokens', headers=lost).json()['token']}"}
    assert club.http.delete("/api/token", headers=lost).status_code == 204
    assert [frame["type"] for frame in white.acked("move", uci="e2e4")] == ["move"]
    assert club.refused(room_id, headers=lost)[0] == 4001
    again = club.join(room_id, headers=kept)
    assert (again.color, white.ended()[1]) == ("white", 4005)
