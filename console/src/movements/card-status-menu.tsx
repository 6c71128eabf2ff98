import { ButtonDropdown } from '@cloudscape-design/components'
import { lazy, Suspense, type ReactNode } from 'react'
import type { Card, CardStatus } from '../api/cards'
import type { Wallet } from '../api/wallets'
import { useSession } from '../session/session'
import { useOnline } from '../shell/offline'
import { useShell } from '../shell/shell-context'

const StatusDialog = lazy(() => import('./status-dialog'))

const ACTIONS: readonly { status: CardStatus; text: string }[] = [
  { status: 'ACTIVE', text: 'Reactivate' },
  { status: 'BLOCKED', text: 'Block' },
  { status: 'FROZEN', text: 'Freeze' },
  { status: 'CLOSED', text: 'Close' },
]

/** Blocks, freezes, closes or reactivates the card. A closed card stays closed. */
export function CardStatusMenu({ card, wallet }: { card: Card; wallet: Wallet }): ReactNode {
  const { may } = useSession()
  const { openDialog } = useShell()
  const online = useOnline()
  if (!may('cards:write')) return null
  const closed = card.status === 'CLOSED'
  return (
    <ButtonDropdown
      disabled={!online || closed}
      disabledReason={closed ? 'A closed card stays closed.' : 'You are offline.'}
      items={ACTIONS.filter(({ status }) => status !== card.status).map(({ status, text }) => ({ id: status, text }))}
      onItemClick={({ detail }) => {
        const status = detail.id as CardStatus
        openDialog((close) => (
          <Suspense>
            <StatusDialog card={card} wallet={wallet} status={status} onClose={close} />
          </Suspense>
        ))
      }}
    >
      Status
    </ButtonDropdown>
  )
}
