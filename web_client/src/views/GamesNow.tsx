/** On the start page: some of the games that are being played. */
import { useRef } from 'preact/hooks';
import { placed } from '../lobby';
import type { LobbyState } from '../lobby';
import { text } from '../text';
import { LiveBoard, useNow } from './LiveBoard';
import { emptyText } from './OpenSeats';

const MOST = 6;

export function GamesNow({ lobby }: { lobby: LobbyState }) {
  const now = useNow();
  const shown = useRef<string[]>([]);
  shown.current = placed(shown.current, lobby.rooms, MOST);
  return (
    <section class="panel-card" aria-labelledby="games-now">
      <div class="section-head">
        <h2 id="games-now">{text.lobby.running}</h2>
        <a href="/wall">{text.lobby.wall}</a>
      </div>
      {shown.current.length > 0 ? (
        <div class="live-boards" data-testid="games-now">
          {shown.current.map(roomId => {
            const room = lobby.rooms.get(roomId);
            return room && <LiveBoard key={roomId} room={room} now={now} />;
          })}
        </div>
      ) : (
        <p class="quiet">{emptyText(lobby, text.lobby.runningNone)}</p>
      )}
    </section>
  );
}
