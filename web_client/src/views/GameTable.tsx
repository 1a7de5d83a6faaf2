/** Finished games as lines, each of which leads to the game. */
import type { GameSummary } from '../protocol';
import { text } from '../text';

export function GameTable({ games }: { games: readonly GameSummary[] }) {
  return (
    <ol class="game-table" data-testid="finished-games">
      {games.map(game => {
        const [white, black] = [game.white.name || text.color('white'), game.black.name || text.color('black')];
        const score = text.archive.score(game.result);
        return (
          <li key={game.game_id}>
            <a href={`/game/${game.game_id}`} class="game-row" data-testid="finished-game">
              <span class={`game-player ${game.winner === 'white' ? 'won' : ''}`}>{white}</span>
              <b class="game-score">{score}</b>
              <span class={`game-player ${game.winner === 'black' ? 'won' : ''}`}>{black}</span>
              <span class="quiet game-how">{text.archive.how(game)}</span>
              <time class="quiet game-when" dateTime={new Date(game.ended_at).toISOString()}>
                {text.archive.when(game.ended_at)}
              </time>
            </a>
          </li>
        );
      })}
    </ol>
  );
}
