import type { Setting } from './settings'

/** A setting as the API describes it, for tests. */
export function setting(path: string, type: Setting['type'], given: Partial<Setting> = {}): Setting {
  return {
    path,
    title: path,
    type,
    required: false,
    nullable: false,
    default: null,
    description: '',
    usedWhen: [],
    enum: null,
    enumTitles: null,
    examples: [],
    minimum: null,
    maximum: null,
    maximumByUnit: null,
    minLength: null,
    maxLength: null,
    maxItems: null,
    pattern: null,
    fields: null,
    items: null,
    ...given,
  }
}

const UNITS = ['DAY', 'MONTH', 'YEAR']
const PERIODIC = [{ path: 'expiration.type', values: ['ROLLING', 'SLIDING'] }]

function period(path: string, given: Partial<Setting> = {}): Setting[] {
  return [
    setting(`${path}.every`, 'integer', {
      minimum: 1,
      maximum: 3650,
      maximumByUnit: { DAY: 3650, MONTH: 120, YEAR: 10 },
      ...given,
    }),
    setting(`${path}.unit`, 'string', { enum: UNITS, ...given }),
  ]
}

/** One setting of each kind that a form draws. */
export const EXAMPLE_SETTINGS: Setting[] = [
  setting('name', 'string', { required: true, minLength: 1, maxLength: 20, pattern: '\\S' }),
  setting('description', 'string', { nullable: true, default: '', maxLength: 1000 }),
  setting('type', 'string', { default: 'INDIVIDUAL', enum: ['INDIVIDUAL'] }),
  setting('allowDebt', 'boolean', { default: false }),
  setting('largestDebt', 'integer', {
    nullable: true,
    minimum: 1,
    maximum: 1000,
    usedWhen: [{ path: 'allowDebt', values: [true] }],
  }),
  setting('code.length', 'integer', {
    default: 10,
    minimum: 1,
    maximum: 64,
    usedWhen: [{ path: 'code.pattern', values: [null] }],
  }),
  setting('code.pattern', 'string', { nullable: true, maxLength: 64 }),
  setting('expiration.type', 'string', {
    required: true,
    default: 'NEVER',
    enum: ['NEVER', 'ROLLING', 'CALENDAR', 'SLIDING'],
  }),
  ...period('expiration', { nullable: true, usedWhen: PERIODIC }),
  setting('expiration.dates', 'array', {
    default: [],
    maxItems: 2,
    usedWhen: [{ path: 'expiration.type', values: ['CALENDAR'] }],
    fields: [
      setting('expiration.dates[].month', 'integer', { required: true, minimum: 1, maximum: 12 }),
      setting('expiration.dates[].day', 'integer', { required: true, minimum: 1, maximum: 31 }),
    ],
  }),
  setting('expiration.resetBy', 'array', {
    default: [],
    usedWhen: [{ path: 'expiration.type', values: ['SLIDING'] }],
    items: setting('expiration.resetBy[]', 'string', { enum: ['EARNING', 'CUSTOM_EVENT'] }),
  }),
  setting('expiration.events', 'array', {
    default: [],
    usedWhen: [
      { path: 'expiration.type', values: ['SLIDING'] },
      { path: 'expiration.resetBy', values: ['CUSTOM_EVENT'] },
    ],
    items: setting('expiration.events[]', 'string', { maxLength: 64 }),
  }),
  setting('pending.cancelAfter', 'object', {
    nullable: true,
    fields: period('pending.cancelAfter', { required: true }),
  }),
  setting('limits.one', 'object', {
    fields: [
      setting('limits.one.maxPoints', 'integer', { nullable: true, minimum: 1, maximum: 1000 }),
      setting('limits.one.above', 'string', {
        default: 'CAP',
        enum: ['CAP', 'REJECT'],
        usedWhen: [{ path: 'limits.one.maxPoints', values: null }],
      }),
    ],
  }),
  setting('metadata', 'object', { nullable: true }),
]
