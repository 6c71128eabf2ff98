import { Button, Link } from '@cloudscape-design/components'
import { useEffect, type ReactNode } from 'react'
import type { Card } from '../api/cards'
import type { MovementState } from '../api/movement'
import type { Preview } from '../api/movements'
import { useReversed } from '../api/reversed'
import type { Transaction } from '../api/transactions'
import type { Wallet } from '../api/wallets'
import { formatPoints } from '../format'
import { to, useHashPath, useHashQuery } from '../routing'
import { Allowed, useSession } from '../session/session'
import { useShell } from '../shell/shell-context'
import type { Sentence } from './dialog'
import { differences } from './differences'
import { isReversible, SCOPES } from './obstacles'
import { useOpenMovement } from './open'

interface Told<Body> {
  state: MovementState<Body, Preview, Transaction>
  card: Card
  wallet: Wallet
  sentence: (what: Sentence<Body>) => string
  onClose: () => void
}

/** Closes the dialog with a message about what the ledger has, and marks the row in the timeline of the card. */
export function useTellOutcome<Body>({ state, card, wallet, sentence, onClose }: Told<Body>): void {
  const { notify } = useShell()
  const { project } = useSession()
  const [path] = useHashPath()
  const [, changeQuery] = useHashQuery()
  useEffect(() => {
    if (state.phase !== 'done') return
    const { answer: row, body, preview, foundByKey } = state
    const changes = differences(preview, row, { decimals: wallet.pointsDecimals, zone: project.timeZone })
    const available = formatPoints(row.balanceAfter.available, wallet.pointsDecimals)
    notify({
      type: changes.length > 0 ? 'warning' : 'success',
      header: sentence({ done: true, points: row.points, body, preview }),
      content: (
        <>
          {foundByKey && 'The answer was lost. The ledger has the movement, once. '}
          {changes.length > 0 && `The card changed after your review. ${changes.join(' ')} `}
          {`${available} ${wallet.pointsName} are available. `}
          <Link href={`#${to.row(row)}`} color="inverted">
            Transaction {row.seq}
          </Link>
        </>
      ),
      action: isReversible(row) && (
        <Allowed scope={SCOPES.reversal}>
          <ReverseButton row={row} card={card} wallet={wallet} />
        </Allowed>
      ),
    })
    if (path === to.customer(card.customerId)) changeQuery({ row: row.transactionId })
    onClose()
    // Once, when the outcome is known.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [state.phase])
}

/** The message stays after the reversal, and then it offers nothing more. */
function ReverseButton({ row, card, wallet }: { row: Transaction; card: Card; wallet: Wallet }): ReactNode {
  const open = useOpenMovement(card, wallet)
  const reversed = useReversed().includes(row.transactionId)
  return reversed ? null : <Button onClick={() => open({ kind: 'reversal', row })}>Reverse</Button>
}
