// Light or dark by choice, before anything is painted: the page waits for this one script. The rest is in theme.ts.
try {
  const theme = localStorage.getItem('tabiya.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // No storage, no choice.
}
