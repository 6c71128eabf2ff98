import { Alert, Box } from '@cloudscape-design/components'
import { useSyncExternalStore } from 'react'

function subscribe(changed: () => void): () => void {
  window.addEventListener('online', changed)
  window.addEventListener('offline', changed)
  return () => {
    window.removeEventListener('online', changed)
    window.removeEventListener('offline', changed)
  }
}

/** Whether the browser has a network. Pages disable what writes while it has none. */
export function useOnline(): boolean {
  return useSyncExternalStore(subscribe, () => navigator.onLine)
}

export function Offline() {
  if (useOnline()) return null
  return (
    <Box margin={{ bottom: 'l' }}>
      <Alert type="warning" header="You are offline">
        The page shows what it read last. Changes are possible again when the connection is back.
      </Alert>
    </Box>
  )
}
