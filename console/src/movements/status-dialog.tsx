import { Alert, Box, Button, Modal, SpaceBetween } from '@cloudscape-design/components'
import { useCardChange, useCardToChange } from '../api/card-changes'
import type { Card, CardStatus } from '../api/cards'
import { Problem } from '../api/problems'
import type { Wallet } from '../api/wallets'
import { Read } from '../parts/page'
import { ProblemAlert } from '../parts/problem-alert'
import { useShell } from '../shell/shell-context'
import { cardStatus } from '../words/en'
import { pointsWords } from '../words/setting-values'

const VERBS: Readonly<Record<CardStatus, string>> = {
  ACTIVE: 'Reactivate',
  BLOCKED: 'Block',
  FROZEN: 'Freeze',
  CLOSED: 'Close',
}

/** What the status means for the customer, and what goes on meanwhile. */
const MEANING: Readonly<Record<CardStatus, string>> = {
  ACTIVE: 'The customer earns and spends points again.',
  BLOCKED:
    'The customer still earns points, but does not spend, hold or transfer them. Open holds are captured and released, refunds and adjustments are made, and points become active and expire as before.',
  FROZEN:
    'No command moves points: no credits, debits, refunds, captures or adjustments, until the card is reactivated. Time still activates points, lets them expire and releases holds.',
  CLOSED:
    'No command moves the points of the card any more. Time still activates points, lets them expire and releases holds.',
}

interface StatusDialogProps {
  card: Card
  wallet: Wallet
  status: CardStatus
  onClose: () => void
}

/** Confirms another status of the card. The card is read before, so that nothing is changed that was not seen. */
export default function StatusDialog({ card, wallet, status, onClose }: StatusDialogProps) {
  const { notify } = useShell()
  const current = useCardToChange(card)
  const change = useCardChange(card)
  const verb = VERBS[status]
  const what = `card of ${card.customerId} in ${wallet.name}`
  const changedMeanwhile = change.error instanceof Problem && change.error.status === 412
  const seen = current.data?.data.status
  const other = seen !== undefined && seen !== card.status
  const closed = seen === 'CLOSED'

  async function confirm(etag: string) {
    await change.mutateAsync({ change: { status }, etag })
    notify({ type: 'success', header: `The ${what} is ${cardStatus[status].toLowerCase()}`, content: MEANING[status] })
    onClose()
  }

  return (
    <Modal
      visible
      header={`${verb} the ${what}?`}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {other ? 'Keep the other change' : 'Cancel'}
            </Button>
            {changedMeanwhile ? (
              <Button
                variant="primary"
                onClick={() => {
                  change.reset()
                  void current.refetch()
                }}
              >
                Read the card again
              </Button>
            ) : (
              <Button
                variant="primary"
                loading={change.isPending}
                loadingText={`${verb} the card`}
                disabled={!current.data?.etag || current.isFetching || closed}
                onClick={() => {
                  const etag = current.data?.etag
                  if (etag) void confirm(etag).catch(() => undefined)
                }}
              >
                {other ? `${verb} the card all the same` : `${verb} the card`}
              </Button>
            )}
          </SpaceBetween>
        </Box>
      }
    >
      <Read query={current}>
        {({ data }) => (
          <SpaceBetween size="m">
            {change.error && <ProblemAlert problem={change.error} />}
            {other && (
              <Alert type="warning" header="Changed meanwhile">
                The page shows the card as {cardStatus[card.status].toLowerCase()}. It is{' '}
                {cardStatus[data.status].toLowerCase()} now.
              </Alert>
            )}
            <Box>{closed ? 'A closed card stays closed.' : MEANING[status]}</Box>
            {status === 'CLOSED' && !closed && (
              <Alert type="warning" header="A closed card cannot be reopened">
                The customer gets no other card in this wallet. To stop the card for a time, freeze it.
                {data.balance.active > 0 &&
                  ` The ${pointsWords(data.balance.active, wallet.pointsDecimals)} on the card can no longer be spent.`}
              </Alert>
            )}
          </SpaceBetween>
        )}
      </Read>
    </Modal>
  )
}
