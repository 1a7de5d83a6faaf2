/** The account's running games, those in which it is its turn first. */
import type { RunningGame } from '../me';
import { roomPath } from '../route';
import { text } from '../text';
import { MiniBoard } from './MiniBoard';

export function OwnGames({ games }: { games: readonly RunningGame[] | null }) {
  const ordered = [...(games ?? [])].sort((one, other) => Number(other.isMyTurn) - Number(one.isMyTurn));
  return (
    <section class="panel-card own-games" aria-labelledby="own-games" data-testid="own-games">
      <h2 id="own-games">{text.lobby.own}</h2>
      {ordered.length > 0 ? (
        <div class="own-list">
          {ordered.map(game => (
            <a
              key={game.room_id}
              class="own-game"
              href={roomPath(game.room_id)}
              data-testid="own-game"
              data-room={game.room_id}
            >
              <MiniBoard
                fen={game.fen}
                lastMove={game.lastMove || null}
                bottom={game.color}
                label={game.opponent.username}
              />
              <span>
                <span class="live-name">{game.opponent.username}</span>
                <span class={`state ${game.isMyTurn ? 'turn-mark' : 'quiet'}`}>
                  {game.isMyTurn ? text.lobby.yourTurn : text.lobby.theirTurn}
                </span>
              </span>
            </a>
          ))}
        </div>
      ) : (
        <p class="quiet">{games ? text.lobby.ownNone : text.lobby.connecting}</p>
      )}
    </section>
  );
}
