/** The first page: a new game, and what goes on here. */
import { useEffect, useState } from 'preact/hooks';
import { me } from '../account';
import { finishedGames } from '../api';
import { EMPTY_LOBBY, followLobby } from '../lobby';
import type { LobbyState } from '../lobby';
import { ofAccount } from '../ownGames';
import type { GameSummary } from '../protocol';
import { useStore } from '../store';
import { text } from '../text';
import { GamesNow } from './GamesNow';
import { GameTable } from './GameTable';
import { useHeldGames } from './heldGames';
import { NewGame } from './NewGame';
import { OpenSeats } from './OpenSeats';
import { OwnGames } from './OwnGames';
import { Shell } from './Shell';

const LATEST = 5;

export function Home({ goTo }: { goTo: (path: string) => void }) {
  const account = useStore(me);
  const held = useHeldGames(account.name === null);
  const [lobby, setLobby] = useState<LobbyState>(EMPTY_LOBBY);
  useEffect(() => {
    const followed = followLobby();
    const leave = followed.subscribe(setLobby);
    return () => {
      leave();
      followed.close();
    };
  }, []);
  // What is below comes once it is known how much stands above: nothing that can be seen moves.
  const isKnown = lobby.link !== 'connecting' || lobby.rooms.size > 0;
  if (!held.isKnown) return <Shell>{null}</Shell>;
  return (
    <Shell>
      <div class="home-page">
        <NewGame account={account.name} goTo={goTo} />
        <div class="goings-on">
          {account.name !== null && <OwnGames games={account.games?.map(ofAccount) ?? null} />}
          {held.games.length > 0 && <OwnGames games={held.games} />}
          <OpenSeats lobby={lobby} goTo={goTo} />
          {isKnown && <GamesNow lobby={lobby} />}
          {isKnown && <Latest />}
        </div>
      </div>
    </Shell>
  );
}

function Latest() {
  const [games, setGames] = useState<readonly GameSummary[] | null>(null);
  useEffect(() => {
    let isLeft = false;
    void finishedGames({ player: '', result: '' }, LATEST).then(answer => {
      if (!isLeft) setGames('ok' in answer ? answer.ok.items : []);
    });
    return () => {
      isLeft = true;
    };
  }, []);
  return (
    <section class="panel-card latest" aria-labelledby="latest">
      <div class="section-head">
        <h2 id="latest">{text.lobby.finished}</h2>
        <a href="/games">{text.lobby.all}</a>
      </div>
      {games && games.length > 0 ? (
        <GameTable games={games} />
      ) : (
        <p class="quiet">{games ? text.lobby.finishedNone : text.lobby.connecting}</p>
      )}
    </section>
  );
}
