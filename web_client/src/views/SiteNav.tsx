/** The way to the other pages, and who one is: in the head of every page. */
import { text } from '../text';
import { AccountCorner } from './AccountCorner';

export function SiteNav() {
  return (
    <div class="site-nav">
      <nav aria-label={text.nav.label}>
        <a href="/wall">{text.nav.wall}</a>
        <a href="/games">{text.nav.games}</a>
      </nav>
      <AccountCorner />
    </div>
  );
}
