/** The API key of this tab. It is kept in `sessionStorage` alone, so it ends with the tab, and is in no URL that is sent. */

import { createSignal } from '../signal'

const STORED = 'loyalty.key'
const changes = createSignal()
export const onTokenChange = changes.subscribe

export function token(): string | null {
  return sessionStorage.getItem(STORED)
}

export function keepToken(value: string): void {
  sessionStorage.setItem(STORED, value)
  changes.announce()
}

export function forgetToken(): void {
  sessionStorage.removeItem(STORED)
  changes.announce()
}

/** Takes a key from the fragment (`#key=lw_…`) and removes it from the address at once. */
export function takeTokenFromAddress(): void {
  const given = /^#key=([^&]+)/.exec(window.location.hash)?.[1]
  if (!given) return
  window.history.replaceState(null, '', `${window.location.pathname}#/`)
  keepToken(decodeURIComponent(given))
}
