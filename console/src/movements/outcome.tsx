import { Button, Link } from '@cloudscape-design/components'
import { useEffect } from 'react'
import type { Card } from '../api/cards'
import type { MovementState } from '../api/movement'
import type { Preview } from '../api/movements'
import type { Transaction } from '../api/transactions'
import type { Wallet } from '../api/wallets'
import { formatPoints } from '../format'
import { to } from '../routing'
import { useSession } from '../session/session'
import { useShell } from '../shell/shell-context'
import type { Sentence } from './dialog'
import { differences } from './differences'
import { isReversible } from './obstacles'
import { useOpenMovement } from './open'

interface Told<Body> {
  state: MovementState<Body, Preview, Transaction>
  card: Card
  wallet: Wallet
  sentence: (what: Sentence<Body>) => string
  onClose: () => void
}

/** Closes the dialog with a message about what the ledger has, with a link to the row and its reversal. */
export function useTellOutcome<Body>({ state, card, wallet, sentence, onClose }: Told<Body>): void {
  const { notify } = useShell()
  const { may, project } = useSession()
  const open = useOpenMovement(card, wallet)
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
      action: isReversible(row) && may('points:adjust') && (
        <Button onClick={() => open({ kind: 'reversal', row })}>Reverse</Button>
      ),
    })
    onClose()
    // Once, when the outcome is known.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [state.phase])
}
