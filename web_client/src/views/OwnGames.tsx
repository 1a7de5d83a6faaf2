/** One's own games, those in which it is one's turn first. */
import { ordered } from '../ownGames';
import type { Called, OwnGame } from '../ownGames';
import { roomPath } from '../route';
import { text } from '../text';
import { MiniBoard } from './MiniBoard';

/** `games` null: they have not been told yet. */
export function OwnGames({ games }: { games: readonly OwnGame[] | null }) {
  return (
    <section class="panel-card own-games" aria-labelledby="own-games" data-testid="own-games">
      <h2 id="own-games">{text.lobby.own}</h2>
      {games && games.length > 0 ? (
        <div class="own-list">
          {ordered(games).map(game => (
            <Game key={game.roomId} game={game} />
          ))}
        </div>
      ) : (
        <p class="quiet">{games ? text.lobby.ownNone : text.lobby.connecting}</p>
      )}
    </section>
  );
}

function Game({ game }: { game: OwnGame }) {
  const name = nameOf(game.called);
  return (
    <a class="own-game" href={roomPath(game.roomId)} data-testid="own-game" data-room={game.roomId}>
      <MiniBoard fen={game.fen} lastMove={game.lastMove} bottom={game.bottom} label={name} />
      <span>
        <span class="live-name">{name}</span>
        <span class={`state ${game.stage === 'yourMove' ? 'turn-mark' : 'quiet'}`}>
          {text.lobby.ownStage[game.stage]}
        </span>
      </span>
    </a>
  );
}

function nameOf(called: Called): string {
  switch (called.by) {
    case 'opponent':
      return called.name || text.lobby.somebody;
    case 'players':
      return text.watch.game(called.white || text.lobby.somebody, called.black || text.lobby.somebody);
    case 'time':
      return text.timeControl(called.control);
  }
}
