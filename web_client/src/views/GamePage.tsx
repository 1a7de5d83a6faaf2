/** The page of a finished game: its moves, to step through, and its PGN. */
import { useEffect, useState } from 'preact/hooks';
import { finishedGame } from '../api';
import type { Failure } from '../api';
import { openReplay } from '../replay';
import type { Session } from '../session';
import { useStore } from '../store';
import { text } from '../text';
import { Game } from './Game';
import { Message, Shell } from './Shell';
import { titleOf } from './title';

export function GamePage({ gameId }: { gameId: string }) {
  const [found, setFound] = useState<Session | Failure | null>(null);
  useEffect(() => {
    let isLeft = false;
    void finishedGame(gameId).then(answer => {
      if (!isLeft) setFound('ok' in answer ? openReplay(answer.ok) : answer.failure);
    });
    return () => {
      isLeft = true;
    };
  }, [gameId]);
  if (!found) return <Shell>{null}</Shell>;
  if ('kind' in found) {
    const isMissing = found.kind === 'missing';
    return (
      <Shell>
        <Message
          heading={isMissing ? text.missing.game : text.missing.unreachable}
          hint={isMissing ? text.missing.gameHint : text.home.unreachable}
        />
      </Shell>
    );
  }
  return <Replay session={found} />;
}

function Replay({ session }: { session: Session }) {
  const state = useStore(session);
  const title = titleOf(state);
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <Shell>
      <Game state={state} own={null} session={session} isEmbedded={false} />
    </Shell>
  );
}
