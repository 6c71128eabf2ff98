import {
  Alert,
  Button,
  Form,
  FormField,
  Input,
  Modal,
  Select,
  SpaceBetween,
  Textarea,
} from '@cloudscape-design/components'
import { useState, type FormEvent } from 'react'
import { useCardChange, useCardProperties, useCardToChange, type Property } from '../../api/card-changes'
import type { Card } from '../../api/cards'
import { Problem } from '../../api/problems'
import { rebased } from '../../forms/document'
import { Read } from '../../parts/page'
import { ProblemAlert } from '../../parts/problem-alert'
import { useOnline } from '../../shell/offline'
import { useShell } from '../../shell/shell-context'
import { textOfValue, valueOfText, type ValueType } from '../wallet-builder/metadata-values'
import { formOf, metadataOf, type CardMetadata } from './card-metadata'

interface DialogProps {
  card: Card
  onClose: () => void
}

/** Changes the card's metadata, by the project's schema of cards. The card is read before. */
export default function MetadataDialog({ card, onClose }: DialogProps) {
  const current = useCardToChange(card)
  const properties = useCardProperties()
  return (
    <Modal visible onDismiss={onClose} header={`Metadata of the card of ${card.customerId}`}>
      <Read query={properties}>
        {(schema) => (
          <Read query={current}>
            {({ data, etag }) => (
              <MetadataFields
                card={card}
                properties={schema}
                read={{ metadata: data.metadata ?? {}, etag: etag ?? '' }}
                readAgain={async () => {
                  const { data: newer } = await current.refetch()
                  return newer && { metadata: newer.data.metadata ?? {}, etag: newer.etag ?? '' }
                }}
                onClose={onClose}
              />
            )}
          </Read>
        )}
      </Read>
    </Modal>
  )
}

interface ReadMetadata {
  metadata: CardMetadata
  etag: string
}

interface FieldsProps extends DialogProps {
  properties: readonly Property[]
  read: ReadMetadata
  readAgain: () => Promise<ReadMetadata | undefined>
}

function MetadataFields({ card, properties, read, readAgain, onClose }: FieldsProps) {
  const [base, setBase] = useState(read)
  const [form, setForm] = useState(() => formOf(read.metadata, properties))
  const [theirs, setTheirs] = useState<ReadMetadata>()
  const change = useCardChange(card)
  const { notify } = useShell()
  const online = useOnline()
  const mine = metadataOf(form)
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
    <form
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        if (mine && !theirs && !change.isPending) void save(mine)
      }}
    >
      <Form
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button formAction="none" variant="link" onClick={onClose}>
              Cancel
            </Button>
            <Button
              variant="primary"
              loading={change.isPending}
              disabled={!online || !mine || theirs !== undefined}
              disabledReason={online ? 'Decide about the fields above first.' : 'You are offline.'}
            >
              Save metadata
            </Button>
          </SpaceBetween>
        }
      >
        <SpaceBetween size="m">
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
        </SpaceBetween>
      </Form>
    </form>
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
  const enter = (entered: string) => onChange(entered === '' ? undefined : valueOfText(entered, type as ValueType))
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
