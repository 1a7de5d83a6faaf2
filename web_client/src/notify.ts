/** News for somebody who looks elsewhere: the browser's notifications, and the icon of the tab. */
import moveIcon from './icon_move.svg?inline';
import type { News } from './news';
import { choose, settings } from './settings';

/** Asks the browser for permission, which must happen on a click, and remembers the choice. */
export async function wantNotifications(isWanted: boolean): Promise<void> {
  const mayNotify = isWanted && 'Notification' in window && (await Notification.requestPermission()) === 'granted';
  choose({ notifications: mayNotify });
}

/** Whether this news would interest somebody who does not see the page. */
export function isWorthTelling(news: News): boolean {
  return news.kind === 'move' ? news.isMine : news.kind !== 'chat';
}

/** Shows a notification, if they are wanted and the page is out of sight. A newer one replaces it. */
export function notify(title: string, body: string): void {
  if (!settings.get().notifications || !document.hidden || !('Notification' in window)) return;
  try {
    const shown = new Notification(title, { body, tag: location.pathname, icon: moveIcon });
    shown.onclick = () => {
      focus();
      shown.close();
    };
  } catch {
    // Some phones let only service workers notify.
  }
}

let idleIcon = '';

/** The tab's icon: marked while it is this player's move. */
export function markIcon(isMyMove: boolean): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (!link) return;
  idleIcon ||= link.href;
  const icon = isMyMove ? moveIcon : idleIcon;
  if (link.href !== icon) link.href = icon;
}
