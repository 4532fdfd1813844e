import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

/** Writes a .gz beside each text file of the build; the server sends it as it is. */
function precompress(): Plugin {
  let folder = 'dist';
  return {
    name: 'precompress',
    apply: 'build',
    configResolved(config) { folder = config.build.outDir; },
    closeBundle() {
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(html|js|css|json|svg|webmanifest)$/.test(entry.name)) continue;
        const path = join(entry.parentPath, entry.name);
        writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  // public/.gitkeep is copied into dist, so that the folder stays known to git and to go:embed.
  publicDir: 'public',
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, // the content security policy allows fonts from 'self' only
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [precompress()],
  // For `npm run dev`: the Go server beside it.
  server: { proxy: { '/v1': 'http://127.0.0.1:8080', '/collections': 'http://127.0.0.1:8080' } },
});
