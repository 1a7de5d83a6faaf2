/** The way to the other pages, in the head of every page. */
import { text } from '../text';

export function SiteNav() {
  return (
    <nav class="site-nav" aria-label={text.nav.label}>
      <a href="/wall">{text.nav.wall}</a>
      <a href="/games">{text.nav.games}</a>
    </nav>
  );
}
