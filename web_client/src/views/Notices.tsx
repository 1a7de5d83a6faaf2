/** Things to tell once, in passing; what was refused stays longer than what is only news. */
import { useEffect } from 'preact/hooks';
import { opponent } from '../protocol';
import type { Color } from '../protocol';
import type { Session } from '../session';
import { ownColor } from '../state';
import type { Notice, RoomState } from '../state';
import { text } from '../text';
import { Icon } from './Icon';
import { nameOf } from './title';

const SHOWN_MS = 6_000;

export function Notices({ state, session }: { state: RoomState; session: Session }) {
  const key = state.notice?.key;
  useEffect(() => {
    if (key === undefined) return;
    const timer = setTimeout(() => session.dispatch({ kind: 'noticeRead' }), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [key, session]);
  return (
    <div class="notices" role="status" data-testid="notice">
      {state.notice && (
        <p class="notice" key={key}>
          <span>{said(state, state.notice.notice)}</span>
          <button
            type="button"
            class="button icon"
            aria-label={text.notice.dismiss}
            onClick={() => session.dispatch({ kind: 'noticeRead' })}
          >
            <Icon name="close" />
          </button>
        </p>
      )}
    </div>
  );
}

/** Who gave time, how much, and to whom, as seen from this page. */
function given(state: RoomState, to: Color, seconds: number): string {
  const own = ownColor(state);
  const nameFor = (color: Color): string => nameOf(state.facts?.[color] ?? null, color);
  if (own === null) return text.notice.gave(nameFor(opponent(to)), nameFor(to), seconds);
  return own === to ? text.notice.gaveYou(nameFor(opponent(to)), seconds) : text.notice.youGave(nameFor(to), seconds);
}

function said(state: RoomState, notice: Notice): string {
  switch (notice.kind) {
    case 'refused':
      return notice.san === null ? text.notice.refused(notice.code) : text.notice.moveRefused(notice.san, notice.code);
    case 'declined':
      return text.notice.declined(notice.offer);
    case 'seatsTaken':
      return text.notice.seatsTaken;
    case 'seatLost':
      return text.notice.seatLost;
    case 'givenBack':
      return text.notice.givenBack(notice.san);
    case 'outage':
      return text.notice.outage;
    case 'given':
      return given(state, notice.to, Math.round(notice.ms / 1000));
  }
}
