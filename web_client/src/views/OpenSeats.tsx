/** Open seats of others, and one's own that wait: a press, and one plays. */
import { useState } from 'preact/hooks';
import { takeSeat } from '../api';
import { openSeats } from '../lobby';
import type { LobbyState, Room } from '../lobby';
import type { Color } from '../protocol';
import { roomPath } from '../route';
import { newToken, seatToken, storedName, storeSeatToken } from '../storage';
import { text } from '../text';
import { PieceIcon } from './PieceIcon';

export function OpenSeats({ lobby, goTo }: { lobby: LobbyState; goTo: (path: string) => void }) {
  const [busy, setBusy] = useState<string | null>(null);
  const [failure, setFailure] = useState('');
  const rooms = openSeats(lobby);

  const join = async (roomId: string): Promise<void> => {
    setBusy(roomId);
    setFailure('');
    const token = newToken();
    const answer = await takeSeat(roomId, token, storedName());
    setBusy(null);
    if ('ok' in answer) {
      storeSeatToken(roomId, token);
      goTo(roomPath(roomId));
    } else if (answer.failure.kind === 'missing') setFailure(text.lobby.gone);
    else setFailure(answer.failure.kind === 'refused' ? text.lobby.taken : text.lobby.failed);
  };

  return (
    <section class="panel-card open-seats" aria-labelledby="open-seats" data-testid="lobby">
      <h2 id="open-seats">{text.lobby.open}</h2>
      <p class="failure" role="alert">
        {failure}
      </p>
      {rooms.length > 0 ? (
        <ul class="seat-list">
          {rooms.map(room => (
            <SeatRow
              key={room.room_id}
              room={room}
              isBusy={busy !== null}
              onJoin={() => void join(room.room_id)}
              onOpen={() => goTo(roomPath(room.room_id))}
            />
          ))}
        </ul>
      ) : (
        <p class="quiet">{emptyText(lobby, text.lobby.openNone)}</p>
      )}
    </section>
  );
}

interface RowProps {
  room: Room;
  isBusy: boolean;
  onJoin: () => void;
  onOpen: () => void;
}

function SeatRow({ room, isBusy, onJoin, onOpen }: RowProps) {
  const host = room.white ?? room.black;
  const free: Color | null = room.white && !room.black ? 'black' : room.black && !room.white ? 'white' : null;
  const name = host?.name || text.lobby.somebody;
  const time = text.timeControl(room.time_control);
  const isOwn = seatToken(room.room_id) !== null;
  return (
    <li class="seat-row" data-testid="open-seat" data-room={room.room_id}>
      <PieceIcon color={free ?? 'random'} role="king" />
      <span class="seat-who">
        <b>
          {host?.bot && <span class="bot">{text.bot}</span>}
          {name}
          {isOwn && <span class="quiet"> ({text.you})</span>}
        </b>
        <span class="quiet">
          {time}
          {room.variant !== 'standard' && ` · ${text.variant(room.variant)}`}
          {isFromPosition(room) && ` · ${text.lobby.fromPosition}`}
          {free && !isOwn && ` · ${text.lobby.seat(free)}`}
        </span>
      </span>
      {isOwn ? (
        <button type="button" class="button" aria-label={text.lobby.backLabel(time)} onClick={onOpen}>
          {text.lobby.back}
        </button>
      ) : (
        <button
          type="button"
          class="button primary"
          aria-label={text.lobby.joinLabel(name, time)}
          disabled={isBusy}
          data-testid="join-seat"
          onClick={onJoin}
        >
          {text.lobby.join}
        </button>
      )}
    </li>
  );
}

const START = 'rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR';

function isFromPosition(room: Room): boolean {
  return room.variant === 'standard' && !room.fen.startsWith(START);
}

/** What stands where there is nothing: that nothing is there, or that it is not known yet. */
export function emptyText({ link, rooms }: LobbyState, nothing: string): string {
  if (link === 'lost') return text.lobby.lost;
  return link === 'connecting' && rooms.size === 0 ? text.lobby.connecting : nothing;
}
