/** The board on the page: chessground, kept to what shown.ts says. */
import { Chessground } from 'chessground';
import type { Config } from 'chessground/config';
import type { Key } from 'chessground/types';
import type { Color } from './protocol';
import type { ShownBoard } from './shown';

const ANIMATION_MS = 180;

export interface Board {
  readonly show: (shown: ShownBoard) => void;
  /** As a click on the square: takes up a piece, or moves the one that is taken up there; null: puts it down again. */
  readonly select: (square: string | null) => void;
  /** The square of the piece that is taken up. */
  readonly selected: () => string | null;
  /** Puts down what is taken up or dragged, and forgets the premove. */
  readonly cancel: () => void;
  readonly destroy: () => void;
}

/** What the player does on the board. A premove of null: the kept one was cancelled. */
export interface Hand {
  readonly onMove: (from: string, to: string) => void;
  readonly onPremove: (squares: readonly [from: string, to: string] | null) => void;
  readonly onSelect: () => void;
}

/** Puts a board into `element`; `hand` hears of everything the player does on it. */
export function mountBoard(element: HTMLElement, shown: ShownBoard, hand: Hand): Board {
  let last = shown;
  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  const ground = Chessground(element, {
    ...configOf(shown),
    fen: shown.fen,
    animation: { enabled: !calm.matches, duration: ANIMATION_MS },
    highlight: { lastMove: true, check: true, custom: pendingSquares(shown) },
    draggable: { showGhost: true },
    premovable: { enabled: shown.premovable !== null, events: { set: premoved, unset: () => hand.onPremove(null) } },
    disableContextMenu: true,
    events: { select: hand.onSelect },
  });
  ground.set({ movable: { events: { after: moved } } });

  function moved(from: string, to: string): void {
    hand.onMove(from, to);
    // The piece stands on its new square already: back, if nothing came of the move.
    if (ground.getFen() !== last.fen) set(last);
  }

  function premoved(from: string, to: string): void {
    hand.onPremove([from, to]);
  }

  function set(next: ShownBoard): void {
    if (next.premove.length) ground.state.premovable.current = next.premove as [Key, Key];
    else delete ground.state.premovable.current;
    // A position that is set, even the same again, wipes the player's arrows and ends a drag.
    const position = ground.getFen() === next.fen && last.orientation === next.orientation ? {} : { fen: next.fen };
    ground.set({
      ...configOf(next),
      ...position,
      premovable: { enabled: next.premovable !== null },
      // The first position of all does not come about by pieces moving.
      animation: { enabled: last.isLoaded && !calm.matches },
    });
    last = next;
  }

  return {
    show: next => {
      if (keyOf(next) !== keyOf(last)) set(next);
    },
    select: square => ground.selectSquare(square as Key | null),
    selected: () => ground.state.selected ?? null,
    cancel: () => ground.cancelMove(),
    destroy: () => ground.destroy(),
  };
}

function configOf(shown: ShownBoard): Config {
  const config: Config = {
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
    },
  };
  // An undefined colour means nobody's pieces; chessground's types only know it as a colour left out.
  return { ...config, movable: { ...config.movable, color: (shown.movable?.color ?? shown.premovable) as Color } };
}

function pendingSquares(shown: ShownBoard): Map<Key, string> {
  return new Map(shown.pending.map(square => [square as Key, 'pending']));
}

/** Two boards with the same key look and behave the same. */
function keyOf(shown: ShownBoard): string {
  const { movable, ...rest } = shown;
  const dests = movable ? [...movable.dests].map(([from, to]) => from + to.join('')) : [];
  return JSON.stringify([rest, movable?.color, dests]);
}
