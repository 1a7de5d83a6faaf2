"""How people write down where a room is."""

import pytest

from game_server.client.address import Address, address, room_address

HERE = Address("http://localhost:8000", "mine")
WRITTEN = {
    "its page": ("http://localhost:8000/room/mine", HERE),
    "with a slash": ("http://localhost:8000/room/mine/", HERE),
    "its WebSocket": ("ws://localhost:8000/ws/game/mine", HERE),
    "its spectators' feed": ("ws://localhost:8000/ws/watch/mine?since=abc:1", HERE),
    "its document": ("http://localhost:8000/rooms/mine", HERE),
    "without a scheme": ("localhost:8000/room/mine", HERE),
    "over TLS": ("wss://chess.example.org/ws/game/mine", Address("https://chess.example.org", "mine")),
    "under a path": ("https://example.org/chess/room/mine", Address("https://example.org/chess", "mine")),
    "IPv6": ("http://[::1]:8000/room/mine", Address("http://[::1]:8000", "mine")),
    "a server": ("http://localhost:8000/", Address("http://localhost:8000")),
}


@pytest.mark.parametrize(("url", "place"), WRITTEN.values(), ids=WRITTEN)
def test_an_address_is_read_in_all_its_forms(url: str, place: Address) -> None:
    assert address(url) == place


def test_a_server_and_a_room_id_name_a_room() -> None:
    assert address("http://localhost:8000", "mine") == HERE


NO_ROOMS = {
    "another scheme": ("ftp://localhost/room/mine", None),
    "no host": ("http:///room/mine", None),
    "a room id with a space": ("http://localhost", "my room"),
    "two rooms": ("http://localhost/room/mine", "yours"),
    "no room": ("http://localhost", None),
}


@pytest.mark.parametrize(("url", "room_id"), NO_ROOMS.values(), ids=NO_ROOMS)
def test_what_names_no_room_is_refused_with_a_sentence(url: str, room_id: str | None) -> None:
    with pytest.raises(ValueError, match=r"room|address"):
        room_address(url, room_id)


def test_the_socket_repeats_what_was_wished() -> None:
    assert HERE.socket("ws/game", name="Ada", time="5+3", fen=None) == (
        "ws://localhost:8000/ws/game/mine?name=Ada&time=5%2B3"
    )


@pytest.mark.parametrize(
    ("origin", "is_local"),
    [("http://localhost:8000", True), ("http://127.0.0.1:1", True), ("http://[::1]:1", True), ("http://a.org", False)],
)
def test_no_proxy_leads_to_this_machine(origin: str, is_local: bool) -> None:
    assert Address(origin).is_local is is_local
