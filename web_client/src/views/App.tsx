/** Which page is shown, and going from one to the next without loading anew. */
import { useEffect, useState } from 'preact/hooks';
import { routeOf } from '../route';
import { text } from '../text';
import { GamePage } from './GamePage';
import { Home } from './Home';
import type { ComparePage } from './ComparePage';
import { Message, Shell, Unreachable } from './Shell';
import { RoomPage } from './RoomPage';
import { useTitle } from './title';

export function App() {
  const [path, setPath] = useState(location.pathname);
  useEffect(() => {
    const moved = (): void => setPath(location.pathname);
    addEventListener('popstate', moved);
    return () => removeEventListener('popstate', moved);
  }, []);
  const goTo = (next: string): void => {
    history.pushState(null, '', next);
    setPath(next);
    scrollTo(0, 0);
  };
  const route = routeOf(path);
  switch (route.page) {
    case 'home':
      return <Home goTo={goTo} />;
    case 'room':
    case 'embed':
      return <RoomPage key={path} roomId={route.roomId} isEmbedded={route.page === 'embed'} />;
    case 'game':
      return <GamePage key={path} gameId={route.gameId} />;
    case 'compare':
      return <Compare key={path} roomId={route.roomId} />;
    case 'unknown':
      return <UnknownPage />;
  }
}

/** The comparison, which comes as a file of its own: nobody's first move waits for it. */
function Compare({ roomId }: { roomId: string | null }) {
  const [Page, setPage] = useState<typeof ComparePage | null>(null);
  const [isLost, setLost] = useState(false);
  const load = (): void => {
    setLost(false);
    void import('./ComparePage').then(
      module => setPage(() => module.ComparePage),
      () => setLost(true),
    );
  };
  useEffect(load, []);
  if (Page) return <Page roomId={roomId} />;
  return <Shell>{isLost && <Unreachable retry={load} />}</Shell>;
}

function UnknownPage() {
  useTitle(text.missing.page);
  return (
    <Shell>
      <Message heading={text.missing.page} hint={text.missing.pageHint} />
    </Shell>
  );
}
