import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'
import type { Plugin } from 'vite'

const at = (path: string): string => resolve(import.meta.dirname, path)

/**
 * electron-vite makes addresses relative, for pages from files. Ours come from a server, also under deep addresses such
 * as /pods/default/web, so they must be absolute.
 */
const absoluteBase: Plugin = { name: 'absolute-base', enforce: 'post', config: () => ({ base: '/' }) }

/** A copy without a history has no commit. */
const commit = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8' })
const build = { commit: commit.status === 0 ? commit.stdout.trim() : '', date: new Date().toISOString() }

export default defineConfig({
  main: {
    define: { ORRERY_BUILD: JSON.stringify(build) },
    build: {
      outDir: at('out/main'),
      rolldownOptions: {
        input: {
          index: at('src-main/shell/main.ts'),
          'cluster-thread': at('src-main/shell/cluster-thread.ts'),
          'store-thread': at('src-main/store/sqlite/thread.ts'),
          serve: at('src-main/serve.ts'),
          cli: at('src-main/cli.ts'),
        },
      },
    },
  },
  preload: {
    build: {
      outDir: at('out/preload'),
      rolldownOptions: {
        input: { index: at('src-main/shell/preload.ts') },
        // A sandboxed renderer's preload must be CommonJS.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: at('src-renderer'),
    plugins: [vue(), absoluteBase],
    build: {
      outDir: at('out/renderer'),
      rolldownOptions: { input: at('src-renderer/index.html') },
    },
  },
})
