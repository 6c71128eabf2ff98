import { Alert } from '@cloudscape-design/components'
import { useSchemaForm } from '../../forms/form-context'
import { placed } from '../../forms/settings'
import { settingsOfStep, stepOf, type BuilderSchema, type StepId } from './steps'

/** The problems of a step whose settings are not shown, such as the length of a code that has a pattern. */
export function HiddenProblems({ schema, step }: { schema: BuilderSchema; step: StepId }) {
  const { document, settings, problems, words } = useSchemaForm()
  const shown = placed(settingsOfStep(schema, step), document, settings).map(({ at }) => at)
  const isShown = (path: string) =>
    shown.some(
      (at) => at === path || at.startsWith(`${path}.`) || path.startsWith(`${at}.`) || path.startsWith(`${at}[`),
    )
  return problems
    .filter(({ path }) => stepOf(schema, path) === step && !isShown(path))
    .map(({ path, message }) => (
      <div key={`${path} ${message}`} data-setting={path}>
        <Alert type="warning">
          <span tabIndex={-1} className="focus-target">
            Action required: {words.text(message, path)}
          </span>
        </Alert>
      </div>
    ))
}
