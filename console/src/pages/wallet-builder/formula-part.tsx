import {
  Box,
  Button,
  ButtonDropdown,
  ExpandableSection,
  FormField,
  Input,
  SpaceBetween,
  StatusIndicator,
  Textarea,
} from '@cloudscape-design/components'
import { useRef, useState } from 'react'
import { useEvaluation, useFormulaFunctions } from '../../api/wallet-builder'
import { useSchemaForm, type OwnPartProps } from '../../forms/form-context'
import { SettingField } from '../../forms/value-parts'
import { rangeOf } from '../../forms/settings'
import { isObject, valueAt } from '../../forms/document'
import { formatMoney, LANGUAGE } from '../../format'
import { ProblemAlert } from '../../parts/problem-alert'
import { useSession } from '../../session/session'
import { pointsForAmount } from './payment-points'

/** A number or a formula, with the functions to insert and an order to try it with. */
export default function FormulaPart({ setting, at }: OwnPartProps) {
  const { document, change } = useSchemaForm()
  const functions = useFormulaFunctions().data?.data ?? []
  const field = useRef<HTMLDivElement>(null)
  const formula = String((valueAt(document, at) as string | number | undefined) ?? '')

  /** Inserts the example of the function where the cursor is. */
  function insert(name: string | undefined) {
    const text = field.current?.querySelector('textarea')
    const place = text?.selectionStart ?? formula.length
    const example = functions.find((one) => one.name === name)?.example ?? ''
    change(at, formula.slice(0, place) + example + formula.slice(text?.selectionEnd ?? place))
    text?.focus()
  }

  return (
    <SpaceBetween size="m">
      <SettingField setting={setting} at={at} constraint={rangeOf(setting)}>
        <div ref={field}>
          <Textarea
            value={formula}
            rows={3}
            spellcheck={false}
            onChange={({ detail }) => change(at, detail.value === '' ? undefined : detail.value)}
          />
        </div>
      </SettingField>
      <ButtonDropdown
        items={functions.map(({ name, description, example }) => ({
          id: name,
          text: name,
          secondaryText: `${description} ${example}`,
        }))}
        expandToViewport
        onItemClick={({ detail }) => insert(detail.id)}
      >
        Insert a function
      </ButtonDropdown>
      <Trial formula={formula} />
    </SpaceBetween>
  )
}

function Trial({ formula }: { formula: string }) {
  const { currency } = useSession().project
  const evaluation = useEvaluation()
  const [amount, setAmount] = useState('5000')
  const [order, setOrder] = useState('')
  const [card, setCard] = useState('')
  const isAmount = /^\d{1,12}$/.test(amount)
  const [orderMetadata, cardMetadata] = [objectOf(order), objectOf(card)]
  const tried = evaluation.variables?.order?.amount ?? 0
  const isReady = formula !== '' && isAmount && orderMetadata !== null && cardMetadata !== null
  function evaluate() {
    if (!isReady) return
    evaluation.mutate({ formula, order: { amount: Number(amount), metadata: orderMetadata }, cardMetadata })
  }
  return (
    <ExpandableSection headerText="Try the formula with an order" defaultExpanded>
      <SpaceBetween size="s">
        <FormField
          label="Amount of the order in minor units"
          constraintText={isAmount ? formatMoney(Number(amount), currency) : undefined}
          errorText={isAmount ? undefined : 'Enter a whole number.'}
        >
          <Input value={amount} inputMode="numeric" onChange={({ detail }) => setAmount(detail.value)} />
        </FormField>
        <ExpandableSection headerText="Metadata that the formula reads">
          <SpaceBetween size="s">
            <Metadata label="Metadata of the order" text={order} change={setOrder} />
            <Metadata label="Metadata of the card" text={card} change={setCard} />
          </SpaceBetween>
        </ExpandableSection>
        <Button
          onClick={evaluate}
          loading={evaluation.isPending}
          disabled={!isReady}
          disabledReason="Enter a formula first."
        >
          Try
        </Button>
        {evaluation.error && <ProblemAlert problem={evaluation.error} />}
        {evaluation.data && (
          <div role="status">
            <StatusIndicator type="success">
              {evaluation.data.value} points for one minor unit. {formatMoney(tried, currency)} costs{' '}
              {pointsForAmount(tried, evaluation.data.value).toLocaleString(LANGUAGE)} points.
            </StatusIndicator>
            {Object.entries(evaluation.data.inputs).map(([call, value]) => (
              <Box key={call} variant="small">
                {call} is {value}.{' '}
              </Box>
            ))}
          </div>
        )}
      </SpaceBetween>
    </ExpandableSection>
  )
}

function Metadata({ label, text, change }: { label: string; text: string; change: (text: string) => void }) {
  return (
    <FormField
      label={label}
      constraintText='JSON, such as {"rate": 1.5}'
      errorText={objectOf(text) === null ? 'Enter a JSON object.' : undefined}
    >
      <Textarea value={text} rows={2} spellcheck={false} onChange={({ detail }) => change(detail.value)} />
    </FormField>
  )
}

/** The JSON object of a text; undefined without a text, null if the text is no object. */
function objectOf(text: string): Record<string, unknown> | undefined | null {
  if (text.trim() === '') return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}
