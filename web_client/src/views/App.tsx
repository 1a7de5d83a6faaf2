/** Which page is shown, and going from one to the next without loading anew. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { me, startAccount } from '../account';
import { playsIn } from '../me';
import { routeOf } from '../route';
import type { Route } from '../route';
import { newToken, seatToken, storeSeatToken } from '../storage';
import { useStore } from '../store';
import { text } from '../text';
import { AccountPlace } from './AccountCorner';
import { Challenges } from './Challenges';
import { GamePage } from './GamePage';
import { mayGoBack } from './leaving';
import { laterPage } from './later';
import { Message, Shell } from './Shell';
import { RoomPage } from './RoomPage';
import { useTitle } from './title';

const Home = laterPage(() => import('./Home').then(module => module.Home));
const Archive = laterPage(() => import('./Archive').then(module => module.Archive));
const Wall = laterPage(() => import('./Wall').then(module => module.Wall));
const Compare = laterPage(() => import('./ComparePage').then(module => module.ComparePage));

/** Pages that show a game and nothing else. */
const BARE: readonly Route['page'][] = ['embed', 'wall'];

export function App() {
  const [path, setPath] = useState(location.pathname);
  const route = routeOf(path);
  const isBare = BARE.includes(route.page);
  useEffect(() => {
    const moved = (): void => {
      if (mayGoBack(path)) setPath(location.pathname);
    };
    addEventListener('popstate', moved);
    return () => removeEventListener('popstate', moved);
  }, [path]);
  const goTo = (next: string): void => {
    history.pushState(null, '', next);
    setPath(location.pathname);
    scrollTo(0, 0);
  };
  useEffect(() => {
    if (routeOf(location.pathname).page !== 'embed') startAccount();
    const pressed = (event: MouseEvent): void => followLink(event, goTo);
    document.addEventListener('click', pressed);
    return () => document.removeEventListener('click', pressed);
  }, []);
  return (
    <>
      <Page key={path} path={path} route={route} goTo={goTo} />
      {!isBare && <Challenges isAtGame={route.page === 'room'} goTo={goTo} />}
      {!isBare && <AccountPlace />}
    </>
  );
}

/** A plain click on a link to one of our pages goes there without loading anew. */
function followLink(event: MouseEvent, goTo: (path: string) => void): void {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || !isPlain || event.defaultPrevented || link.target || link.hasAttribute('download')) return;
  if (link.origin !== location.origin || routeOf(link.pathname).page === 'unknown') return;
  event.preventDefault();
  goTo(link.pathname + link.search);
}

/** A room; whose account plays there gets its seat, on whatever device, and keeps it when the game is over. */
function OwnRoom({ roomId }: { roomId: string }) {
  const isPlayer = playsIn(useStore(me), roomId);
  const seat = useRef({ isHeld: seatToken(roomId) !== null, visit: 0 });
  if (isPlayer && !seat.current.isHeld) {
    storeSeatToken(roomId, newToken());
    seat.current = { isHeld: true, visit: 1 };
  }
  return <RoomPage key={seat.current.visit} roomId={roomId} isEmbedded={false} />;
}

function Page({ path, route, goTo }: { path: string; route: Route; goTo: (path: string) => void }) {
  switch (route.page) {
    case 'home':
      return <Home goTo={goTo} />;
    case 'wall':
      return <Wall />;
    case 'games':
      return <Archive />;
    case 'room':
      return <OwnRoom roomId={route.roomId} />;
    case 'embed':
      return <RoomPage key={path} roomId={route.roomId} isEmbedded />;
    case 'game':
      return <GamePage key={path} gameId={route.gameId} />;
    case 'compare':
      return <Compare key={path} roomId={route.roomId} />;
    case 'unknown':
      return <UnknownPage />;
  }
}

function UnknownPage() {
  useTitle(text.missing.page);
  return (
    <Shell>
      <Message heading={text.missing.page} hint={text.missing.pageHint} />
    </Shell>
  );
}
