/** Tells the shell that a key was refused, so that it offers to sign in again over the page. */
type Listener = (status: number) => void
const listeners = new Set<Listener>()

export function announceRefusal(status: number): void {
  listeners.forEach((listener) => listener(status))
}

export function onRefusal(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
