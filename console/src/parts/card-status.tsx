import { StatusIndicator } from '@cloudscape-design/components'
import type { CardStatus as Status } from '../api/cards'
import { cardStatus } from '../words/en'

const TYPES = { ACTIVE: 'success', BLOCKED: 'error', FROZEN: 'warning', CLOSED: 'stopped' } as const

export function CardStatus({ status }: { status: Status }) {
  return <StatusIndicator type={TYPES[status]}>{cardStatus[status]}</StatusIndicator>
}
