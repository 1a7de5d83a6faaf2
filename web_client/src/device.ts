/** What the device tells about its network and its sleep. */

/** Calls `check` when the network may have come, gone or changed, and when the page comes back to life. */
export function listenToDevice(check: (hasNetwork: boolean) => void): () => void {
  const came = (): void => check(true);
  const went = (): void => check(false);
  const shown = (): void => {
    if (document.visibilityState === 'visible') check(true);
  };
  const returned = (event: Event): void => {
    if ((event as PageTransitionEvent).persisted) check(true);
  };
  const heard: [EventTarget | undefined, string, (event: Event) => void][] = [
    [globalThis, 'online', came],
    [globalThis, 'offline', went],
    [globalThis, 'pageshow', returned],
    [document, 'visibilitychange', shown],
    // A page that the browser had frozen (Page Lifecycle, W3C).
    [document, 'resume', came],
    // From one network to the next without a moment offline (Network Information API, Chromium).
    [(globalThis.navigator as (Navigator & { connection?: EventTarget }) | undefined)?.connection, 'change', came],
  ];
  for (const [target, name, listener] of heard) target?.addEventListener(name, listener);
  return () => {
    for (const [target, name, listener] of heard) target?.removeEventListener(name, listener);
  };
}
