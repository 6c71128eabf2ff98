import type { Plugin } from 'vite'

const PART = 'app-layout/visual-refresh-toolbar/drawer/feature-notifications-drawer-content.js'

/**
 * Leaves out a drawer of the library's layout that announces features of other products. No page can open it, but it
 * brings lists that can be sorted and a calendar to the first visit: 20 KB compressed.
 */
export function leaveOut(): Plugin {
  return {
    name: 'leave-out',
    apply: 'build',
    load(id) {
      if (!id.endsWith(PART)) return null
      return 'export const RuntimeContentPart = () => null\nexport default RuntimeContentPart\n'
    },
  }
}
