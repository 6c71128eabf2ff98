import { Box, Button, Modal, SpaceBetween } from '@cloudscape-design/components'
import { useActivateWallet, useDeactivateWallet, type DeactivatedWallet, type Wallet } from '../../api/wallets'
import { count, formatPoints } from '../../format'
import { useOnline } from '../../shell/offline'
import { ProblemAlert } from '../problem-alert'

/** Asks first, then shows what time alone still does with the wallet's points. */
export function DeactivateDialog({ wallet, onClose }: { wallet: Wallet; onClose: () => void }) {
  const deactivate = useDeactivateWallet()
  const activate = useActivateWallet()
  const online = useOnline()
  const done = deactivate.data
  const problem = deactivate.error ?? activate.error
  return (
    <Modal
      visible
      onDismiss={onClose}
      closeAriaLabel="Close"
      header={done ? `${wallet.name} is inactive` : `Deactivate ${wallet.name}?`}
      footer={
        <Box float="right">
          {done ? (
            <SpaceBetween direction="horizontal" size="xs">
              <Button
                loading={activate.isPending}
                disabled={!online}
                disabledReason="You are offline."
                onClick={() => activate.mutate(wallet, { onSuccess: onClose })}
              >
                Activate again
              </Button>
              <Button variant="primary" onClick={onClose}>
                Close
              </Button>
            </SpaceBetween>
          ) : (
            <SpaceBetween direction="horizontal" size="xs">
              <Button onClick={onClose}>Cancel</Button>
              <Button
                variant="primary"
                loading={deactivate.isPending}
                disabled={!online}
                disabledReason="You are offline."
                onClick={() => deactivate.mutate(wallet)}
              >
                Deactivate
              </Button>
            </SpaceBetween>
          )}
        </Box>
      }
    >
      <SpaceBetween size="s">
        {done ? (
          <FallingDue wallet={done} />
        ) : (
          <Box>Cards can no longer earn or spend points, after at most 15 seconds.</Box>
        )}
        <Box>
          Refunds, the activation of pending points, expiry and notices continue. The wallet can be activated again at
          any time.
        </Box>
        {problem && <ProblemAlert problem={problem} />}
      </SpaceBetween>
    </Modal>
  )
}

function FallingDue({ wallet: { fallingDue, pointsDecimals } }: { wallet: DeactivatedWallet }) {
  if (fallingDue === null) return <Box>The wallet has too many cards to count the points that time alone moves.</Box>
  const { days, expiring, activating, cards } = fallingDue
  if (cards === 0) return <Box>No points expire or become active within {days} days.</Box>
  const points = (number: number) => formatPoints(number, pointsDecimals)
  return (
    <Box>
      Within {days} days, {points(expiring)} points expire and {points(activating)} points become active, on{' '}
      {count(cards, 'card')}.
    </Box>
  )
}
