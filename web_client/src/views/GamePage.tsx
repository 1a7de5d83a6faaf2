/** The page of a finished game: its moves, to step through, and its PGN. */
import { useEffect, useState } from 'preact/hooks';
import { finishedGame } from '../api';
import type { Failure } from '../api';
import { openReplay } from '../replay';
import type { Session } from '../session';
import { useStore } from '../store';
import { text } from '../text';
import { Game } from './Game';
import { GameHeading } from './RoomPage';
import { Message, Shell, Unreachable } from './Shell';
import { titleOf, useTitle } from './title';

/** A server that cannot be reached is asked again so often. */
const RETRY_MS = 3_000;

export function GamePage({ gameId }: { gameId: string }) {
  const [found, setFound] = useState<Session | Failure | null>(null);
  const [attempt, setAttempt] = useState(0);
  const retry = (): void => setAttempt(count => count + 1);
  const isFailed = found !== null && 'kind' in found;
  const isLost = isFailed && found.kind !== 'missing';
  useTitle(isFailed ? (isLost ? text.missing.unreachable : text.missing.game) : text.title.home);
  useEffect(() => {
    let isLeft = false;
    void finishedGame(gameId).then(answer => {
      if (!isLeft) setFound('ok' in answer ? openReplay(answer.ok) : answer.failure);
    });
    return () => {
      isLeft = true;
    };
  }, [gameId, attempt]);
  useEffect(() => {
    if (!isLost) return;
    const timer = setTimeout(retry, RETRY_MS);
    return () => clearTimeout(timer);
  }, [found, isLost]);
  if (!found) return <Shell>{null}</Shell>;
  if (!('kind' in found)) return <Replay session={found} />;
  return (
    <Shell>
      {isLost ? <Unreachable retry={retry} /> : <Message heading={text.missing.game} hint={text.missing.gameHint} />}
    </Shell>
  );
}

function Replay({ session }: { session: Session }) {
  const state = useStore(session);
  const title = titleOf(state);
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <Shell>
      <GameHeading state={state} />
      <Game state={state} own={null} session={session} isEmbedded={false} />
    </Shell>
  );
}
