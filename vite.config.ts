import { resolve } from 'node:path';
import { defineConfig } from 'vite';

const source = resolve(import.meta.dirname, 'src');

/** The console, and beside it the SDK as one file that a page can import as it stands. */
export default defineConfig({
  root: resolve(source, 'web'),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: resolve(import.meta.dirname, 'dist/web'),
    emptyOutDir: true,
    target: 'es2024',
    rolldownOptions: {
      input: { index: resolve(source, 'web/index.html'), client: resolve(source, 'client/index.ts') },
      preserveEntrySignatures: 'strict',
      output: { entryFileNames: ({ name }) => (name === 'client' ? 'client.js' : 'assets/[name]-[hash].js') },
    },
  },
});
