import react from '@vitejs/plugin-react'
import { defineConfig, loadEnv } from 'vite'
import { compress } from './build/compress.ts'
import { dropInlinedFonts } from './build/drop-inlined-fonts.ts'
import { leaveOut } from './build/leave-out.ts'
import { licences } from './build/licences.ts'

const UI = /node_modules\/@cloudscape-design\//
// Charts and calendars are only on some pages.
const CHARTS =
  /components\/(area|bar|line|mixed-line-bar|pie)-chart|components\/internal\/components\/(chart|cartesian)|internal\/vendor\/d3|node_modules\/d3-/
const DATES =
  /components\/(calendar|date-picker|date-range-picker|date-input|time-input|internal\/components\/masked-input|internal\/utils\/date-time)\/|node_modules\/(date-fns|weekstart)\//
// These parts are in forms and dialogs, which no first page has.
const FORMS =
  /components\/(?:attribute-editor|autosuggest|progress-bar|token-group|badge|internal\/components\/(?:autosuggest-input|token-list)|file-upload|file-token-group|file-dropzone|file-input|list|multiselect|radio-group|segmented-control|tabs|textarea|tiles|cards|calendar|internal\/components\/sortable-area)\/|node_modules\/@dnd-kit\//
// The index of all components imports them all.
const SELDOM = new RegExp(`${CHARTS.source}|${DATES.source}|${FORMS.source}|components\\/index\\.js$`)

const SOURCES = `${import.meta.dirname}/src`
// What most pages share is one file. Many small files would be many requests.
const SHARED = [
  'api',
  'parts',
  'session',
  'shell',
  'words/en.ts',
  'format.ts',
  'routing.ts',
  'signal.ts',
  'use-settled.ts',
].map((name) => `${SOURCES}/${name}`)

const isOwnStyle = (id: string) => id.startsWith(`${SOURCES}/`) && id.endsWith('.css')

const inNodeModules = (id: string) => id.includes('/node_modules/')

export default defineConfig(({ mode }) => ({
  // Relative, because the console is served under any prefix.
  base: './',
  plugins: [react(), dropInlinedFonts(), leaveOut(), licences(), compress()],
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
          // A group takes the modules that its own import, too, so the parts of every page come first.
          groups: [
            { name: 'base', test: (id) => inNodeModules(id) && !UI.test(id) && !SELDOM.test(id), priority: 30 },
            // The console's own few styles need no request of their own.
            { name: 'ui', test: (id) => (UI.test(id) && !SELDOM.test(id)) || isOwnStyle(id), priority: 20 },
            { name: 'charts', test: CHARTS, priority: 15 },
            { name: 'dates', test: (id) => DATES.test(id) || id === `${SOURCES}/parts/day-picker.tsx`, priority: 14 },
            { name: 'forms', test: FORMS, priority: 13 },
            { name: 'shared', test: (id) => SHARED.some((name) => id.startsWith(name)), priority: 10 },
          ],
        },
      },
    },
  },
  server: { proxy: { '/v1': { target: loadEnv(mode, '.', 'LOYALTY_').LOYALTY_API_URL ?? '', changeOrigin: true } } },
  test: {
    // A test that renders names jsdom in its first line: it takes seconds to start.
    environment: 'node',
    setupFiles: ['src/test-setup.ts'],
    server: { deps: { inline: [/@cloudscape-design\//] } },
  },
}))
