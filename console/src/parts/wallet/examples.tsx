import type { components } from '../../api/openapi'
import { settingsInWords } from '../../words/in-words'

/** What happens to points earned now, one sentence for each date or limit of the forecast. */
export function Examples({ examples }: { examples: readonly components['schemas']['Example'][] }) {
  return (
    <ul className="examples">
      {examples.map(({ rule, event, text }, place) => (
        <li key={`${rule} ${event} ${place}`}>{settingsInWords(text, rule)}</li>
      ))}
    </ul>
  )
}
