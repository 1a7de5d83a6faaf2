/** Which page an address means. The server answers each of them with the same document. */
export type Route =
  | { readonly page: 'home' | 'wall' | 'games' }
  | { readonly page: 'room'; readonly roomId: string }
  | { readonly page: 'embed'; readonly roomId: string }
  | { readonly page: 'game'; readonly gameId: string }
  | { readonly page: 'compare'; readonly roomId: string | null }
  | { readonly page: 'unknown' };

export function routeOf(path: string): Route {
  if (path === '/') return { page: 'home' };
  if (path === '/wall' || path === '/games') return { page: path === '/wall' ? 'wall' : 'games' };
  if (/^\/compare\/?$/.test(path)) return { page: 'compare', roomId: null };
  const [, page, id] = /^\/(room|embed|game|compare)\/([A-Za-z0-9_-]{1,64})\/?$/.exec(path) ?? [];
  if (id === undefined) return { page: 'unknown' };
  if (page === 'game') return { page, gameId: id };
  if (page === 'compare') return { page, roomId: id };
  return { page: page === 'embed' ? 'embed' : 'room', roomId: id };
}

export function roomPath(roomId: string): string {
  return `/room/${roomId}`;
}

export function comparePath(roomId: string): string {
  return `/compare/${roomId}`;
}

/**
 * The room's address as others can reach it.
 *
 * The server fills in the page's `tabiya-origin` when it knows better than the address bar: a page opened on
 * http://localhost:8000 of a server on the local network is http://192.168.1.5:8000 to everybody else.
 */
export function inviteLink(roomId: string): string {
  return publicOrigin() + roomPath(roomId);
}

/** A finished game's address as others can reach it. */
export function gameLink(gameId: string): string {
  return `${publicOrigin()}/game/${gameId}`;
}

/** Where others reach this server. */
export function publicOrigin(): string {
  const origin = document.querySelector<HTMLMetaElement>('meta[name="tabiya-origin"]')?.content;
  return origin || location.origin;
}

/** Whether that is an address which means this computer to everybody, and so leads nobody else here. */
export function isOnlyHere(): boolean {
  return /^(localhost|127\.[\d.]+|\[::1\])$/.test(new URL(publicOrigin()).hostname);
}
