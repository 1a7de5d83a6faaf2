/** The game's address, the snippet that shows it on another page, its PGN, and the position that is looked at. */
import { useEffect, useState } from 'preact/hooks';
import { fenOf, lineOf, positionAt } from '../line';
import { gameLink, inviteLink } from '../route';
import type { Facts, RoomState } from '../state';
import { text } from '../text';
import { CopyField } from './CopyField';
import { Dialog } from './Dialog';
import { pgnPath } from './Outcome';
import { nameOf } from './title';

export function Share({ state, facts, onClose }: { state: RoomState; facts: Facts; onClose: () => void }) {
  const position = positionAt(lineOf(facts), state.viewedPly ?? facts.ply);
  const pgn = usePgn(pgnPath(facts), facts.ply);
  const isOver = facts.result !== null && facts.game_id !== null;
  const link = isOver && facts.game_id !== null ? gameLink(facts.game_id) : inviteLink(facts.room_id);
  return (
    <Dialog heading={text.share.heading} testid="share" onClose={onClose}>
      <Field name={isOver ? 'game' : 'link'} value={link} />
      <Field name="embed" value={snippetOf(facts)} />
      <Field name="fen" value={position ? fenOf(position) : facts.fen} />
      <Field name="pgn" value={pgn} />
    </Dialog>
  );
}

function Field({ name, value }: { name: 'link' | 'game' | 'embed' | 'fen' | 'pgn'; value: string }) {
  const label = text.share[name];
  return (
    <CopyField
      label={label}
      name={label}
      copy={text.share.copy}
      value={value}
      testid={`share-${name}`}
      isMain={false}
      isLong={name === 'pgn'}
    />
  );
}

function snippetOf(facts: Facts): string {
  const source = inviteLink(facts.room_id).replace('/room/', '/embed/');
  const title = `${nameOf(facts.white, 'white')} – ${nameOf(facts.black, 'black')}`;
  return `<iframe src="${source}" title="${escaped(title)}" width="640" height="420" style="border:0"></iframe>`;
}

/** Safe within a quoted attribute: names may hold anything. */
function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}

/** The game as PGN, once the server has sent it. */
function usePgn(path: string, ply: number): string {
  const [pgn, setPgn] = useState('');
  useEffect(() => {
    let isLeft = false;
    fetch(path)
      .then(response => (response.ok ? response.text() : ''))
      .then(sent => {
        if (!isLeft) setPgn(sent);
      })
      .catch(() => undefined);
    return () => {
      isLeft = true;
    };
  }, [path, ply]);
  return pgn;
}
