import type { Plugin } from 'vite'

const PART = 'app-layout/visual-refresh-toolbar/drawer/feature-notifications-drawer-content.js'

/**
 * Leaves out a drawer of the library's layout that announces features of other products. No page can open it, but it
 * brings lists that can be sorted and a calendar to the first visit: 20 KB compressed.
 */
export function leaveOut(): Plugin {
  let found = false
  return {
    name: 'leave-out',
    apply: 'build',
    load(id) {
      if (!id.endsWith(PART)) return null
      found = true
      return 'export const RuntimeContentPart = () => null\nexport default RuntimeContentPart\n'
    },
    buildEnd(failure) {
      if (!failure && !found) this.error(`The library has no ${PART} any more: see what is to be left out instead.`)
    },
  }
}
