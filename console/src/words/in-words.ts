import { schemaPath } from '../forms/document'
import { labelOf, settingLabels, valueLabelOf, valueLabels } from './wallet-settings'

type Labels = Readonly<Record<string, Readonly<Record<string, string>>>>

/** Shorter tokens are also plain words, such as ORDER. */
const UNAMBIGUOUS_LENGTH = 6
const UNITS = Object.keys(valueLabels['expiration.unit'])

/** A text of the API with labels instead of the values and settings that it names. The path is the setting that it is about. */
export function settingsInWords(text: string, path: string): string {
  return text
    .replace(/`([^`]+)`/g, '$1')
    .replace(/\b[A-Z]+(?:_[A-Z]+)*\b/g, (token) =>
      UNITS.includes(token) ? token.toLowerCase() : (quoted(labelOfValue(token, path)) ?? token),
    )
    .replace(
      /\b[a-z]+(?:[A-Z][a-z]+)+\b|\b[a-z]+(?:\.[a-zA-Z]+)+\b/g,
      (token) => quoted(labelOfSetting(token, path)) ?? token,
    )
    .replace(/\ba (?=“[AEIOU])/g, 'an ')
    .replace(/^[a-z]/, (letter) => letter.toUpperCase())
}

function quoted(label: string | undefined): string | undefined {
  return label && `“${label}”`
}

/** The label of a value: of this setting, else of its group, else of any setting. */
function labelOfValue(token: string, path: string): string | undefined {
  if (valueLabelOf(path, token) !== token) return valueLabelOf(path, token)
  const group = path.split('.')[0] ?? ''
  const others = Object.entries(valueLabels as Labels)
  const near = others.find(([other, labels]) => other.startsWith(group) && token in labels)
  return (near ?? others.find(([, labels]) => token in labels && token.length >= UNAMBIGUOUS_LENGTH))?.[1][token]
}

/** The label of a setting by its name: in the same group, else alone. */
function labelOfSetting(token: string, path: string): string | undefined {
  const group = path.replace(/\.[^.]*$/, '')
  const known = [`${group}.${token}`, token].find((candidate) => schemaPath(candidate) in settingLabels)
  return known && labelOf(known)
}
