import type { ReactNode } from 'react'
import type { Card, Lot } from '../api/cards'
import type { Wallet } from '../api/wallets'
import { formatDate, formatPoints } from '../format'
import { Action } from './action'

/** Changes the expiry of an active lot. Pending points are activated or canceled by their credit or order. */
export function LotActions({ lot, card, wallet }: { lot: Lot; card: Card; wallet: Wallet }): ReactNode {
  if (lot.state !== 'ACTIVE') return null
  const points = `${formatPoints(lot.points, wallet.pointsDecimals)} ${wallet.pointsName}`
  return (
    <Action
      card={card}
      wallet={wallet}
      movement={{ kind: 'expiry', lot }}
      text="Change expiry"
      name={`Change the expiry of ${points} issued on ${formatDate(lot.issuedOn)}`}
    />
  )
}
