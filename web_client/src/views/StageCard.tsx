/** What lies over the board while there is no game on it: the invitation, from both sides, and ends of the connection. */
import { useState } from 'preact/hooks';
import { CLOSE } from '../protocol';
import type { Color } from '../protocol';
import { inviteLink, isOnlyHere } from '../route';
import type { Session } from '../session';
import { ownColor } from '../state';
import type { Facts, RoomState } from '../state';
import { storedName } from '../storage';
import { text } from '../text';
import { CopyField } from './CopyField';
import { PieceIcon } from './PieceIcon';
import { later } from './later';

const QrCode = later(
  () => import('./QrCode').then(module => module.QrCode),
  () => <div class="qr" />,
);
const MAX_NAME_CHARS = 32;

/** The card's content, or null if the board is free. */
export function StageCard({ state, session }: { state: RoomState; session: Session }) {
  const { facts, link } = state;
  if (link.kind === 'ended' && !isExpectedEnd(link.code)) return <Ended state={state} session={session} />;
  if (facts?.status !== 'waiting') return null;
  const own = ownColor(state);
  return own ? <Invite facts={facts} own={own} /> : <Join facts={facts} session={session} />;
}

/** Ends that the room itself tells about: the result stands on the page. */
function isExpectedEnd(code: number): boolean {
  return code === CLOSE.roomClosed || code === CLOSE.forfeited || code === CLOSE.opponentForfeited;
}

function Invite({ facts, own }: { facts: Facts; own: Color }) {
  const link = inviteLink(facts.room_id);
  return (
    <section class="card invite" data-testid="invite">
      <h1>{text.invite.heading}</h1>
      <GameLine facts={facts} color={own} sentence={text.invite.youPlay(own)} />
      <CopyField label={text.invite.link} value={link} />
      <div class="scan">
        <QrCode content={link} label={text.invite.qr} />
        <p class="quiet">
          {isOnlyHere() ? text.invite.onlyHere : text.invite.scan} {text.invite.starts}
        </p>
      </div>
    </section>
  );
}

function Join({ facts, session }: { facts: Facts; session: Session }) {
  const [name, setName] = useState(storedName);
  const host = facts.white ?? facts.black;
  const free: Color | null = facts.white && !facts.black ? 'black' : facts.black && !facts.white ? 'white' : null;
  return (
    <form
      class="card invite"
      data-testid="join"
      onSubmit={event => {
        event.preventDefault();
        session.join(name);
      }}
    >
      <h1>{host ? text.join.invites(host.name || text.join.somebody) : text.join.open}</h1>
      <GameLine facts={facts} color={free ?? 'random'} sentence={free ? text.join.youPlay(free) : ''} />
      <label class="field">
        <span>{text.home.name}</span>
        <input
          type="text"
          value={name}
          maxLength={MAX_NAME_CHARS}
          placeholder={text.home.namePlaceholder}
          autocomplete="nickname"
          data-testid="name"
          onInput={event => setName(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="button primary large" data-testid="join-button">
        {text.join.join(free)}
      </button>
    </form>
  );
}

function GameLine({ facts, color, sentence }: { facts: Facts; color: Color | 'random'; sentence: string }) {
  return (
    <p class="game-line">
      <PieceIcon color={color} role="king" />
      <span>
        <b>
          {text.timeControl(facts.time_control)}
          {facts.variant === 'standard' ? '' : ` · ${text.variant(facts.variant)}`}
          {facts.options.fen === null ? '' : ` · ${text.home.fromPosition}`}
        </b>
        <br />
        {sentence}
      </span>
    </p>
  );
}

function Ended({ state, session }: { state: RoomState; session: Session }) {
  const { link } = state;
  if (link.kind !== 'ended') return null;
  const isElsewhere = link.code === CLOSE.openedElsewhere;
  return (
    <section class="card invite" role="alert" data-testid="ended">
      <h1>{isElsewhere ? text.link.elsewhere : link.code === CLOSE.kicked ? text.link.kicked : text.link.closed}</h1>
      {!isElsewhere && link.reason && <p>{text.link.reason(link.reason)}</p>}
      <button type="button" class="button primary large" data-testid="reopen" onClick={session.reopen}>
        {isElsewhere ? text.link.playHere : text.link.again}
      </button>
    </section>
  );
}
