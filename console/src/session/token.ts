/** The API key of this tab. It is kept in `sessionStorage` alone, so it ends with the tab, and is in no URL that is sent. */

const STORED = 'loyalty.key'
const listeners = new Set<() => void>()

export function token(): string | null {
  return sessionStorage.getItem(STORED)
}

export function keepToken(value: string): void {
  sessionStorage.setItem(STORED, value)
  listeners.forEach((changed) => changed())
}

export function forgetToken(): void {
  sessionStorage.removeItem(STORED)
  listeners.forEach((changed) => changed())
}

export function onTokenChange(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Takes a key from the fragment (`#key=lw_…`) and removes it from the address at once. */
export function takeTokenFromAddress(): void {
  const given = /^#key=([^&]+)/.exec(window.location.hash)?.[1]
  if (!given) return
  window.history.replaceState(null, '', `${window.location.pathname}#/`)
  keepToken(decodeURIComponent(given))
}
