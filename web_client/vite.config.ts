import { readFileSync } from 'node:fs';
import { defineConfig } from 'vite';
import type { Plugin } from 'vite';

/** Where `npm run dev` sends what the server answers; the built client is served by the server itself. */
const SERVER = 'http://127.0.0.1:8000';

const THEME_SCRIPT = 'src/theme_first.js';

/**
 * Puts the script that chooses light or dark among the assets, named by its content as they are. Vite itself bundles
 * modules only, and those run after the first paint.
 */
function themeScript(): Plugin {
  return {
    name: 'theme-script',
    apply: 'build',
    buildStart() {
      const source = readFileSync(new URL(THEME_SCRIPT, import.meta.url), 'utf8');
      this.emitFile({ type: 'asset', name: 'theme.js', source });
    },
    transformIndexHtml: {
      order: 'post',
      handler: (html, { bundle }) => {
        const asset = Object.values(bundle ?? {}).find(({ fileName }) => /theme-[^/]*\.js$/.test(fileName));
        if (!asset) throw new Error(`${THEME_SCRIPT} is not among the assets`);
        return html.replace(`/${THEME_SCRIPT}`, `/${asset.fileName}`);
      },
    },
  };
}

export default defineConfig({
  base: '/',
  plugins: [themeScript()],
  build: {
    target: 'es2022',
    assetsDir: 'assets',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 200,
  },
  server: {
    proxy: {
      '/rooms': SERVER,
      '/games': SERVER,
      '/sse': SERVER,
      '/ws': { target: SERVER, ws: true },
    },
  },
});
