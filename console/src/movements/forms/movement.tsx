import type { Card } from '../../api/cards'
import { useNoteReversed } from '../../api/reversed'
import type { Wallet } from '../../api/wallets'
import { useSession } from '../../session/session'
import { MovementDialog } from '../dialog'
import type { MovementToMake } from '../open'
import { adjustmentForm } from './adjustment'
import type { Terms } from './terms'
import { captureForm, holdForm, releaseForm } from './holds'
import { creditForm } from './credit'
import { debitForm } from './debit'
import { expiryForm } from './expiry'
import { paymentForm } from './payment'
import { pendingForm } from './pending'
import { reversalForm } from './reversal'
import { transferForm } from './transfer'

interface MovementProps {
  movement: MovementToMake
  card: Card
  wallet: Wallet
  onClose: () => void
}

/** The dialog of a movement by hand. */
export default function Movement({ movement, card, wallet, onClose }: MovementProps) {
  const { project, adjustmentMax } = useSession()
  const noteReversed = useNoteReversed()
  const terms: Terms = { card, wallet, zone: project.timeZone, maxByHand: adjustmentMax ?? null }
  const shared = { card, wallet, onClose }
  switch (movement.kind) {
    case 'credit':
      return <MovementDialog {...shared} movement={creditForm(terms)} />
    case 'debit':
      return <MovementDialog {...shared} movement={debitForm(terms)} />
    case 'adjustment':
      return <MovementDialog {...shared} movement={adjustmentForm(terms)} />
    case 'transfer':
      return <MovementDialog {...shared} movement={transferForm(terms)} />
    case 'hold':
      return <MovementDialog {...shared} movement={holdForm(terms)} />
    case 'capture':
      return <MovementDialog {...shared} movement={captureForm(terms, movement.hold)} />
    case 'release':
      return <MovementDialog {...shared} movement={releaseForm(terms, movement.hold)} />
    case 'payment':
      return <MovementDialog {...shared} movement={paymentForm(terms)} />
    case 'activate':
    case 'cancel':
      return <MovementDialog {...shared} movement={pendingForm(terms, movement.kind, movement.row)} />
    case 'expiry':
      return <MovementDialog {...shared} movement={expiryForm(terms, movement.lot)} />
    case 'reversal':
      return <MovementDialog {...shared} movement={reversalForm(terms, movement.row, noteReversed)} />
  }
}
