import { generate } from 'lean-qr/nano';
import { useMemo } from 'preact/hooks';

/** ISO/IEC 18004 asks for four modules of quiet around the code. */
const QUIET = 4;

export function QrCode({ content, label }: { content: string; label: string }) {
  const { size, path } = useMemo(() => drawn(content), [content]);
  return (
    <svg
      class="qr"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      shape-rendering="crispEdges"
      data-testid="qr"
    >
      <path d={path} />
    </svg>
  );
}

function drawn(content: string): { size: number; path: string } {
  const code = generate(content);
  let path = '';
  for (let y = 0; y < code.size; y++) {
    for (let x = 0; x < code.size; x++) {
      if (code.get(x, y)) path += `M${x + QUIET} ${y + QUIET}h1v1h-1z`;
    }
  }
  return { size: code.size + 2 * QUIET, path };
}
