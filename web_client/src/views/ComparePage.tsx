/** One live game over both kinds of feed, side by side, with what each costs. */
import { useEffect, useState } from 'preact/hooks';
import { median, totalBytes } from '../compare';
import type { Tally } from '../compare';
import { openComparison } from '../comparison';
import type { Comparison, Lane } from '../comparison';
import { CLOSE } from '../protocol';
import { roomPath } from '../route';
import { shownBoard } from '../shown';
import { useStore } from '../store';
import { text } from '../text';
import { ComparePick } from './ComparePick';
import { Message, Shell } from './Shell';
import { nameOf, useTitle } from './title';
import { MiniBoard } from './MiniBoard';

const ARRIVALS_SHOWN = 8;

export function ComparePage({ roomId }: { roomId: string | null }) {
  useTitle(text.compare.title);
  return <Shell>{roomId === null ? <ComparePick /> : <Followed roomId={roomId} />}</Shell>;
}

function Followed({ roomId }: { roomId: string }) {
  const [comparison, setComparison] = useState<Comparison | null>(null);
  useEffect(() => {
    const opened = openComparison(roomId);
    setComparison(opened);
    return () => opened.close();
  }, [roomId]);
  return comparison && <Lanes comparison={comparison} roomId={roomId} />;
}

function Lanes({ comparison, roomId }: { comparison: Comparison; roomId: string }) {
  const [sse, websocket] = comparison.lanes;
  const [one, other] = [useStore(sse), useStore(websocket)];
  const facts = one.room.facts ?? other.room.facts;
  const { link } = one.room;
  if (link.kind === 'ended' && link.code === CLOSE.noRoom && !facts) {
    return <Message heading={text.missing.heading} hint={text.missing.hint} />;
  }
  const { roundTripMs } = other.room;
  return (
    <div class="compare" data-testid="compare">
      <header class="compare-head">
        <h1>{text.compare.title}</h1>
        <p>{text.compare.intro}</p>
        <p class="row">
          {facts && <b>{text.watch.game(nameOf(facts.white, 'white'), nameOf(facts.black, 'black'))}</b>}
          <a class="button" href={roomPath(roomId)}>
            {text.compare.room}
          </a>
          <span class="quiet" data-testid="compare-clock">
            {roundTripMs === null ? text.compare.noClock : text.compare.clock(roundTripMs / 2)}
          </span>
        </p>
      </header>
      <div class="compare-lanes">
        <LaneCard lane={sse} />
        <LaneCard lane={websocket} />
      </div>
      <p class="quiet compare-note">{text.compare.counted}</p>
      <Arrivals tallies={[one.tally, other.tally]} />
      <section class="card compare-choose">
        <h2>{text.compare.chooseHeading}</h2>
        <ul>
          {text.compare.choose.map(advice => (
            <li key={advice}>{advice}</li>
          ))}
        </ul>
      </section>
    </div>
  );
}

function LaneCard({ lane }: { lane: Lane }) {
  const { room, tally, isCut } = useStore(lane);
  const { link } = room;
  const state = isCut ? 'cut' : link.kind;
  const name = text.watch.name[lane.kind];
  const board = shownBoard(room);
  return (
    <section class="card lane" aria-label={name} data-testid={`lane-${lane.kind}`} data-link={state}>
      <div class="lane-head">
        <h2>{name}</h2>
        <span class={`lane-link ${state}`} role="status">
          {text.compare.link[state]}
        </span>
      </div>
      <div class="watched-board">
        <MiniBoard
          fen={board.fen}
          lastMove={board.lastMove.join('') || null}
          label={text.compare.board(room.facts?.moves.at(-1)?.san ?? null)}
        />
      </div>
      <dl class="lane-rows">
        {rowsOf(tally).map(([row, value]) => (
          <div key={row}>
            <dt>{text.compare.rows[row]}</dt>
            <dd data-testid={`${lane.kind}-${row}`}>{value}</dd>
          </div>
        ))}
      </dl>
      {link.kind !== 'ended' && (
        <button
          type="button"
          class={`button ${isCut ? 'primary' : ''}`}
          data-testid={`${lane.kind}-cut`}
          onClick={isCut ? lane.mend : lane.cut}
        >
          {isCut ? text.compare.mend : text.compare.cut}
        </button>
      )}
    </section>
  );
}

function rowsOf(tally: Tally): [keyof typeof text.compare.rows, string][] {
  const { bytes, none } = text.compare;
  const { sent, received } = totalBytes(tally);
  const delaysMs = tally.arrivals.map(({ delayMs }) => delayMs);
  const middleMs = median(delaysMs);
  const { resent } = tally;
  return [
    ['sent', bytes(sent)],
    ['received', bytes(received)],
    ['messages', String(tally.messages)],
    ['perMessage', tally.messages > 0 ? bytes(sent / tally.messages) : none],
    ['delay', middleMs === null ? none : text.compare.delays(middleMs, delaysMs.length)],
    ['worst', middleMs === null ? none : text.compare.ms(Math.max(...delaysMs))],
    ['reconnects', String(Math.max(0, tally.connections - 1))],
    ['resent', resent ? text.compare.resent(resent.messages, resent.sentBytes) : none],
  ];
}

/** The newest events, and how long each took over either feed. */
function Arrivals({ tallies }: { tallies: readonly [Tally, Tally] }) {
  const [sse, websocket] = tallies.map(({ arrivals }) => new Map(arrivals.map(arrival => [arrival.v, arrival])));
  const newest = [...new Set([...(sse?.keys() ?? []), ...(websocket?.keys() ?? [])])]
    .sort((one, other) => other - one)
    .slice(0, ARRIVALS_SHOWN);
  const delay = (of: typeof sse, v: number): string => {
    const arrival = of?.get(v);
    return arrival ? text.compare.ms(arrival.delayMs) : text.compare.none;
  };
  return (
    <section class="card compare-arrivals">
      <h2>{text.compare.arrivals}</h2>
      <table data-testid="arrivals">
        <thead>
          <tr>
            <th scope="col">{text.compare.event}</th>
            <th scope="col">{text.watch.kind.sse}</th>
            <th scope="col">{text.watch.kind.websocket}</th>
          </tr>
        </thead>
        <tbody>
          {newest.map(v => (
            <tr key={v}>
              <th scope="row">{(sse?.get(v) ?? websocket?.get(v))?.event}</th>
              <td>{delay(sse, v)}</td>
              <td>{delay(websocket, v)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {newest.length === 0 && <p class="quiet">{text.compare.noArrivals}</p>}
    </section>
  );
}
