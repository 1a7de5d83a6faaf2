/** A move by keyboard: notation or squares, and words for what the buttons do. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { clockFace, remainingMs, serverNow } from '../clock';
import { lineOf, positionAt } from '../line';
import type { Session } from '../session';
import { mayMove } from '../state';
import type { RoomState } from '../state';
import { text } from '../text';
import { readMove, readSquares } from '../written';
import type { Reading } from '../written';

export function MoveBox({ state, session }: { state: RoomState; session: Session }) {
  const field = useRef<HTMLInputElement>(null);
  const [draft, setDraft] = useState('');
  const [answer, setAnswer] = useState('');
  useEnterKey(field);
  // What was said is about a position that is not on the board any more.
  useEffect(() => setAnswer(''), [state.facts?.ply]);

  const done = (said = ''): void => {
    setDraft('');
    setAnswer(said);
  };
  const typed = (written: string): void => {
    setDraft(written);
    setAnswer('');
    const reading = readingOf(session.get(), written);
    if (reading?.kind === 'move' && reading.isWhole) entered(written);
  };
  const entered = (written: string): void => {
    const said = obey(session, written.trim().toLowerCase());
    if (said !== null) {
      done(said);
      return;
    }
    const reading = readingOf(session.get(), written);
    const ahead = readSquares(written);
    if (reading?.kind === 'move') {
      done();
      session.play(reading.move.from, reading.move.to, reading.move.role);
    } else if (!reading && ahead) {
      session.premove([ahead.from, ahead.to], ahead.role);
      done(text.box.kept(ahead.from, ahead.to));
    } else if (written.trim() !== '') {
      setAnswer(reading?.kind === 'ambiguous' ? text.box.ambiguous : reading ? text.box.illegal : text.box.notYourTurn);
    }
  };

  return (
    <form
      class="move-box"
      onSubmit={event => {
        event.preventDefault();
        entered(draft);
      }}
    >
      <input
        ref={field}
        type="text"
        value={draft}
        aria-label={text.box.label}
        placeholder={mayMove(state) ? text.box.placeholder : text.box.waiting}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        enterkeyhint="go"
        data-testid="move-box"
        onInput={event => typed(event.currentTarget.value)}
        onKeyDown={event => {
          if (event.key !== 'Escape') return;
          done();
          event.currentTarget.blur();
        }}
      />
      <span class="answer" role="status" data-testid="move-box-answer">
        {answer}
      </span>
    </form>
  );
}

/** What is written as a move of the newest position; null: it is not this player's turn. */
function readingOf(state: RoomState, written: string): Reading | null {
  const { facts } = state;
  const position = facts && mayMove(state) ? positionAt(lineOf(facts), facts.ply) : null;
  return facts && position && readMove(position, facts.variant, written);
}

/** Does what a word asks for; what is to be said about it, or null if it is none of the words. */
function obey(session: Session, word: string): string | null {
  const { facts, sync } = session.get();
  switch (word) {
    case 'resign':
    case 'draw':
    case 'abort':
      session.dispatch({ kind: 'asked', question: word });
      return '';
    case 'takeback':
      session.ask({ type: 'offer', kind: 'takeback' });
      return '';
    case 'clock': {
      if (!facts?.clock) return text.box.noClock;
      const face = (color: 'white' | 'black'): string =>
        text.clock.face(clockFace(remainingMs(facts.clock!, facts.at, color, serverNow(sync, Date.now()))));
      return text.box.clocks(face('white'), face('black'));
    }
    default:
      return null;
  }
}

/** Enter, pressed nowhere in particular, leads to the box. */
function useEnterKey(field: { readonly current: HTMLInputElement | null }): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.key !== 'Enter' || event.target !== document.body) return;
      event.preventDefault();
      field.current?.focus();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, [field]);
}
