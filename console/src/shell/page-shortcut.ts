import { useEffect } from 'react'
import { useShell } from './shell-context'

/** Makes a key of the page go to a location. Without a location the page has no such key. */
export function usePageShortcut(key: string, text: string, href: string | undefined): void {
  const { addShortcut } = useShell()
  useEffect(() => (href === undefined ? undefined : addShortcut({ key, text, href })), [addShortcut, key, text, href])
}
