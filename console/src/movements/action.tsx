import { Button } from '@cloudscape-design/components'
import type { Card } from '../api/cards'
import type { Wallet } from '../api/wallets'
import { useSession } from '../session/session'
import { useOnline } from '../shell/offline'
import { obstacle, SCOPES } from './obstacles'
import { useOpenMovement, type MovementToMake } from './open'

interface ActionProps {
  movement: MovementToMake
  text: string
  /** What it concerns, for screen readers: "Reverse transaction 12". */
  name: string
  card: Card
  wallet: Wallet
}

/** A link-like button of a table's row that opens a movement, where the key allows it. */
export function Action({ movement, text, name, card, wallet }: ActionProps) {
  const { may } = useSession()
  const online = useOnline()
  const open = useOpenMovement(card, wallet)
  if (!may(SCOPES[movement.kind])) return null
  const reason = online ? obstacle(movement.kind, card, wallet) : 'You are offline.'
  return (
    <Button
      variant="inline-link"
      ariaLabel={name}
      onClick={() => open(movement)}
      disabled={reason !== undefined}
      disabledReason={reason}
    >
      {text}
    </Button>
  )
}
