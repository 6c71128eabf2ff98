import { createContext, useContext, type ComponentType } from 'react'
import type { Document } from './document'
import type { Setting, SettingProblem } from './settings'

export interface OwnPartProps {
  setting: Setting
  at: string
}

export interface SchemaForm {
  document: Document
  change: (path: string, value: unknown) => void
  /** All settings of the schema, because settings of one step depend on settings of another. */
  settings: readonly Setting[]
  problems: readonly SettingProblem[]
  /** Why a setting cannot be changed; undefined if it can. */
  lockedBecause: (path: string) => string | undefined
  words: {
    label: (path: string) => string
    value: (path: string, value: unknown) => string
    /** A text of the API with the labels of the settings and values that it names. */
    text: (text: string, path: string) => string
    /** What a value means, such as an amount with its currency. */
    hint: (path: string, value: unknown) => string | null
  }
  /** Numbers that are chosen from a list, such as months; the words name them. */
  isChosen: (path: string) => boolean
  /** Known values of a text, such as names of event definitions. */
  suggestions: (path: string) => readonly string[]
  /** Parts of the page's own, by the setting's path. */
  own: Readonly<Record<string, ComponentType<OwnPartProps>>>
}

export const SchemaFormContext = createContext<SchemaForm | null>(null)

export function useSchemaForm(): SchemaForm {
  const form = useContext(SchemaFormContext)
  if (!form) throw new Error('Settings need the context of their form')
  return form
}

/** The problems at a path; with `below`, also those of its parts. */
export function messagesAt(form: SchemaForm, at: string, { below = false } = {}): string | undefined {
  const messages = form.problems
    .filter(({ path }) => path === at || (below && (path.startsWith(`${at}[`) || path.startsWith(`${at}.`))))
    .map(({ path, message }) => form.words.text(message, path))
  return messages.length === 0 ? undefined : `Action required: ${messages.join(' ')}`
}

/** Moves the focus to the control of the path, or of the nearest object around the path that is shown. */
export function focusSetting(path: string): boolean {
  for (let at = path; at !== ''; at = at.replace(/(^|[.[])[^.[]*$/, '')) {
    const field = [...document.querySelectorAll<HTMLElement>('[data-setting]')].find(
      (one) => one.dataset.setting === at,
    )
    const control =
      field?.querySelector<HTMLElement>('input[type=radio]:checked') ??
      field?.querySelector<HTMLElement>('input, textarea, button, [tabindex]')
    if (control) {
      control.scrollIntoView({ block: 'center' })
      control.focus()
      return true
    }
  }
  return false
}
