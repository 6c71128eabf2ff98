/** Announces that the key was refused: it lacks the scope of a route, or is not valid any more. */
type Listener = () => void
const listeners = new Set<Listener>()

export function announceRefusal(): void {
  listeners.forEach((listener) => listener())
}

export function onRefusal(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
