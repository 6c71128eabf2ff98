import { Alert, Button, FormField, Input, Modal, Select, SpaceBetween, Textarea } from '@cloudscape-design/components'
import { useState } from 'react'
import { useCardChange, useCardProperties, useCardToChange, type Property } from '../../api/card-changes'
import type { Card } from '../../api/cards'
import { Problem } from '../../api/problems'
import { rebased } from '../../forms/document'
import { FormDialog } from '../../parts/form-dialog'
import { Read } from '../../parts/page'
import { ProblemAlert } from '../../parts/problem-alert'
import { useShell } from '../../shell/shell-context'
import { textOfValue, valueOfText } from '../wallet-builder/metadata-values'
import { formOf, metadataOf, type CardMetadata } from './card-metadata'

interface DialogProps {
  card: Card
  onClose: () => void
}

/** Changes the card's metadata, by the project's schema of cards. The card is read before. */
export default function MetadataDialog({ card, onClose }: DialogProps) {
  const current = useCardToChange(card)
  const properties = useCardProperties()
  if (properties.data && current.data) {
    return (
      <MetadataForm
        card={card}
        properties={properties.data}
        read={readFrom(current.data)}
        readAgain={async () => {
          const { data } = await current.refetch()
          return data && readFrom(data)
        }}
        onClose={onClose}
      />
    )
  }
  return (
    <Modal visible onDismiss={onClose} closeAriaLabel="Close" header={headerOf(card)}>
      <Read query={properties}>{() => <Read query={current}>{() => null}</Read>}</Read>
    </Modal>
  )
}

function headerOf({ customerId }: Card): string {
  return `Metadata of the card of ${customerId}`
}

function readFrom({ data, etag }: { data: Card; etag: string | null }): ReadMetadata {
  return { metadata: data.metadata ?? {}, etag: etag ?? '' }
}

interface ReadMetadata {
  metadata: CardMetadata
  etag: string
}

interface FormProps extends DialogProps {
  properties: readonly Property[]
  read: ReadMetadata
  readAgain: () => Promise<ReadMetadata | undefined>
}

function MetadataForm({ card, properties, read, readAgain, onClose }: FormProps) {
  const [base, setBase] = useState(read)
  const [form, setForm] = useState(() => formOf(read.metadata, properties))
  const [theirs, setTheirs] = useState<ReadMetadata>()
  const change = useCardChange(card)
  const { notify } = useShell()
  const mine = metadataOf(form)
  const missing = !mine ? 'Other properties are no JSON object.' : theirs && 'Choose one of the versions first.'
  const problem = change.error instanceof Problem ? change.error : undefined

  async function save(metadata: CardMetadata) {
    try {
      await change.mutateAsync({ change: { metadata: { ...metadata } }, etag: base.etag })
    } catch (failure) {
      if (failure instanceof Problem && failure.status === 412) setTheirs(await readAgain())
      return
    }
    notify({ type: 'success', header: `The metadata of the card of ${card.customerId} is saved` })
    onClose()
  }

  function startFrom(newer: ReadMetadata, metadata: CardMetadata) {
    setBase(newer)
    setForm(formOf(metadata, properties))
    setTheirs(undefined)
    change.reset()
  }

  return (
    <FormDialog
      header={headerOf(card)}
      action="Save metadata"
      isSent={change.isPending}
      missing={missing}
      onSubmit={() => {
        if (mine) void save(mine)
      }}
      onClose={onClose}
    >
      {theirs && mine ? (
        <Alert
          type="warning"
          header="Changed meanwhile"
          action={
            <SpaceBetween direction="horizontal" size="xs">
              <Button formAction="none" onClick={() => startFrom(theirs, theirs.metadata)}>
                Take theirs
              </Button>
              <Button
                formAction="none"
                onClick={() => startFrom(theirs, rebased(base.metadata, mine, theirs.metadata))}
              >
                Apply mine again
              </Button>
            </SpaceBetween>
          }
        >
          Somebody else changed the card. The fields have your version. The other version is:
          <pre className="json">{JSON.stringify(theirs.metadata, null, 2)}</pre>
        </Alert>
      ) : (
        change.error && (
          <ProblemAlert problem={change.error} except={properties.map(({ name }) => `metadata.${name}`)} />
        )
      )}
      {properties.map((property) => (
        <PropertyField
          key={property.name}
          property={property}
          value={form.known[property.name]}
          error={problem?.fields.find(({ field }) => field === `body.metadata.${property.name}`)?.message}
          onChange={(value) => {
            const others = Object.entries(form.known).filter(([name]) => name !== property.name)
            const entries = value === undefined ? others : [...others, [property.name, value] as const]
            setForm({ ...form, known: Object.fromEntries(entries) })
          }}
        />
      ))}
      <FormField
        label="Other properties (optional)"
        description="Properties that are not in the project's schema."
        constraintText="A JSON object"
        errorText={mine ? undefined : 'Enter a JSON object, such as {"shirt": "M"}.'}
      >
        <Textarea
          value={form.others}
          rows={4}
          spellcheck={false}
          onChange={({ detail }) => setForm({ ...form, others: detail.value })}
        />
      </FormField>
    </FormDialog>
  )
}

const CONSTRAINTS: Readonly<Record<string, string>> = {
  NUMBER: 'Number',
  DATE: 'A day, such as 2027-01-31',
  STRING: 'Text',
}
const BOOLEANS = [
  { value: '', label: 'Not set' },
  { value: 'true', label: 'True' },
  { value: 'false', label: 'False' },
]

interface PropertyFieldProps {
  property: Property
  value: unknown
  error: string | undefined
  onChange: (value: unknown) => void
}

/** A property of the schema. An empty field removes the property. */
function PropertyField({ property: { name, type, required }, value, error, onChange }: PropertyFieldProps) {
  const text = textOfValue(value)
  const enter = (entered: string) => onChange(entered === '' ? undefined : valueOfText(entered, type))
  return (
    <FormField label={required ? name : `${name} (optional)`} constraintText={CONSTRAINTS[type]} errorText={error}>
      {type === 'BOOLEAN' ? (
        <Select
          options={BOOLEANS}
          selectedOption={BOOLEANS.find((option) => option.value === text) ?? null}
          onChange={({ detail }) => enter(detail.selectedOption.value ?? '')}
        />
      ) : (
        <Input
          value={text}
          ariaRequired={required}
          inputMode={type === 'NUMBER' ? 'decimal' : 'text'}
          onChange={({ detail }) => enter(detail.value)}
        />
      )}
    </FormField>
  )
}
