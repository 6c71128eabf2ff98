import { createSignal } from '../signal'

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
  /** What was to be done: "Credit 200 points to ann in Club". */
  description: string
  at: string
  /** The location of the page, where the outcome can be seen. */
  location: string
  /** The card whose ledger has the key; undefined where only the page can show the outcome. */
  card?: CardReference
  /** The order whose transactions have the key. */
  orderId?: string | null
}

const STORED = 'loyalty.unfinished'
const changes = createSignal()
export const onUnfinishedChange = changes.subscribe
/** Keys whose form is still open in this page and finds out the outcome itself. */
const inForm = new Set<string>()
let abandoned: readonly UnfinishedMovement[] | null = null

function stored(): UnfinishedMovement[] {
  return JSON.parse(sessionStorage.getItem(STORED) ?? '[]') as UnfinishedMovement[]
}

function changed(movements: readonly UnfinishedMovement[] = stored()): void {
  sessionStorage.setItem(STORED, JSON.stringify(movements))
  abandoned = null
  changes.announce()
}

/** Movements without an open form that finds out their outcome: the form was closed, or the page was reloaded. */
export function unfinishedMovements(): readonly UnfinishedMovement[] {
  abandoned ??= stored().filter(({ key }) => !inForm.has(key))
  return abandoned
}

/** Keeps a movement that an open form is about to send. */
export function keepMovement(movement: Pick<UnfinishedMovement, 'key' | 'description' | 'card' | 'orderId'>): void {
  inForm.add(movement.key)
  const others = stored().filter(({ key }) => key !== movement.key)
  changed([...others, { ...movement, at: new Date().toISOString(), location: window.location.hash }])
}

/** The form of the movement was closed. */
export function abandonMovement(key: string): void {
  if (inForm.delete(key)) changed()
}

/** The outcome is known. */
export function forgetMovement(key: string): void {
  inForm.delete(key)
  changed(stored().filter((movement) => movement.key !== key))
}
