import type { FlashbarProps } from '@cloudscape-design/components'
import { createContext, useContext, type ReactNode } from 'react'

export interface Details {
  header: string
  content: ReactNode
  /** Called after the reader closes the panel. */
  onClose?: () => void
}

/** A key that goes to a location. */
export interface Shortcut {
  key: string
  text: string
  href: string
}

export interface Shell {
  /** Adds a message above the page; it stays until it is dismissed. */
  notify: (message: Omit<FlashbarProps.MessageDefinition, 'id' | 'dismissible' | 'onDismiss'>) => void
  /** The help of the page, for the panel at the side; null for none. */
  setHelp: (help: ReactNode) => void
  /** Opens details of something on the page in the panel at the side; null closes it. */
  showDetails: (details: Details | null) => void
  /** Opens a dialog over the page, which closes itself. It stays open when the page changes. */
  openDialog: (dialog: (close: () => void) => ReactNode) => void
  /** Adds a key of the page; the answer removes it. */
  addShortcut: (shortcut: Shortcut) => () => void
}

export const ShellContext = createContext<Shell | null>(null)

export function useShell(): Shell {
  const shell = useContext(ShellContext)
  if (!shell) throw new Error('useShell needs the shell')
  return shell
}
