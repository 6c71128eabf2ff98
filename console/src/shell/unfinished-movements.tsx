import { Alert, Box, Button, Link, SpaceBetween } from '@cloudscape-design/components'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useSyncExternalStore } from 'react'
import { changedByMovement } from '../api/cards'
import { outcomeOf } from '../api/movements'
import {
  forgetMovement,
  onUnfinishedChange,
  unfinishedMovements,
  type UnfinishedMovement,
} from '../api/unfinished-movements'
import { to } from '../routing'
import { useShell } from './shell-context'

const CHECK_AGAIN_MS = 5000

/** Movements whose outcome was unknown when their dialog or page was closed. The ledger is read by their keys. */
export function UnfinishedMovements() {
  const movements = useSyncExternalStore(onUnfinishedChange, unfinishedMovements)
  if (movements.length === 0) return null
  return (
    <Box margin={{ bottom: 'l' }}>
      <SpaceBetween size="s">
        {movements.map((movement) => (
          <Unfinished key={movement.key} movement={movement} />
        ))}
      </SpaceBetween>
    </Box>
  )
}

function Unfinished({ movement }: { movement: UnfinishedMovement }) {
  const { key, description, location, card } = movement
  const { notify } = useShell()
  const queries = useQueryClient()
  const outcome = useQuery({
    queryKey: ['unfinished', key],
    queryFn: () => outcomeOf(movement),
    enabled: card !== undefined,
    staleTime: 0,
    gcTime: 0,
    refetchInterval: ({ state }) => (state.data?.is === 'open' ? CHECK_AGAIN_MS : false),
  })
  const found = outcome.data
  useEffect(() => {
    if (!card || !found || found.is === 'open') return
    forgetMovement(key)
    if (found.is === 'none') {
      notify({
        type: 'info',
        header: 'No points moved',
        content: `The ledger has no such transaction: ${description}.`,
      })
      return
    }
    notify({
      type: 'success',
      header: 'The ledger has the unfinished movement',
      content: (
        <>
          {description}, once.{' '}
          <Link href={`#${to.row(found.transaction)}`} color="inverted">
            Transaction {found.transaction.seq}
          </Link>
        </>
      ),
    })
    changedByMovement(card.customerId).forEach((queryKey) => void queries.invalidateQueries({ queryKey }))
  }, [found, card, key, description, notify, queries])

  return (
    <Alert
      type="warning"
      header={`Unfinished: ${description}`}
      action={
        card ? (
          <Button onClick={() => void outcome.refetch()} loading={outcome.isFetching} loadingText="Checking">
            Check again
          </Button>
        ) : (
          <Button onClick={() => forgetMovement(key)}>Dismiss</Button>
        )
      }
    >
      {card
        ? 'No answer came. The outcome is looked up in the ledger by its key.'
        : 'No answer came. Its page shows the outcome.'}{' '}
      <Link href={location}>Go to its page</Link>
    </Alert>
  )
}
