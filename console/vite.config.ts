import react from '@vitejs/plugin-react'
import { defineConfig, loadEnv } from 'vite'
import { compress } from './build/compress.ts'
import { dropInlinedFonts } from './build/drop-inlined-fonts.ts'
import { licences } from './build/licences.ts'

export default defineConfig(({ mode }) => ({
  // Relative, because the console is served under any prefix.
  base: './',
  plugins: [react(), dropInlinedFonts(), licences(), compress()],
  build: {
    outDir: process.env.CONSOLE_OUT ?? '../functions/console/static',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // A group takes its own modules only; otherwise charts would take what every page needs.
          includeDependenciesRecursively: false,
          groups: [
            // Charts and calendars are on some pages only. The few modules that other parts use, too, stay with those.
            {
              name: 'charts',
              test: /components\/(?:(?:bar|mixed-line-bar)-chart|internal\/components\/(?:chart|cartesian)[\w-]*)\/(?!.*series-details)|node_modules\/d3-/,
              priority: 30,
            },
            {
              name: 'dates',
              test: /components\/(?:calendar|date-picker|date-input|time-input|internal\/components\/(?:masked-input|date-picker)[\w-]*)\//,
              priority: 30,
            },
            { name: 'ui', test: /node_modules\/@cloudscape-design\//, priority: 20 },
            { name: 'base', test: /node_modules\//, priority: 10 },
          ],
        },
      },
    },
  },
  server: { proxy: { '/v1': { target: loadEnv(mode, '.', 'LOYALTY_').LOYALTY_API_URL ?? '', changeOrigin: true } } },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/test-setup.ts'],
    server: { deps: { inline: [/@cloudscape-design\//] } },
  },
}))
