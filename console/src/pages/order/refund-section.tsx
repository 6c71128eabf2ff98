import {
  Alert,
  Button,
  Container,
  Header,
  SpaceBetween,
  StatusIndicator,
  type ButtonProps,
} from '@cloudscape-design/components'
import { useEffect, useMemo, useRef, useState, type ReactNode, type RefObject } from 'react'
import { useMovement } from '../../api/movement'
import { orderRefund, useRefundPreview, type CustomerOrder } from '../../api/orders'
import type { Wallet } from '../../api/wallets'
import { formatMoney } from '../../format'
import { ProblemAlert } from '../../parts/problem-alert'
import { useSession } from '../../session/session'
import { useOnline } from '../../shell/offline'
import { useSettled } from '../../use-settled'
import { leftToRefund, linesOf } from './order-tables'
import { bodyOf, emptyForm } from './refund-body'
import { RefundEffect } from './refund-effect'
import { RefundFields } from './refund-fields'

const EFFECT = 'refund-effect'

interface RefundSectionProps {
  order: CustomerOrder
  wallets: readonly Wallet[]
  refundable: boolean
  /** Whether no refund was made since the page was opened. */
  isFirst: boolean
  onNext: () => void
}

/** Refunds the order: the form shows at once what the refund would do; then review, then confirmation. */
export function RefundSection({ order, wallets, refundable, isFirst, onNext }: RefundSectionProps) {
  const { customerId, orderId } = order
  const { project } = useSession()
  const currency = order.order?.currency ?? project.currency
  const [form, setForm] = useState(emptyForm)
  const { state, review, back, confirm, checkAgain } = useMovement(orderRefund(customerId, orderId))
  const lines = useMemo(() => linesOf(order), [order])
  const left = leftToRefund(order)
  const body = useMemo(() => bodyOf(form, lines, currency, left), [form, lines, currency, left])
  const isForm = state.phase === 'form' || state.phase === 'reviewing'
  const settled = useSettled(body)
  // A refund that was sent is not previewed any more.
  const preview = useRefundPreview(customerId, orderId, isForm && refundable ? settled : null)
  const online = useOnline()
  const confirmButton = useRef<ButtonProps.Ref>(null)
  const region = useRef<HTMLDivElement>(null)
  const focusStays = useRef(isFirst)
  // The control that had the focus is gone after each step.
  useEffect(() => {
    if (state.phase === 'review') confirmButton.current?.focus()
    else if (!focusStays.current && state.phase !== 'confirming') region.current?.focus()
    focusStays.current = isForm
  }, [state.phase, isForm])

  if (state.phase === 'done') {
    const { moneyAmount } = state.answer
    const payBack = moneyAmount === null ? '' : `Pay back ${formatMoney(moneyAmount, currency)} in money.`
    return (
      <Region of={region} name={`Refunded. ${payBack}`}>
        <Container header={<Header variant="h2">Refunded</Header>}>
          <SpaceBetween size="m">
            <Alert type="success" header={`The refund of order ${orderId} of ${customerId} is done`}>
              {payBack}
            </Alert>
            <RefundEffect refund={state.answer} currency={currency} wallets={wallets} />
            {refundable && <Button onClick={onNext}>Another refund</Button>}
          </SpaceBetween>
        </Container>
      </Region>
    )
  }
  if (!refundable) return null
  if (isForm) {
    const problem = (state.phase === 'form' && state.problem) || preview.error
    return (
      <Region of={region} name="Refund">
        <Container header={<Header variant="h2">Refund</Header>}>
          <SpaceBetween size="m">
            <RefundFields form={form} onChange={setForm} lines={lines} currency={currency} left={left} />
            {problem && body && <ProblemAlert problem={problem} />}
            {body && (preview.isFetching || settled !== body) && (
              <StatusIndicator type="loading">Reading what the refund would do</StatusIndicator>
            )}
            {preview.data && body && settled === body && !preview.error && (
              <RefundEffect refund={preview.data} currency={currency} wallets={wallets} />
            )}
            <Button
              variant="primary"
              disabled={body === null || preview.error !== null || !online}
              disabledReason={body === null ? 'Choose what is refunded first.' : undefined}
              loading={state.phase === 'reviewing'}
              onClick={() => body && void review(body)}
            >
              Review
            </Button>
          </SpaceBetween>
        </Container>
      </Region>
    )
  }
  return (
    <Region of={region} name="Refund">
      <Container header={<Header variant="h2">{`Refund order ${orderId} of ${customerId}`}</Header>}>
        <SpaceBetween size="m">
          {state.phase === 'review' && state.problem && <ProblemAlert problem={state.problem} />}
          {state.phase === 'unknown' && (
            <Alert
              type="warning"
              header="The outcome is not known yet"
              action={<Button onClick={() => void checkAgain()}>Check again</Button>}
            >
              No answer came. The request has a key, so checking again refunds the order once, never twice.
            </Alert>
          )}
          <div id={EFFECT}>
            <RefundEffect refund={state.preview} currency={currency} wallets={wallets} />
          </div>
          {state.phase !== 'unknown' && (
            <SpaceBetween direction="horizontal" size="xs">
              <Button disabled={state.phase === 'confirming'} onClick={back}>
                Back
              </Button>
              <Button
                ref={confirmButton}
                ariaDescribedby={EFFECT}
                variant="primary"
                disabled={!online}
                loading={state.phase === 'confirming'}
                onClick={() => void confirm()}
              >
                Confirm the refund
              </Button>
            </SpaceBetween>
          )}
        </SpaceBetween>
      </Container>
    </Region>
  )
}

/** Takes the focus from a control that is gone. Its name is what screen readers say then. */
function Region({ of, name, children }: { of: RefObject<HTMLDivElement | null>; name: string; children: ReactNode }) {
  return (
    <div ref={of} className="focus-target" role="group" aria-label={name} tabIndex={-1}>
      {children}
    </div>
  )
}
