import { expect, test } from 'vitest'
import { parseDefinition } from './definition'

test('a definition keeps every field, and a missing name is given', () => {
  expect(parseDefinition('{"name": "Miles", "type": "INDIVIDUAL"}')).toEqual({
    definition: { name: 'Miles', type: 'INDIVIDUAL' },
  })
  expect(parseDefinition('{"code_config": {}}')).toEqual({ definition: { name: 'Imported wallet', code_config: {} } })
})

test('a text that is no definition has its reason', () => {
  expect(parseDefinition('{"name": ')).toHaveProperty('problem', expect.stringMatching(/^The text is not JSON\. ./))
  for (const text of ['[]', 'null', '7']) {
    expect(parseDefinition(text)).toEqual({ problem: 'The text must be one JSON object: a card definition.' })
  }
})
