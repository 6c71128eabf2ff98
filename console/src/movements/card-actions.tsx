import { Button, ButtonDropdown, SpaceBetween } from '@cloudscape-design/components'
import type { ReactNode } from 'react'
import type { Card } from '../api/cards'
import type { Wallet } from '../api/wallets'
import { useSession } from '../session/session'
import { useOnline } from '../shell/offline'
import { obstacle, SCOPES, type MovementKind } from './obstacles'
import { useOpenMovement } from './open'

export interface CardActionsProps {
  card: Card
  wallet: Wallet
  /** False if the card differs from its ledger: then no points may be moved by hand. */
  verified: boolean
}

/** The movements that need nothing but the card. */
type OfCard = Exclude<MovementKind, 'capture' | 'release' | 'reversal'>

const MORE: readonly { kind: OfCard; text: string }[] = [
  { kind: 'adjustment', text: 'Adjust' },
  { kind: 'transfer', text: 'Transfer' },
  { kind: 'hold', text: 'Hold' },
  { kind: 'payment', text: 'Pay for an order' },
  { kind: 'activate', text: 'Activate pending now' },
  { kind: 'cancel', text: 'Cancel pending' },
  { kind: 'expiry', text: 'Change expiry' },
]

/** The movements of a card, for its header: those that the key allows. */
export function CardActions({ card, wallet, verified }: CardActionsProps): ReactNode {
  const { may } = useSession()
  const online = useOnline()
  const open = useOpenMovement(card, wallet)
  if (!verified) return null
  const reason = (kind: OfCard) => (online ? obstacle(kind, card, wallet) : 'You are offline.')
  const direct = (kind: 'credit' | 'debit', text: string) =>
    may(SCOPES[kind]) && (
      <Button
        onClick={() => open({ kind })}
        disabled={reason(kind) !== undefined}
        disabledReason={reason(kind)}
        data-movement={kind}
      >
        {text}
      </Button>
    )
  const more = MORE.filter(({ kind }) => may(SCOPES[kind]))
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {direct('credit', 'Credit')}
      {direct('debit', 'Debit')}
      {more.length > 0 && (
        <ButtonDropdown
          items={more.map(({ kind, text }) => ({
            id: kind,
            text,
            disabled: reason(kind) !== undefined,
            disabledReason: reason(kind),
          }))}
          onItemClick={({ detail }) => open({ kind: detail.id as OfCard })}
        >
          More
        </ButtonDropdown>
      )}
    </SpaceBetween>
  )
}
