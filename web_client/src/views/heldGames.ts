import { useEffect, useState } from 'preact/hooks';
import { readRoom } from '../api';
import { whileVisible } from '../events';
import { isAccounts, ofSeat } from '../ownGames';
import type { OwnGame } from '../ownGames';
import { heldSeats } from '../storage';
import type { Seat } from '../storage';

const SEATS_ASKED = 6;
/** The page does not wait longer than this to know what stands on it. */
const WAIT_MS = 600;

interface HeldGames {
  readonly games: readonly OwnGame[];
  /** False for as long as it is worth waiting, so that nothing moves when the games come. */
  readonly isKnown: boolean;
}

/** A guest's games, of which only the seats in this browser know; asked about whenever the page comes into sight. */
export function useHeldGames(isGuest: boolean): HeldGames {
  const [games, setGames] = useState<readonly OwnGame[]>([]);
  const [isKnown, setKnown] = useState(() => guestSeats().length === 0);
  useEffect(() => {
    if (!isGuest) return;
    let isLeft = false;
    let isAsking = false;
    const ask = async (): Promise<void> => {
      if (isAsking) return;
      isAsking = true;
      const found = await gamesOf(guestSeats());
      isAsking = false;
      if (isLeft) return;
      setGames(found);
      setKnown(true);
    };
    const returned = (event: PageTransitionEvent): void => {
      if (event.persisted) void ask();
    };
    const stop = whileVisible(() => {
      void ask();
      return () => undefined;
    });
    const timer = setTimeout(() => setKnown(true), WAIT_MS);
    addEventListener('pageshow', returned);
    return () => {
      isLeft = true;
      stop();
      clearTimeout(timer);
      removeEventListener('pageshow', returned);
    };
  }, [isGuest]);
  return { games: isGuest ? games : [], isKnown: isKnown || !isGuest };
}

/** The few seats that are worth asking about. */
function guestSeats(): Seat[] {
  return heldSeats()
    .filter(({ playerId }) => !isAccounts(playerId))
    .slice(0, SEATS_ASKED);
}

/** What cannot be read is left out. */
async function gamesOf(seats: readonly Seat[]): Promise<OwnGame[]> {
  const asked = seats.map(async ({ roomId, token, playerId }) => {
    const answer = await readRoom(roomId, token);
    return 'ok' in answer ? ofSeat(playerId, answer.ok) : null;
  });
  return (await Promise.all(asked)).filter(game => game !== null);
}
