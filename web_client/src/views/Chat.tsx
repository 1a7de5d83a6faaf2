/** What the players say; text, never markup. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Session } from '../session';
import { choose, settings } from '../settings';
import type { Facts } from '../state';
import { useStore } from '../store';
import { text } from '../text';
import { nameOf } from './title';

const MAX_CHAT_CHARS = 280;

export function Chat({ facts, canSpeak, session }: { facts: Facts; canSpeak: boolean; session: Session }) {
  const [draft, setDraft] = useState('');
  const { chat: isOn } = useStore(settings);
  const list = useRef<HTMLDivElement>(null);
  const newest = facts.chat.at(-1);
  useEffect(() => list.current?.scrollTo({ top: list.current.scrollHeight }), [newest, isOn]);
  const mayWrite = isOn && canSpeak && facts.status !== 'closed';
  return (
    <section class={`chat ${isOn ? '' : 'off'}`} aria-label={text.chat.heading} data-testid="chat">
      <h2>
        {text.chat.heading}
        <button
          type="button"
          class="button chat-switch"
          aria-expanded={isOn}
          aria-label={isOn ? text.chat.hideLabel : text.chat.showLabel}
          data-testid="chat-switch"
          onClick={() => choose({ chat: !isOn })}
        >
          {isOn ? text.chat.hide : text.chat.show}
        </button>
      </h2>
      {isOn && (
        <div class="chat-lines" ref={list} role="log" tabIndex={0} aria-label={text.chat.heading}>
          {facts.chat.length === 0 && <p class="quiet">{text.chat.empty}</p>}
          {facts.chat.map((line, index) => (
            <p key={`${line.at}-${index}`}>
              <b>{line.name || nameOf(null, line.by)}</b> {line.text}
            </p>
          ))}
        </div>
      )}
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
