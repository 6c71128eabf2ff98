import { Alert, Button, Container, Header, SpaceBetween, type ButtonProps } from '@cloudscape-design/components'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useMovement } from '../../api/movement'
import { orderRefund, useRefundPreview, type CustomerOrder } from '../../api/orders'
import type { Wallet } from '../../api/wallets'
import { formatMoney } from '../../format'
import { ProblemAlert } from '../../parts/problem-alert'
import { useSession } from '../../session/session'
import { useOnline } from '../../shell/offline'
import { linesOf } from './order-tables'
import { bodyOf, emptyForm } from './refund-body'
import { RefundEffect } from './refund-effect'
import { RefundFields } from './refund-fields'

interface RefundSectionProps {
  order: CustomerOrder
  wallets: readonly Wallet[]
  refundable: boolean
  onNext: () => void
}

/** Refunds the order: the form shows at once what the refund would do; then review, then confirmation. */
export function RefundSection({ order, wallets, refundable, onNext }: RefundSectionProps) {
  const { customerId, orderId } = order
  const { project } = useSession()
  const currency = order.order?.currency ?? project.currency
  const [form, setForm] = useState(emptyForm)
  const operation = useMemo(() => orderRefund(customerId, orderId), [customerId, orderId])
  const { state, review, back, confirm, checkAgain } = useMovement(operation)
  const lines = linesOf(order)
  const body = bodyOf(form, lines, currency)
  const isForm = state.phase === 'form' || state.phase === 'reviewing'
  const preview = useRefundPreview(customerId, orderId, isForm && refundable ? body : null)
  const online = useOnline()
  const confirmButton = useRef<ButtonProps.Ref>(null)
  useEffect(() => {
    if (state.phase === 'review') confirmButton.current?.focus()
  }, [state.phase])

  if (state.phase === 'done') {
    return (
      <Container header={<Header variant="h2">Refunded</Header>}>
        <SpaceBetween size="m">
          <Alert type="success" header={`Order ${orderId} of ${customerId} is refunded`}>
            {state.answer.moneyAmount !== null && (
              <>Pay back {formatMoney(state.answer.moneyAmount, currency)} in money.</>
            )}
          </Alert>
          <RefundEffect refund={state.answer} currency={currency} wallets={wallets} />
          {refundable && <Button onClick={onNext}>Another refund</Button>}
        </SpaceBetween>
      </Container>
    )
  }
  if (!refundable) return null
  if (isForm) {
    const problem = (state.phase === 'form' && state.problem) || preview.error
    return (
      <Container header={<Header variant="h2">Refund</Header>}>
        <SpaceBetween size="m">
          <RefundFields form={form} onChange={setForm} lines={lines} currency={currency} />
          {problem && body && <ProblemAlert problem={problem} />}
          {preview.data && body && !preview.error && (
            <RefundEffect refund={preview.data} currency={currency} wallets={wallets} />
          )}
          <Button
            variant="primary"
            disabled={body === null || preview.error !== null || !online}
            disabledReason={body === null ? 'Say what is refunded.' : undefined}
            loading={state.phase === 'reviewing'}
            onClick={() => body && void review(body)}
          >
            Review
          </Button>
        </SpaceBetween>
      </Container>
    )
  }
  return (
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
        <RefundEffect refund={state.preview} currency={currency} wallets={wallets} />
        {state.phase !== 'unknown' && (
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={state.phase === 'confirming'} onClick={back}>
              Back
            </Button>
            <Button
              ref={confirmButton}
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
  )
}
