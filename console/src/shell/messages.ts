import type { FlashbarProps } from '@cloudscape-design/components'
import { useCallback, useState } from 'react'
import type { Shell } from './shell-context'

const MESSAGES_MAX = 5

/** The messages above the page, newest first. */
export function useMessages(): { messages: FlashbarProps.MessageDefinition[]; notify: Shell['notify'] } {
  const [messages, setMessages] = useState<FlashbarProps.MessageDefinition[]>([])
  const notify = useCallback<Shell['notify']>((message) => {
    const id = crypto.randomUUID()
    const onDismiss = () => setMessages((shown) => shown.filter((other) => other.id !== id))
    const added = { ...message, id, dismissible: true, dismissLabel: 'Dismiss the message', onDismiss }
    setMessages((shown) => [added, ...shown].slice(0, MESSAGES_MAX))
  }, [])
  return { messages, notify }
}
