import { ButtonDropdown } from '@cloudscape-design/components'
import type { ReactNode } from 'react'
import type { Card } from '../api/cards'
import type { Transaction } from '../api/transactions'
import type { Wallet } from '../api/wallets'
import { useSession } from '../session/session'
import { useOnline } from '../shell/offline'
import { Action } from './action'
import { isReversible, obstacle, SCOPES } from './obstacles'
import { useOpenMovement } from './open'

interface RowActionsProps {
  row: Transaction
  card: Card
  wallet: Wallet
  reversed: boolean
}

/** What can be done about a transaction: its reversal, and an end to the pending points of a credit. */
export function RowActions({ row, card, wallet, reversed }: RowActionsProps): ReactNode {
  const mayBePending = row.type === 'CREDIT' && row.deltas.pending > 0 && card.balance.pending > 0 && !reversed
  return (
    <>
      {isReversible(row) && !reversed && (
        <Action
          card={card}
          wallet={wallet}
          movement={{ kind: 'reversal', row }}
          text="Reverse"
          name={`Reverse transaction ${row.seq}`}
        />
      )}
      {mayBePending && <PendingMenu row={row} card={card} wallet={wallet} />}
    </>
  )
}

const PENDING = [
  { kind: 'activate', text: 'Activate pending points' },
  { kind: 'cancel', text: 'Cancel pending points' },
] as const

function PendingMenu({ row, card, wallet }: Omit<RowActionsProps, 'reversed'>) {
  const { may } = useSession()
  const online = useOnline()
  const open = useOpenMovement(card, wallet)
  const items = PENDING.filter(({ kind }) => may(SCOPES[kind])).map(({ kind, text }) => {
    const reason = online ? obstacle(kind, card, wallet) : 'You are offline.'
    return { id: kind, text, disabled: reason !== undefined, disabledReason: reason }
  })
  if (items.length === 0) return null
  return (
    <ButtonDropdown
      variant="inline-icon"
      expandToViewport
      ariaLabel={`More actions for transaction ${row.seq}`}
      items={items}
      onItemClick={({ detail }) => open({ kind: detail.id as (typeof PENDING)[number]['kind'], row })}
    />
  )
}
