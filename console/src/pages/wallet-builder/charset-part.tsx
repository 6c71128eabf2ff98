import { FormField, Input, Select, SpaceBetween } from '@cloudscape-design/components'
import { useState } from 'react'
import { useSettingsSchema } from '../../api/wallet-builder'
import { useSchemaForm, type OwnPartProps } from '../../forms/form-context'
import { SettingField } from '../../forms/value-parts'
import { effectiveValue } from '../../forms/settings'

const OWN = 'OWN'

/** A named set of characters, or the characters themselves. */
export function CharsetPart({ setting, at }: OwnPartProps) {
  const { document, change, words } = useSchemaForm()
  const charsets = useSettingsSchema().data?.charsets ?? []
  const value = effectiveValue(setting, document, at) as string
  const [isOwn, setOwn] = useState(!charsets.some(({ name }) => name === value))
  const options = [
    ...charsets.map(({ name, characters }) => ({ value: name, label: words.value(at, name), description: characters })),
    { value: OWN, label: 'Your own characters', description: 'Letters, digits and . _ ~ -' },
  ]
  return (
    <SpaceBetween size="m">
      <SettingField setting={{ ...setting, description: 'The characters of the random part of a code.' }} at={at}>
        <Select
          options={options}
          selectedOption={options.find((option) => option.value === (isOwn ? OWN : value)) ?? null}
          onChange={({ detail }) => {
            const chosen = detail.selectedOption.value
            setOwn(chosen === OWN)
            change(at, chosen === OWN ? undefined : chosen)
          }}
        />
      </SettingField>
      {isOwn && (
        <FormField label="Your own characters" constraintText="1 to 100 characters, each once">
          <Input
            value={charsets.some(({ name }) => name === value) ? '' : value}
            onChange={({ detail }) => change(at, detail.value === '' ? undefined : detail.value)}
          />
        </FormField>
      )}
    </SpaceBetween>
  )
}
