import type { Document } from '../../forms/document'
import type { UnfinishedCreation } from './saving'

/** What was entered and not saved, kept in the tab's storage, so that a reload or another page loses nothing. */
export interface KeptForm {
  at: string
  document: Document
  /** The version that the form began with, and its settings; null for a new wallet. */
  version: number | null
  base: Document
  unfinished: UnfinishedCreation | null
}

const nameOf = (walletId: string | undefined) => `loyalty.wallet-form.${walletId ?? 'new'}`

export function keptForm(walletId: string | undefined): KeptForm | null {
  return JSON.parse(sessionStorage.getItem(nameOf(walletId)) ?? 'null') as KeptForm | null
}

export function keepForm(walletId: string | undefined, form: KeptForm): void {
  sessionStorage.setItem(nameOf(walletId), JSON.stringify(form))
}

export function forgetForm(walletId: string | undefined): void {
  sessionStorage.removeItem(nameOf(walletId))
}
