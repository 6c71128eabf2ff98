/** Announces changes of values that are kept outside of React, in the form that `useSyncExternalStore` takes. */
export interface Signal {
  announce: () => void
  subscribe: (listener: () => void) => () => void
}

export function createSignal(): Signal {
  const listeners = new Set<() => void>()
  return {
    announce: () => listeners.forEach((listener) => listener()),
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
