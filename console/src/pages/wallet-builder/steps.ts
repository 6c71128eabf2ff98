import type { Setting, SettingProblem } from '../../forms/settings'
import { stepNames } from '../../words/wallet-settings'

/** The steps of the builder, in its order. They can be visited in any order. */
export const STEPS = [
  'general',
  'code',
  'expiration',
  'pending',
  'earningLimits',
  'spendingLimits',
  'payWithPoints',
  'refunds',
  'metadata',
  'summary',
] as const

export type StepId = (typeof STEPS)[number]

/** The steps of the API's schema, with the settings of each. */
export interface BuilderSchema {
  steps: readonly { step: string; fields: Setting[] }[]
}

/** The step that shows a group of settings. Notices are in the step of the dates that they announce. */
export function stepOfGroup(group: string): StepId {
  if (group === 'notices') return 'expiration'
  return isStep(group) ? group : 'general'
}

export const nameOfStep = (step: StepId): string => stepNames[step]

export function isStep(text: string | undefined): text is StepId {
  return STEPS.includes(text as StepId)
}

export function settingsOfStep(schema: BuilderSchema, step: StepId): Setting[] {
  if (step === 'summary') return []
  return schema.steps.filter((one) => stepOfGroup(one.step) === step).flatMap(({ fields }) => fields)
}

/** Every setting but the status, which is chosen by the button that saves. */
export function allSettings(schema: BuilderSchema): Setting[] {
  return STEPS.flatMap((step) => settingsOfStep(schema, step))
}

/** The step that shows the setting of the path. */
export function stepOf(schema: BuilderSchema, path: string): StepId {
  const top = path.split(/[.[]/)[0]
  const found = STEPS.find((step) => settingsOfStep(schema, step).some((setting) => setting.path.split('.')[0] === top))
  return found ?? 'summary'
}

/** The number of problems of each step; the summary has all of them. */
export function problemCounts(schema: BuilderSchema, problems: readonly SettingProblem[]): Record<StepId, number> {
  const counts = Object.fromEntries(STEPS.map((step) => [step, 0])) as Record<StepId, number>
  for (const { path } of problems) {
    const step = stepOf(schema, path)
    if (step !== 'summary') counts[step]++
    counts.summary++
  }
  return counts
}

/** The path of a field in a problem of the API: `body.expiration.dates.0.day` is `expiration.dates[0].day`. */
export function pathOfField(field: string): string {
  return field.replace(/^body\./, '').replace(/\.(\d+)(?=\.|$)/g, '[$1]')
}
