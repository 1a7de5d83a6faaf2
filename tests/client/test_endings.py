"""Close codes, as the protocol's rule has them: 4000-4499 are final, the others mean come back."""

import pytest

from game_server.client import endings
from game_server.client.endings import ending_of

COME_BACK = (1000, 1001, 1005, 1006, 1011, 1012, 1013, 4500, 4501, 4999)
FINAL = {
    1007: endings.ProtocolAbuse,
    1009: endings.ProtocolAbuse,
    4000: endings.RoomClosed,
    4001: endings.BadToken,
    4002: endings.Kicked,
    4003: endings.SeatsTaken,
    4004: endings.NoRoom,
    4005: endings.Replaced,
    4006: endings.Forfeited,
    4007: endings.OpponentForfeited,
    4499: endings.Ended,
}


@pytest.mark.parametrize("code", COME_BACK)
def test_other_codes_mean_come_back(code: int) -> None:
    assert ending_of(code, "") is None


@pytest.mark.parametrize(("code", "kind"), FINAL.items())
def test_final_codes_have_names(code: int, kind: type[endings.Ended]) -> None:
    ending = ending_of(code, "because")
    assert type(ending) is kind
    assert "because" in str(ending)
    assert str(code) in str(ending)
