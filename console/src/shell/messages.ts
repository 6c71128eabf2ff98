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
    // Screen readers say the message when it appears.
    const ariaRole = message.type === 'error' || message.type === 'warning' ? 'alert' : 'status'
    const added = {
      ...message,
      id,
      ariaRole,
      dismissible: true,
      dismissLabel: 'Dismiss the message',
      onDismiss,
    } as const
    setMessages((shown) => [added, ...shown].slice(0, MESSAGES_MAX))
  }, [])
  return { messages, notify }
}
