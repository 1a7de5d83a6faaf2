import { defineConfig } from 'vite';

/** Where `npm run dev` sends what the server answers; the built client is served by the server itself. */
const SERVER = 'http://127.0.0.1:8000';

export default defineConfig({
  base: '/',
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
