/** How many boards fit beside each other so that they are as large as they can be. Pure; lengths in CSS pixels. */
const GAP_PX = 16;
/** The two players' lines above and below a board. */
const LINES_PX = 72;
const SMALLEST_PX = 136;
/** Boards of whole pixels a square look best. */
const SQUARES = 8;

export function layoutOf(count: number, width: number, height: number): { columns: number; boardPx: number } {
  let best = { columns: 1, boardPx: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const wide = (width - GAP_PX * (columns + 1)) / columns;
    const high = (height - GAP_PX * (rows + 1)) / rows - LINES_PX;
    const boardPx = whole(Math.min(wide, high));
    if (boardPx > best.boardPx) best = { columns, boardPx };
  }
  if (best.boardPx >= SMALLEST_PX) return best;
  // Too many for one screen: the page scrolls.
  const columns = Math.max(1, Math.floor((width - GAP_PX) / (SMALLEST_PX + GAP_PX)));
  return { columns, boardPx: whole((width - GAP_PX * (columns + 1)) / columns) };
}

function whole(px: number): number {
  return Math.floor(px / SQUARES) * SQUARES;
}
