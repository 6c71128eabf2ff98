import { SpaceBetween } from '@cloudscape-design/components'
import type { ReactNode } from 'react'
import type { Card } from '../api/cards'
import type { Transaction } from '../api/transactions'
import type { Wallet } from '../api/wallets'
import { Action } from './action'
import { isReversible } from './obstacles'

/** What can be done about a transaction: its reversal, and an end to the pending points of a credit. */
export function RowActions({ row, card, wallet }: { row: Transaction; card: Card; wallet: Wallet }): ReactNode {
  const shared = { card, wallet }
  const mayBePending = row.type === 'CREDIT' && row.deltas.pending > 0 && card.balance.pending > 0
  if (!isReversible(row) && !mayBePending) return null
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {isReversible(row) && (
        <Action
          {...shared}
          movement={{ kind: 'reversal', row }}
          text="Reverse"
          name={`Reverse transaction ${row.seq}`}
        />
      )}
      {mayBePending && (
        <>
          <Action
            {...shared}
            movement={{ kind: 'activate', row }}
            text="Activate"
            name={`Activate the pending points of transaction ${row.seq}`}
          />
          <Action
            {...shared}
            movement={{ kind: 'cancel', row }}
            text="Cancel"
            name={`Cancel the pending points of transaction ${row.seq}`}
          />
        </>
      )}
    </SpaceBetween>
  )
}
