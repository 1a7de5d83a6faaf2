/** The moves, to read and to go back through. */
import { useEffect, useRef } from 'preact/hooks';
import { firstPlyOf } from '../line';
import type { Session } from '../session';
import { choose, settings } from '../settings';
import { pendingMove } from '../state';
import type { RoomState } from '../state';
import { text } from '../text';
import { BoardMenus } from './BoardMenus';
import { Icon } from './Icon';
import type { IconName } from './Icon';

interface Cell {
  readonly ply: number;
  readonly san: string;
  readonly isPending: boolean;
}

export function MoveList({ state, session }: { state: RoomState; session: Session }) {
  const { facts } = state;
  const ply = facts?.ply ?? 0;
  const viewed = state.viewedPly ?? ply;
  const pending = pendingMove(state);
  const list = useRef<HTMLOListElement>(null);
  const current = state.viewedPly === null && pending ? ply + 1 : viewed;

  useEffect(() => {
    const element = list.current;
    if (!element) return;
    showCurrent(element);
    // An offer or the result below takes room from the list.
    const observer = new ResizeObserver(() => showCurrent(element));
    observer.observe(element);
    return () => observer.disconnect();
  }, [current]);

  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (isElsewhere(event)) return;
      const key = event.key.toLowerCase();
      if (key === 'f') session.dispatch({ kind: 'flipped' });
      if (key === 'z') choose({ zen: !settings.get().zen });
      const to = stepOf(event, session.get());
      if (to === undefined) return;
      event.preventDefault();
      session.dispatch({ kind: 'viewed', ply: to });
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, [session]);

  const view = (to: number | null): void => session.dispatch({ kind: 'viewed', ply: to });
  const firstPly = facts ? firstPlyOf(facts.initial_fen) : 0;
  const cells: Cell[] = (facts?.moves ?? []).map(({ san }, index) => ({ ply: index + 1, san, isPending: false }));
  if (pending) cells.push({ ply: ply + 1, san: pending.san ?? pending.message.uci, isPending: true });

  return (
    <div class="moves-box">
      <ol class="moves" ref={list} data-testid="moves">
        {cells.length === 0 && <li class="quiet empty">{facts?.status === 'playing' ? text.game.noMoves : ' '}</li>}
        {cells.map(({ ply: at, san, isPending }, index) => {
          const half = firstPly + index;
          const isNumbered = half % 2 === 0 || index === 0;
          return (
            <li key={at} class={half % 2 === 0 ? 'of-white' : index === 0 ? 'of-black lone' : 'of-black'}>
              {isNumbered && <span class="number">{`${Math.floor(half / 2) + 1}${half % 2 === 0 ? '.' : '…'}`}</span>}
              <button
                type="button"
                class={`move ${isPending ? 'pending' : ''}`}
                aria-current={at === current ? 'step' : undefined}
                title={isPending ? text.game.unsent : undefined}
                data-pending={isPending || undefined}
                data-testid={`move-${at}`}
                onClick={() => view(isPending ? null : at)}
              >
                {san}
              </button>
            </li>
          );
        })}
      </ol>
      <div class="steps">
        <Step label={text.game.first} icon="first" isOff={viewed === 0} onClick={() => view(0)} />
        <Step label={text.game.previous} icon="previous" isOff={viewed === 0} onClick={() => view(viewed - 1)} />
        <Step label={text.game.next} icon="next" isOff={viewed >= ply} onClick={() => view(viewed + 1)} />
        <Step label={text.game.last} icon="last" isOff={state.viewedPly === null} onClick={() => view(null)} />
        <Step label={text.game.flip} icon="flip" isOff={false} onClick={() => session.dispatch({ kind: 'flipped' })} />
        <BoardMenus state={state} />
      </div>
    </div>
  );
}

function Step(props: { label: string; icon: IconName; isOff: boolean; onClick: () => void }) {
  return (
    <button
      type="button"
      class="button icon"
      aria-label={props.label}
      title={props.label}
      disabled={props.isOff}
      onClick={props.onClick}
    >
      <Icon name={props.icon} />
    </button>
  );
}

/** Whether a key is meant for what has the focus, or for the browser. */
function isElsewhere(event: KeyboardEvent): boolean {
  const isWalking = /^(Arrow|Home|End)/.test(event.key);
  const own = `input, textarea, select, [role=dialog], dialog${isWalking ? ', [role=grid]' : ''}`;
  const isOwned = event.target instanceof Element && event.target.closest(own) !== null;
  return isOwned || event.altKey || event.ctrlKey || event.metaKey;
}

/** The ply that a key asks to see; undefined: the key is not meant for the moves. */
function stepOf(event: KeyboardEvent, state: RoomState): number | null | undefined {
  const viewed = state.viewedPly ?? state.facts?.ply ?? 0;
  switch (event.key) {
    case 'ArrowLeft':
      return viewed - 1;
    case 'ArrowRight':
      return viewed + 1;
    case 'ArrowUp':
    case 'Home':
      return 0;
    case 'ArrowDown':
    case 'End':
      return null;
    default:
      return undefined;
  }
}

function showCurrent(list: HTMLElement): void {
  const shown = list.querySelector<HTMLElement>('[aria-current]');
  if (shown) reveal(list, shown);
  else list.scrollTo({ top: 0, left: 0 });
}

/** Scrolls the list, and nothing else, until `shown` can be seen. */
function reveal(list: HTMLElement, shown: HTMLElement): void {
  const [outer, inner] = [list.getBoundingClientRect(), shown.getBoundingClientRect()];
  list.scrollTo({
    top: list.scrollTop + inner.top - outer.top - outer.height / 2 + inner.height / 2,
    left: list.scrollLeft + inner.left - outer.left - outer.width / 2 + inner.width / 2,
  });
}
