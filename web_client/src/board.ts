/** The board on the page: chessground, kept to what shown.ts says. */
import { Chessground } from 'chessground';
import type { Config } from 'chessground/config';
import type { Key } from 'chessground/types';
import type { Color } from './protocol';
import type { ShownBoard } from './shown';

const ANIMATION_MS = 180;

export interface Board {
  readonly show: (shown: ShownBoard) => void;
  readonly destroy: () => void;
}

/** Puts a board into `element`; `onMove` hears of every move the player makes on it. */
export function mountBoard(element: HTMLElement, shown: ShownBoard, onMove: (from: string, to: string) => void): Board {
  let last = keyOf(shown);
  let isLoaded = shown.isLoaded;
  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  const ground = Chessground(element, {
    ...configOf(shown, onMove),
    animation: { enabled: !calm.matches, duration: ANIMATION_MS },
    highlight: { lastMove: true, check: true, custom: pendingSquares(shown) },
    draggable: { showGhost: true },
    premovable: { enabled: false },
    disableContextMenu: true,
  });
  return {
    show: next => {
      const key = keyOf(next);
      // Setting the same again would wipe the player's arrows and end a drag.
      if (key === last) return;
      last = key;
      // The first position of all does not come about by pieces moving.
      ground.set({ ...configOf(next, onMove), animation: { enabled: isLoaded && !calm.matches } });
      isLoaded = next.isLoaded;
    },
    destroy: () => ground.destroy(),
  };
}

function configOf(shown: ShownBoard, onMove: (from: string, to: string) => void): Config {
  const config: Config = {
    fen: shown.fen,
    orientation: shown.orientation,
    turnColor: shown.turn,
    check: shown.check ?? false,
    lastMove: shown.lastMove as Key[],
    highlight: { custom: pendingSquares(shown) },
    movable: {
      free: false,
      dests: shown.movable?.dests ?? new Map<Key, Key[]>(),
      showDests: true,
      rookCastle: true,
      events: { after: (from, to) => onMove(from, to) },
    },
  };
  // An undefined colour means nobody's pieces; chessground's types only know it as a colour left out.
  return { ...config, movable: { ...config.movable, color: shown.movable?.color as Color } };
}

function pendingSquares(shown: ShownBoard): Map<Key, string> {
  return new Map(shown.pending.map(square => [square as Key, 'pending']));
}

/** Two boards with the same key look and behave the same. */
function keyOf({
  fen,
  orientation,
  turn,
  check,
  lastMove,
  pending,
  movable,
  isPromoting,
  isLoaded,
}: ShownBoard): string {
  const dests = movable ? [...movable.dests].map(([from, to]) => from + to.join('')) : [];
  return [fen, orientation, turn, check, lastMove, pending, movable?.color, dests, isPromoting, isLoaded].join('|');
}
