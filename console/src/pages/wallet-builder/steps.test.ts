import { expect, test } from 'vitest'
import { setting } from '../../forms/schema-example'
import { pathOfField, problemCounts, stepOf, type BuilderSchema } from './steps'

const schema: BuilderSchema = {
  steps: [
    { step: 'general', fields: [setting('name', 'string'), setting('negativeLimit', 'integer')] },
    { step: 'expiration', fields: [setting('expiration.type', 'string')] },
    {
      step: 'spendingLimits',
      fields: [setting('spendingLimits.global', 'object'), setting('transfers.allowed', 'boolean')],
    },
    { step: 'notices', fields: [setting('notices.expiring', 'array')] },
    { step: 'metadata', fields: [setting('metadata', 'object'), setting('addToSchema', 'boolean')] },
    { step: 'summary', fields: [setting('status', 'string')] },
  ],
}

test('each problem is counted in the step that shows its setting, and in the summary', () => {
  const paths = [
    'negativeLimit',
    'notices.expiring[0].every',
    'expiration.type',
    'transfers.allowed',
    'metadata.season',
  ]
  const counts = problemCounts(
    schema,
    paths.map((path) => ({ path, message: '' })),
  )
  expect(counts).toMatchObject({ general: 1, expiration: 2, spendingLimits: 1, metadata: 1, code: 0, summary: 5 })
})

test('a problem without a setting is in the summary', () => {
  expect(stepOf(schema, 'status')).toBe('summary')
})

test('the field of a problem is the path of a setting', () => {
  expect(pathOfField('body.expiration.dates.0.day')).toBe('expiration.dates[0].day')
  expect(pathOfField('body.name')).toBe('name')
})
