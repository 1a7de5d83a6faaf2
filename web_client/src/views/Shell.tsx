/** The frame around every page. */
import type { ComponentChildren } from 'preact';
import { text } from '../text';
import { AccountCorner } from './AccountCorner';
import { SiteNav } from './SiteNav';
import { ThemeSwitch } from './ThemeSwitch';

export function Shell({ children, aside }: { children: ComponentChildren; aside?: ComponentChildren }) {
  return (
    <>
      <header class="bar">
        <a class="brand" href="/">
          <span class="brand-mark" aria-hidden="true" />
          {text.brand}
        </a>
        <SiteNav />
        <div class="bar-aside">
          {aside}
          <AccountCorner />
          <ThemeSwitch />
        </div>
      </header>
      <main>{children}</main>
    </>
  );
}

/** A page that has nothing to show but what happened and what to do about it. */
export function Message({ heading, hint, children }: { heading: string; hint: string; children?: ComponentChildren }) {
  return (
    <section class="card message" data-testid="message">
      <h1>{heading}</h1>
      <p>{hint}</p>
      {children ?? (
        <a class="button primary" href="/">
          {text.missing.home}
        </a>
      )}
    </section>
  );
}

/** There is no server to talk to: said in place of what could not be loaded, while it is tried again. */
export function Unreachable({ retry }: { retry: () => void }) {
  return (
    <Message heading={text.missing.unreachable} hint={text.missing.unreachableHint}>
      <button type="button" class="button primary" data-testid="retry" onClick={retry}>
        {text.link.retry}
      </button>
    </Message>
  );
}
