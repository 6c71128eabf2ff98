import { SpaceBetween } from '@cloudscape-design/components'
import type { ReactNode } from 'react'
import type { Card, OpenHold } from '../api/cards'
import type { Wallet } from '../api/wallets'
import { formatPoints } from '../format'
import { Action } from './action'

/** Captures or releases a hold. */
export function HoldActions({ hold, card, wallet }: { hold: OpenHold; card: Card; wallet: Wallet }): ReactNode {
  const shared = { card, wallet }
  const what = `the hold of ${formatPoints(hold.points, wallet.pointsDecimals)} ${wallet.pointsName}`
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Action {...shared} movement={{ kind: 'capture', hold }} text="Capture" name={`Capture ${what}`} />
      <Action {...shared} movement={{ kind: 'release', hold }} text="Release" name={`Release ${what}`} />
    </SpaceBetween>
  )
}
