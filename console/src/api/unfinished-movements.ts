/**
 * Movements that were sent and have no final answer yet. They are kept in the tab's storage, so that a page which was
 * closed or reloaded meanwhile can still find out by key whether the points moved.
 */
export interface CardReference {
  walletId: string
  customerId: string
}

export interface UnfinishedMovement {
  key: string
  description: string
  at: string
  /** The location of the page, where the outcome can be seen. */
  location: string
  card?: CardReference
}

const STORED = 'loyalty.unfinished'

export function unfinishedMovements(): UnfinishedMovement[] {
  return JSON.parse(sessionStorage.getItem(STORED) ?? '[]') as UnfinishedMovement[]
}

export function keepMovement(key: string, description: string, card?: CardReference): void {
  const kept = unfinishedMovements().filter((movement) => movement.key !== key)
  const movement = { key, description, at: new Date().toISOString(), location: window.location.hash, card }
  sessionStorage.setItem(STORED, JSON.stringify([...kept, movement]))
}

export function forgetMovement(key: string): void {
  const kept = unfinishedMovements().filter((movement) => movement.key !== key)
  sessionStorage.setItem(STORED, JSON.stringify(kept))
}
