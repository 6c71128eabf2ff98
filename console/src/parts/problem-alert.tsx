import { Alert, Box, Button, SpaceBetween } from '@cloudscape-design/components'
import { Problem, Unreachable } from '../api/problems'
import { wordsOfProblem } from '../words/problem'
import { Copyable } from './copyable'

interface ProblemAlertProps {
  problem: Error
  onRetry?: () => void
  /** Fields of the body whose messages are at the fields themselves. */
  except?: readonly string[]
  /** The decimals of the wallet whose points the problem counts. */
  decimals?: number
}

/** A failure in place: the problem, what to do, the request's id for the operator, and a button to try again. */
export function ProblemAlert({ problem, onRetry, except = [], decimals }: ProblemAlertProps) {
  const refused = problem instanceof Problem
  const fields = refused ? problem.fields.filter(({ field }) => !except.includes(field.replace(/^body\./, ''))) : []
  const header = refused ? problem.title : problem instanceof Unreachable ? 'No answer' : 'Something went wrong'
  return (
    <div role="alert">
      <Alert
        type="error"
        header={header}
        action={onRetry && <Button onClick={onRetry}>Try again</Button>}
        data-problem={refused ? problem.code : 'unreachable'}
      >
        <SpaceBetween size="xs">
          <div>{wordsOfProblem(problem, decimals)}</div>
          {fields.length > 0 && (
            <ul>
              {fields.map((field) => (
                <li key={`${field.field} ${field.message}`}>
                  <strong>{field.field}</strong>: {field.message}
                </li>
              ))}
            </ul>
          )}
          {refused && problem.requestId !== '' && (
            <Box variant="small">
              Request <Copyable text={problem.requestId} what="request's id" />
            </Box>
          )}
        </SpaceBetween>
      </Alert>
    </div>
  )
}
