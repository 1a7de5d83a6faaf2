/** A piece beside the board; the pictures are the board's own, from chessground's stylesheet. */
import { h } from 'preact';
import type { Color } from '../protocol';

export type PieceRole = 'king' | 'queen' | 'rook' | 'bishop' | 'knight' | 'pawn';

export function PieceIcon({ color, role }: { color: Color | 'random'; role: PieceRole }) {
  // The stylesheet knows pieces as <piece> elements within .cg-wrap.
  const piece = (one: Color) => h('piece', { class: `${role} ${one}`, key: one });
  return (
    <span class={`cg-wrap piece-icon ${color}`} aria-hidden="true">
      {color === 'random' ? [piece('white'), piece('black')] : piece(color)}
    </span>
  );
}
