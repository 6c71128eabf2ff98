import { Alert, Box, Button, Form as Layout, Modal, SpaceBetween } from '@cloudscape-design/components'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import type { Card } from '../api/cards'
import { changedByMovement } from '../api/cards'
import { useMovement, type MovementOperation } from '../api/movement'
import { transactionOfKey, type Command, type Preview } from '../api/movements'
import type { Transaction } from '../api/transactions'
import { unfinishedMovements } from '../api/unfinished-movements'
import type { Wallet } from '../api/wallets'
import { ProblemAlert } from '../parts/problem-alert'
import { useHashPath } from '../routing'
import { useOnline } from '../shell/offline'
import { FormElement, useForm, type Form } from './form'
import { errorsOf, type Checked, type Values } from './values'
import { Review } from './review'
import { useTellOutcome } from './outcome'

/** One form that moves points of a card. */
export interface MovementForm<Shape extends Values, Body> {
  title: string
  /** What the movement does, and when to use another one. */
  intro: ReactNode
  initial: Shape
  fields: (form: Form<Shape>) => ReactNode
  check: (values: Shape) => Checked<Body>
  command: Command<Body>
  /** What is or was done, with the points that move: "Credit 200 points to ann in Club". */
  sentence: (what: Sentence<Body>) => string
  /** Query keys that the movement changes besides those of its card. */
  changes?: readonly (readonly unknown[])[]
}

export interface Sentence<Body> {
  done: boolean
  points: number
  body: Body
  preview: Preview
}

interface DialogProps<Shape extends Values, Body> {
  card: Card
  wallet: Wallet
  movement: MovementForm<Shape, Body>
  onClose: () => void
}

const FORM_ID = 'movement'

/** Form, review by the API's dry run, confirmation. The outcome is one of the shell's messages. */
export function MovementDialog<Shape extends Values, Body>(props: DialogProps<Shape, Body>) {
  const { card, wallet, movement, onClose } = props
  const { title, intro, fields, check, sentence } = movement
  const { form, report } = useForm(movement.initial)
  const online = useOnline()
  const [leaving, setLeaving] = useState(false)
  const steps = useMovement(operationOf(props))
  const { state, checkAgain } = steps
  useTellOutcome({ state, card, wallet, sentence, onClose })
  const problem = 'problem' in state ? state.problem : undefined

  useEffect(() => {
    if (online && state.phase === 'unknown') void checkAgain()
    // Once for each return of the connection.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [online])

  const [path] = useHashPath()
  const [openedAt] = useState(path)
  useEffect(() => {
    if (path !== openedAt) dismiss()
    // Once for each page that the browser goes to.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [path])

  function submit() {
    const checked = check(form.values)
    report('errors' in checked ? checked.errors : {})
    if ('errors' in checked) return false
    void steps.review(checked.body)
    return true
  }

  function dismiss() {
    if (state.phase === 'confirming') return
    if (state.phase === 'unknown' && !leaving) return setLeaving(true)
    onClose()
  }

  const offline = online ? undefined : 'You are offline.'
  if (state.phase === 'form' || state.phase === 'reviewing') {
    return (
      <Modal
        visible
        header={title}
        onDismiss={dismiss}
        footer={
          <Buttons>
            <Button variant="link" onClick={dismiss}>
              Cancel
            </Button>
            <Button
              variant="primary"
              form={FORM_ID}
              loading={state.phase === 'reviewing'}
              loadingText="Reviewing"
              disabled={!online}
              disabledReason={offline}
            >
              Review
            </Button>
          </Buttons>
        }
      >
        <FormElement id={FORM_ID} problem={problem} onSubmit={submit}>
          <Layout>
            <SpaceBetween size="l">
              {problem && (
                <ProblemAlert problem={problem} except={Object.keys(form.values)} decimals={wallet.pointsDecimals} />
              )}
              <Unfinished card={card} />
              <Box>{intro}</Box>
              {fields({ ...form, errors: { ...errorsOf(problem, wallet.pointsDecimals), ...form.errors } })}
            </SpaceBetween>
          </Layout>
        </FormElement>
      </Modal>
    )
  }
  const { body, preview } = state
  const words = sentence({ done: false, points: preview.points, body, preview })
  const unknown = state.phase === 'unknown'
  return (
    <Modal
      visible
      header={`Review: ${title.toLowerCase()}`}
      onDismiss={dismiss}
      footer={
        unknown ? (
          <Buttons>
            <Button variant="link" onClick={dismiss}>
              {leaving ? 'Close and list as unfinished' : 'Close'}
            </Button>
            <Button variant="primary" onClick={() => void checkAgain()}>
              Check again
            </Button>
          </Buttons>
        ) : (
          <Buttons>
            <Button variant="link" onClick={steps.back} disabled={state.phase !== 'review'}>
              Back
            </Button>
            <Button
              variant="primary"
              onClick={() => void steps.confirm()}
              loading={state.phase !== 'review'}
              loadingText={words}
              disabled={!online}
              disabledReason={offline}
            >
              {words}
            </Button>
          </Buttons>
        )
      }
    >
      <Focused name="Review">
        <SpaceBetween size="l">
          {problem && <ProblemAlert problem={problem} decimals={wallet.pointsDecimals} />}
          {unknown && (
            <div role="alert">
              <Unknown leaving={leaving} />
            </div>
          )}
          <Review preview={preview} wallet={wallet} />
        </SpaceBetween>
      </Focused>
    </Modal>
  )
}

function operationOf<Shape extends Values, Body>({
  card,
  wallet,
  movement,
}: DialogProps<Shape, Body>): MovementOperation<Body, Preview, Transaction> {
  const { command, sentence, changes = [] } = movement
  const reference = { walletId: wallet.walletId, customerId: card.customerId }
  return {
    ...command,
    describe: (body, preview) => sentence({ done: false, points: preview.points, body, preview }),
    card: reference,
    orderId: ({ orderId }) => orderId,
    find: (key, _, { orderId }) => transactionOfKey(reference, key, orderId),
    changes: [...changedByMovement(card.customerId), ...changes],
  }
}

function Buttons({ children }: { children: ReactNode }) {
  return (
    <Box float="right">
      <SpaceBetween direction="horizontal" size="xs">
        {children}
      </SpaceBetween>
    </Box>
  )
}

/** Takes the focus when it appears, so that the keyboard and screen readers go on where the page does. */
function Focused({ name, children }: { name: string; children: ReactNode }) {
  const region = useRef<HTMLDivElement>(null)
  useEffect(() => region.current?.focus(), [])
  return (
    <div ref={region} className="focus-target" role="group" aria-label={name} tabIndex={-1}>
      {children}
    </div>
  )
}

/** Warns of an earlier movement on the card whose outcome is unknown: a second one could repeat it. */
function Unfinished({ card }: { card: Card }) {
  const other = unfinishedMovements().find(
    (one) => one.card?.customerId === card.customerId && one.card.walletId === card.walletId,
  )
  if (!other) return null
  return (
    <Alert type="warning" header="An earlier movement is unfinished">
      {other.description}. Check its outcome before you move points of this card again.
    </Alert>
  )
}

function Unknown({ leaving }: { leaving: boolean }) {
  return (
    <Alert type="warning" header="No answer: the outcome is unknown">
      {leaving
        ? 'If you close this dialog now, the movement is listed above the page as unfinished until its outcome is known.'
        : 'The service did not answer, and the ledger could not be read. Checking again reads the ledger by the key of this movement, so the points move once at most.'}
    </Alert>
  )
}
