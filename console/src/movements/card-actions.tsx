import type { ReactNode } from 'react'
import type { Card } from '../api/cards'
import type { Wallet } from '../api/wallets'

export interface CardActionsProps {
  card: Card
  wallet: Wallet
  /** False if the card differs from its ledger: then no points may be moved by hand. */
  verified: boolean
}

/** The movements of a card, for its header. */
export const CardActions: (shown: CardActionsProps) => ReactNode = () => null
