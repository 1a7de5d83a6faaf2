/** Which page is shown, and going from one to the next without loading anew. */
import { useEffect, useState } from 'preact/hooks';
import { routeOf } from '../route';
import { GamePage } from './GamePage';
import { mayGoBack } from './leaving';
import { Home } from './Home';
import { Message, Shell } from './Shell';
import { RoomPage } from './RoomPage';
import { text } from '../text';

export function App() {
  const [path, setPath] = useState(location.pathname);
  useEffect(() => {
    const moved = (): void => {
      if (mayGoBack(path)) setPath(location.pathname);
    };
    addEventListener('popstate', moved);
    return () => removeEventListener('popstate', moved);
  }, [path]);
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
    case 'unknown':
      return (
        <Shell>
          <Message heading={text.missing.page} hint={text.missing.pageHint} />
        </Shell>
      );
  }
}
