import { lazy, Suspense } from 'react'
import type { Card, Lot, OpenHold } from '../api/cards'
import type { Transaction } from '../api/transactions'
import type { Wallet } from '../api/wallets'
import { useShell } from '../shell/shell-context'

/** A movement to make by hand, with what it concerns. */
export type MovementToMake =
  | { kind: 'credit' | 'debit' | 'adjustment' | 'transfer' | 'hold' | 'payment' }
  | { kind: 'capture' | 'release'; hold: OpenHold }
  | { kind: 'activate' | 'cancel'; row?: Transaction }
  | { kind: 'expiry'; lot?: Lot }
  | { kind: 'reversal'; row: Transaction }

const Movement = lazy(() => import('./forms/movement'))

/** Opens the dialog of a movement. The forms are loaded when they are first used. */
export function useOpenMovement(card: Card, wallet: Wallet): (movement: MovementToMake) => void {
  const { openDialog } = useShell()
  return (movement) =>
    openDialog((close) => (
      <Suspense>
        <Movement movement={movement} card={card} wallet={wallet} onClose={close} />
      </Suspense>
    ))
}
