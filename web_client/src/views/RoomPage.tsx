/** A room's page: what is shown follows from how far the room, and the connection to it, have come. */
import { useEffect, useState } from 'preact/hooks';
import { CLOSE } from '../protocol';
import { openRoom } from '../session';
import type { Session } from '../session';
import { ownColor } from '../state';
import type { RoomState } from '../state';
import { UNLIMITED, isComputer } from '../newGame';
import { useStore } from '../store';
import { text } from '../text';
import { Game } from './Game';
import { guardLeaving } from './leaving';
import { LinkStatus } from './LinkStatus';
import { Notices } from './Notices';
import { Message, Shell, Unreachable } from './Shell';
import { nameOf, titleOf } from './title';

export function RoomPage({ roomId, isEmbedded }: { roomId: string; isEmbedded: boolean }) {
  const [session, setSession] = useState<Session | null>(null);
  useEffect(() => {
    const opened = openRoom(roomId, !isEmbedded);
    setSession(opened);
    return () => opened.close();
  }, [roomId, isEmbedded]);
  return session && <Room session={session} isEmbedded={isEmbedded} />;
}

function Room({ session, isEmbedded }: { session: Session; isEmbedded: boolean }) {
  const state = useStore(session);
  const title = titleOf(state);
  useEffect(() => {
    document.title = title;
    return () => {
      document.title = text.title.home;
    };
  }, [title]);

  const isMissed = isMissedIn(state);
  useEffect(() => {
    guardLeaving(isMissed ? () => session.dispatch({ kind: 'asked', question: 'leave' }) : null);
    return () => guardLeaving(null);
  }, [isMissed, session]);

  const content = contentOf(state, session, isEmbedded);
  if (isEmbedded) {
    return (
      <main class="embedded">
        <GameHeading state={state} />
        {content}
      </main>
    );
  }
  return (
    <Shell aside={<LinkStatus state={state} session={session} />}>
      <GameHeading state={state} />
      {content}
      <Notices state={state} session={session} />
    </Shell>
  );
}

/** Whether this is a player whose leaving costs something: the server's computer waits where there is no clock. */
function isMissedIn(state: RoomState): boolean {
  const { facts, link } = state;
  const own = ownColor(state);
  if (facts?.status !== 'playing' || own === null || link.kind === 'ended') return false;
  const opponent = own === 'white' ? facts.black : facts.white;
  const isPatient = facts.time_control === UNLIMITED && facts.options.on_disconnect !== 'forfeit';
  return !(isPatient && opponent && isComputer(opponent.player_id));
}

/** For those who go through a page by its headings; the others see the board. */
export function GameHeading({ state: { facts } }: { state: RoomState }) {
  if (!facts || facts.game_id === null) return null;
  return <h1 class="unseen">{text.watch.game(nameOf(facts.white, 'white'), nameOf(facts.black, 'black'))}</h1>;
}

function contentOf(state: RoomState, session: Session, isEmbedded: boolean) {
  const { facts, link } = state;
  if (!facts && link.kind === 'lost') return <Unreachable retry={session.reopen} />;
  if (!facts && link.kind === 'ended') {
    const isMissing = link.code === CLOSE.noRoom || link.code === CLOSE.roomClosed;
    if (isMissing) return <Message heading={text.missing.heading} hint={link.reason || text.missing.hint} />;
  }
  if (facts?.status === 'closed' && facts.game_id === null) {
    return <Message heading={text.roomClosed.heading} hint={text.roomClosed.hint} />;
  }
  return <Game state={state} own={ownColor(state)} session={session} isEmbedded={isEmbedded} />;
}
