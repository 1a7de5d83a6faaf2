/** Which game to compare the feeds on: one of the public ones, or any whose link is known. */
import { useEffect, useState } from 'preact/hooks';
import { liveRooms } from '../api';
import type { Failure } from '../api';
import { roomIdOf } from '../compare';
import type { RoomListing } from '../protocol';
import { comparePath } from '../route';
import { text } from '../text';
import { nameOf } from './title';

export function ComparePick() {
  const [found, setFound] = useState<readonly RoomListing[] | Failure | null>(null);
  const look = async (): Promise<void> => {
    const answer = await liveRooms();
    setFound('ok' in answer ? answer.ok.items : answer.failure);
  };
  useEffect(() => void look(), []);
  return (
    <section class="card message compare-pick" data-testid="compare-pick">
      <h1>{text.compare.title}</h1>
      <p>{text.compare.intro}</p>
      <PasteLink />
      <h2>{text.compare.live}</h2>
      <div aria-live="polite">
        <Found found={found} />
      </div>
      <button type="button" class="button" onClick={() => void look()}>
        {text.compare.refresh}
      </button>
    </section>
  );
}

function Found({ found }: { found: readonly RoomListing[] | Failure | null }) {
  if (found === null) return <p class="quiet">{text.missing.loading}</p>;
  if ('kind' in found) return <p class="failure">{text.missing.unreachable}</p>;
  if (found.length === 0) return <p class="quiet">{text.compare.noneLive}</p>;
  return (
    <ul class="compare-rooms">
      {found.map(room => (
        <li key={room.room_id}>
          <a href={comparePath(room.room_id)}>
            {text.watch.game(nameOf(room.white, 'white'), nameOf(room.black, 'black'))}
          </a>{' '}
          <span class="quiet">
            {text.timeControl(room.time_control)} · {text.compare.watchers(room.spectators)}
          </span>
        </li>
      ))}
    </ul>
  );
}

function PasteLink() {
  const [isBad, setBad] = useState(false);
  return (
    <form
      class="compare-paste"
      onSubmit={event => {
        event.preventDefault();
        const pasted = new FormData(event.currentTarget).get('room');
        const roomId = typeof pasted === 'string' ? roomIdOf(pasted) : null;
        if (roomId === null) setBad(true);
        else location.assign(comparePath(roomId));
      }}
    >
      <label class="field">
        <span>{text.compare.pickLabel}</span>
        <input type="text" name="room" data-testid="compare-room" aria-invalid={isBad} onInput={() => setBad(false)} />
      </label>
      <button type="submit" class="button primary" data-testid="compare-go">
        {text.compare.go}
      </button>
      <p class="failure" role="alert">
        {isBad ? text.compare.badRoom : ''}
      </p>
    </form>
  );
}
