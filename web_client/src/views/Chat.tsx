/** What the players say; text, never markup. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Session } from '../session';
import type { Facts } from '../state';
import { text } from '../text';
import { nameOf } from './title';

const MAX_CHAT_CHARS = 280;

export function Chat({ facts, canSpeak, session }: { facts: Facts; canSpeak: boolean; session: Session }) {
  const [draft, setDraft] = useState('');
  const list = useRef<HTMLDivElement>(null);
  const newest = facts.chat.at(-1);
  useEffect(() => list.current?.scrollTo({ top: list.current.scrollHeight }), [newest]);
  const mayWrite = canSpeak && facts.status !== 'closed';
  return (
    <section class="chat" aria-label={text.chat.heading} data-testid="chat">
      <h2>{text.chat.heading}</h2>
      <div class="chat-lines" ref={list} role="log" tabIndex={0} aria-label={text.chat.heading}>
        {facts.chat.length === 0 && <p class="quiet">{text.chat.empty}</p>}
        {facts.chat.map((line, index) => (
          <p key={`${line.at}-${index}`}>
            <b>{line.name || nameOf(null, line.by)}</b> {line.text}
          </p>
        ))}
      </div>
      {mayWrite && (
        <form
          class="row"
          onSubmit={event => {
            event.preventDefault();
            const said = draft.trim();
            if (!said) return;
            session.ask({ type: 'chat', text: said });
            setDraft('');
          }}
        >
          <input
            type="text"
            value={draft}
            maxLength={MAX_CHAT_CHARS}
            aria-label={text.chat.label}
            placeholder={text.chat.placeholder}
            autocomplete="off"
            data-testid="chat-input"
            onInput={event => setDraft(event.currentTarget.value)}
          />
          <button type="submit" class="button" data-testid="chat-send">
            {text.chat.send}
          </button>
        </form>
      )}
    </section>
  );
}
