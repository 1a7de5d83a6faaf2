/**
 * Going back during a game: the game would go on without its player, who is asked first.
 *
 * A page cannot keep the browser from going back, but it can be there again at once: App.tsx asks `mayGoBack` when the
 * address has changed.
 */
let ask: (() => void) | null = null;

/** While `question` is set, going back asks it instead of leaving. */
export function guardLeaving(question: (() => void) | null): void {
  ask = question;
}

/** Whether the page may follow the browser to where it went; if not, the browser is brought back to `path`. */
export function mayGoBack(path: string): boolean {
  if (!ask) return true;
  history.pushState(null, '', path);
  ask();
  return false;
}

/** The player is sure: to where the browser wanted to go. */
export function leaveNow(): void {
  ask = null;
  history.back();
}
