/** Live games and nothing else, as large as they fit: for a club's projector. One place is for who wants to join. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { followLobby, placed, runningGames } from '../lobby';
import type { Lobby } from '../lobby';
import { publicOrigin } from '../route';
import { useStore } from '../store';
import { text } from '../text';
import { LiveBoard, useNow } from './LiveBoard';
import { layoutOf } from './wallLayout';
import { later } from './later';

const QrCode = later(
  () => import('./QrCode').then(module => module.QrCode),
  () => <div class="qr" />,
);
const MOST = 15;

export function Wall() {
  const [lobby, setLobby] = useState<Lobby | null>(null);
  useEffect(() => {
    const followed = followLobby();
    setLobby(followed);
    document.title = text.title.wall;
    return () => {
      document.title = text.title.home;
      followed.close();
    };
  }, []);
  return lobby && <Boards lobby={lobby} />;
}

function Boards({ lobby }: { lobby: Lobby }) {
  const state = useStore(lobby);
  const now = useNow();
  const size = useWindowSize();
  const shown = useRef<string[]>([]);
  shown.current = placed(shown.current, state.rooms, MOST);
  const isKnown = state.link !== 'connecting' || state.rooms.size > 0;
  const layout = layoutOf(shown.current.length + 1, size.width, size.height);
  const unseen = runningGames(state).filter(room => !shown.current.includes(room.room_id)).length;
  return (
    <main
      class="wall"
      data-testid="wall"
      style={{ '--wall-columns': String(layout.columns), '--wall-board': `${layout.boardPx}px` }}
    >
      <h1 class="unseen">{text.wall.heading}</h1>
      {shown.current.map(roomId => {
        const room = state.rooms.get(roomId);
        return room && <LiveBoard key={roomId} room={room} now={now} />;
      })}
      {isKnown && <Invitation unseen={unseen} isEmpty={shown.current.length === 0} isLost={state.link === 'lost'} />}
    </main>
  );
}

function Invitation({ unseen, isEmpty, isLost }: { unseen: number; isEmpty: boolean; isLost: boolean }) {
  const origin = publicOrigin();
  return (
    <aside class="wall-invitation">
      <QrCode content={origin} label={text.wall.qr} />
      <p>
        <span class="quiet">{text.wall.join}</span>{' '}
        <a href="/" data-testid="wall-address">
          {origin.replace(/^https?:\/\//, '')}
        </a>
      </p>
      <p class="quiet" role="status">
        {isLost ? text.lobby.lost : isEmpty ? text.wall.none : unseen > 0 ? text.wall.more(unseen) : ''}
      </p>
    </aside>
  );
}

function useWindowSize(): { width: number; height: number } {
  const [size, setSize] = useState({ width: innerWidth, height: innerHeight });
  useEffect(() => {
    const resized = (): void => setSize({ width: innerWidth, height: innerHeight });
    addEventListener('resize', resized);
    return () => removeEventListener('resize', resized);
  }, []);
  return size;
}
