import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { isFinal, isRefusalOfKey, type Problem } from './problems'
import { abandonMovement, forgetMovement, keepMovement, type CardReference } from './unfinished-movements'

/**
 * The only way in which pages move points: form, review (the API's dry run), confirmation. The idempotency key is made with
 * the form and kept until a final answer, so whatever happens on the way, the points move once.
 */
export interface MovementOperation<Body, Preview, Answer> {
  /** What is done, for the list of unfinished movements: "Credit 200 points to ann". */
  describe: (body: Body, preview: Preview) => string
  preview: (body: Body) => Promise<Preview>
  commit: (body: Body, key: string) => Promise<Answer>
  /** Finds the transaction of the key, or null where there is none. Without it, the same request is sent again. */
  find?: (key: string, body: Body, preview: Preview) => Promise<Answer | null>
  /** The card whose ledger is asked for the key, after the tab was reloaded before a final answer. */
  card?: CardReference
  /** The order whose transactions have the key. */
  orderId?: (preview: Preview) => string | null
  /** Query keys of everything that the movement changes. */
  changes: readonly (readonly unknown[])[]
}

export type MovementState<Body, Preview, Answer> =
  | { phase: 'form'; problem?: Error }
  | { phase: 'reviewing'; body: Body }
  | { phase: 'review'; body: Body; preview: Preview; problem?: Error }
  | { phase: 'confirming'; body: Body; preview: Preview }
  /** No answer came, and the ledger could not be read. The key is kept. */
  | { phase: 'unknown'; body: Body; preview: Preview }
  /** `foundByKey`: the answer was lost, and the ledger has the transaction. */
  | { phase: 'done'; body: Body; preview: Preview; answer: Answer; foundByKey: boolean }

export interface MovementSteps<Body, Preview, Answer> {
  state: MovementState<Body, Preview, Answer>
  /** The idempotency key of this form. */
  key: string
  review: (body: Body) => Promise<void>
  back: () => void
  confirm: () => Promise<void>
  /** After an unknown outcome: asks the ledger by key, and sends the same request again if it has no transaction. */
  checkAgain: () => Promise<void>
}

const ATTEMPTS_MAX = 2

export function newIdempotencyKey(): string {
  return `console-${crypto.randomUUID()}`
}

type Outcome<Answer> =
  { is: 'committed'; answer: Answer; foundByKey: boolean } | { is: 'refused'; problem: Problem } | { is: 'unknown' }

/**
 * Sends the movement and finds out what became of it. When no answer comes, the ledger is asked for the key, and the same
 * request is sent once more if it has no transaction: the key moves the points once at most.
 */
export async function settle<Body, Preview, Answer>(
  operation: MovementOperation<Body, Preview, Answer>,
  body: Body,
  preview: Preview,
  key: string,
  { mayBeCommitted = false } = {},
): Promise<Outcome<Answer>> {
  let askFirst = mayBeCommitted
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    try {
      const found = askFirst && operation.find ? await operation.find(key, body, preview) : null
      if (found !== null) return { is: 'committed', answer: found, foundByKey: true }
      return { is: 'committed', answer: await operation.commit(body, key), foundByKey: false }
    } catch (failure) {
      // A key that is refused by now does not undo what an earlier request moved.
      if (isFinal(failure) && !(askFirst && isRefusalOfKey(failure))) return { is: 'refused', problem: failure }
      askFirst = true
    }
  }
  return { is: 'unknown' }
}

export function useMovement<Body, Preview, Answer>(
  operation: MovementOperation<Body, Preview, Answer>,
): MovementSteps<Body, Preview, Answer> {
  type State = MovementState<Body, Preview, Answer>
  const queries = useQueryClient()
  const [key] = useState(newIdempotencyKey)
  const [state, setState] = useState<State>({ phase: 'form' })
  // A movement whose form is closed before its outcome is known is listed as unfinished.
  useEffect(() => () => abandonMovement(key), [key])

  async function send(body: Body, preview: Preview, mayBeCommitted: boolean) {
    setState({ phase: 'confirming', body, preview })
    const { describe, card, orderId } = operation
    keepMovement({ key, description: describe(body, preview), card, orderId: orderId?.(preview) })
    const outcome = await settle(operation, body, preview, key, { mayBeCommitted })
    if (outcome.is === 'unknown') return setState({ phase: 'unknown', body, preview })
    forgetMovement(key)
    setState(
      outcome.is === 'refused'
        ? { phase: 'review', body, preview, problem: outcome.problem }
        : { phase: 'done', body, preview, answer: outcome.answer, foundByKey: outcome.foundByKey },
    )
    // A refusal shows that the page is older than the ledger.
    await Promise.all(operation.changes.map((queryKey) => queries.invalidateQueries({ queryKey })))
  }

  return {
    state,
    key,
    review: async (body) => {
      setState({ phase: 'reviewing', body })
      try {
        setState({ phase: 'review', body, preview: await operation.preview(body) })
      } catch (failure) {
        setState({ phase: 'form', problem: failure as Error })
      }
    },
    back: () => setState({ phase: 'form' }),
    confirm: async () => {
      if (state.phase === 'review') await send(state.body, state.preview, false)
    },
    checkAgain: async () => {
      if (state.phase === 'unknown') await send(state.body, state.preview, true)
    },
  }
}
