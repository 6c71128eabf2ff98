import { Alert, Button, CopyToClipboard, SpaceBetween, StatusIndicator } from '@cloudscape-design/components'
import type { Card } from '../../api/cards'
import { useVerification, type Verification } from '../../api/transactions'
import { count } from '../../format'
import { ProblemAlert } from '../../parts/problem-alert'

const LISTED_MAX = 20

/** Compares the card with its ledger on demand. A verification of fewer transactions than the card has now is out of date. */
export function VerifyButton({ card }: { card: Card }) {
  const verification = useVerification(card.walletId, card.customerId)
  const valid = verification.data?.valid ? verification.data : undefined
  const upToDate = valid?.rows === card.version && !verification.isFetching
  return (
    <span role="status">
      {upToDate ? (
        <StatusIndicator type="success">{count(card.version, 'transaction')} verified</StatusIndicator>
      ) : (
        <Button
          variant="inline-link"
          loading={verification.isFetching}
          loadingText="Comparing the card with its ledger"
          onClick={() => void verification.refetch()}
        >
          Verify
        </Button>
      )}
    </span>
  )
}

/** What is wrong with the card, if its verification failed. */
export function VerificationResult({ card }: { card: Card }) {
  const verification = useVerification(card.walletId, card.customerId)
  const again = () => void verification.refetch()
  if (verification.error) return <ProblemAlert problem={verification.error} onRetry={again} />
  if (verification.data?.valid !== false) return null
  const { problems, problemCount } = verification.data
  return (
    <Alert
      type="error"
      header={`The card differs from its ledger: ${count(problemCount, 'problem')}`}
      action={
        <SpaceBetween direction="horizontal" size="xs">
          <CopyToClipboard
            textToCopy={forSupport(verification.data)}
            copyButtonText="Copy for support"
            copySuccessText="Copied"
            copyErrorText="Not copied"
          />
          <Button onClick={again} loading={verification.isFetching}>
            Verify again
          </Button>
        </SpaceBetween>
      }
    >
      No points can be moved here until the operator has corrected the card.
      <ul>
        {problems.slice(0, LISTED_MAX).map((problem, place) => (
          <li key={place}>
            {problem.seq === null ? 'Card' : `Transaction ${problem.seq}`}, {problem.check}: {problem.message}
            {problem.expected !== null && ` Expected ${problem.expected}, found ${problem.found ?? 'nothing'}.`}
          </li>
        ))}
      </ul>
      {problems.length > LISTED_MAX && <p>The copy for support has the others.</p>}
    </Alert>
  )
}

function forSupport(verification: Verification): string {
  return JSON.stringify(verification, null, 2)
}
