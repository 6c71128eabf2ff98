import type { Wallet } from '../../api/wallets'
import { isSame, valueAt, withValue, type Document } from '../../forms/document'
import { placed, sendable, type Setting } from '../../forms/settings'

/** The wallet's settings as the document of the form. */
export function documentOf(wallet: Wallet, settings: readonly Setting[]): Document {
  const groups = topNames(settings).map((name) => [name, (wallet as Readonly<Record<string, unknown>>)[name]] as const)
  return Object.fromEntries(groups.filter(([, value]) => value !== null && value !== undefined))
}

/** The groups of settings that the document changes, as PATCH takes them: each as a whole, null for its defaults. */
export function changeOf(wallet: Wallet, document: Document, settings: readonly Setting[]): Document {
  const before = withoutDefaults(documentOf(wallet, settings), settings)
  const after = withoutDefaults(document, settings)
  const changed = topNames(settings).filter((name) => !isSame(before[name], after[name]))
  return Object.fromEntries(changed.map((name) => [name, document[name] ?? null]))
}

/** Whether the form has something that the wallet does not have; without a wallet, whether it has anything. */
export function isChanged(wallet: Wallet | null, document: Document, settings: readonly Setting[]): boolean {
  const sent = sendable(settings, document)
  const change = wallet ? changeOf(wallet, sent, settings) : withoutDefaults(sent, settings)
  return Object.keys(change).length > 0
}

/** The document without values that are defaults, so that documents with the same meaning are the same. */
function withoutDefaults(document: Document, settings: readonly Setting[]): Document {
  const everything = settings.map(withoutConditions)
  const isList = (setting: Setting) => setting.type === 'array'
  return placed(everything, document)
    .filter(({ at }) => !at.includes('['))
    .reduce<Document>((kept, { setting, at }) => {
      const value = valueAt(document, at)
      const usual = setting.default ?? (isList(setting) ? [] : setting.type === 'object' ? {} : undefined)
      return isSame(value ?? undefined, usual) || value === undefined || value === null
        ? kept
        : withValue(kept, at, value)
    }, {})
}

/** The wallet as it would be with the document: every setting that has an effect, and defaults. */
export function walletLike(document: Document, settings: readonly Setting[], currency: string): Wallet {
  const nothing = Object.fromEntries(settings.map(({ path }) => [topOf(path), path.includes('.') ? {} : null]))
  const defaults = placed(settings, document).reduce<Document>(
    (filled, { setting, at }) => withValue(filled, at, valueAt(document, at) ?? setting.default ?? null),
    nothing,
  )
  return { ...defaults, metadata: document.metadata ?? {}, currency } as unknown as Wallet
}

function withoutConditions(setting: Setting): Setting {
  return { ...setting, usedWhen: [], fields: setting.fields?.map(withoutConditions) ?? null }
}

function topNames(settings: readonly Setting[]): string[] {
  return [...new Set(settings.map(({ path }) => topOf(path)))]
}

function topOf(path: string): string {
  return path.split('.')[0] ?? path
}
