/** A small board to look at: light enough for dozens of them on a page. */
import { h } from 'preact';
import { useRef } from 'preact/hooks';
import { piecesOf, placesOfMove } from '../pieces';
import type { Piece } from '../pieces';
import type { Color } from '../protocol';

interface Props {
  fen: string;
  /** UCI. */
  lastMove: string | null;
  label: string;
  bottom?: Color;
}

export function MiniBoard({ fen, lastMove, label, bottom = 'white' }: Props) {
  const pieces = useRef<readonly Piece[]>([]);
  pieces.current = piecesOf(fen, pieces.current);
  const at = (place: number): { transform: string } => {
    const seen = bottom === 'white' ? place : 63 - place;
    return { transform: `translate(${(seen % 8) * 100}%, ${Math.floor(seen / 8) * 100}%)` };
  };
  return (
    <span class="cg-wrap mini" role="img" aria-label={label}>
      {placesOfMove(lastMove).map((place, index) => (
        <i class="mini-last" key={`last${index}`} style={at(place)} />
      ))}
      {/* The stylesheet knows pieces as <piece> elements within .cg-wrap. */}
      {pieces.current.map(({ id, color, role, place }) =>
        h('piece', { key: id, class: `${role} ${color}`, style: at(place) }),
      )}
    </span>
  );
}
