import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import { Problem } from '../../api/problems'
import { usePreview, useValidation, walletCalls } from '../../api/wallet-builder'
import { walletChanged, type Wallet } from '../../api/wallets'
import { rebased, withValue, type Document } from '../../forms/document'
import { sendable, shapeProblems, type Setting, type SettingProblem } from '../../forms/settings'
import { useSettled } from '../../use-settled'
import { forgetForm, keepForm, type KeptForm } from './kept-form'
import { save, type Saved, type UnfinishedCreation } from './saving'
import { pathOfField } from './steps'
import { changeOf, documentOf, isChanged } from './wallet-document'

/** The API takes no settings without a name; the forecast does not depend on it. */
const UNNAMED = { name: 'New wallet' }

interface Conflict {
  base: Document
  theirs: Wallet
}

/** The form of a wallet: one document, what is wrong with it, what it would do, and how it is saved. */
export function useBuilder(settings: readonly Setting[], initial: Wallet | null, kept: KeptForm | null) {
  const queries = useQueryClient()
  const original = useMemo(() => (initial ? documentOf(initial, settings) : {}), [initial, settings])
  const [wallet, setWallet] = useState(initial)
  const [document, setDocument] = useState<Document>(kept?.document ?? original)
  const [unfinished, setUnfinished] = useState(kept?.unfinished ?? null)
  const [conflict, setConflict] = useState<Conflict | null>(() =>
    initial && kept && kept.version !== initial.version ? { base: kept.base, theirs: initial } : null,
  )
  const [failure, setFailure] = useState<Error | null>(null)
  const [isSaving, setSaving] = useState(false)
  const base = useMemo(() => (wallet ? documentOf(wallet, settings) : {}), [wallet, settings])
  const changed = isChanged(wallet, document, settings)

  const creation = useRef(unfinished)
  const form = { document, base, version: wallet?.version ?? null, conflict }
  const keep = (finished: UnfinishedCreation | null) => {
    creation.current = finished
    setUnfinished(finished)
    if (finished) keepForm(wallet?.walletId, keptOf(form, finished))
  }
  useEffect(() => {
    const walletId = wallet?.walletId
    if (changed || unfinished)
      keepForm(walletId, keptOf({ document, base, version: wallet?.version ?? null, conflict }, unfinished))
    else forgetForm(walletId)
  }, [document, base, wallet, changed, unfinished, conflict])

  const checked = useCheck(settings, wallet, document)
  const refused = failure instanceof Problem ? problemsOf(failure) : []
  const problems = joined(shapeProblems(settings, document), checked.problems, refused)

  /** Goes on with a version. Without `enter`, the form has its settings and no others. */
  function begin(version: Wallet, enter = (_: Document, saved: Document) => saved) {
    setWallet(version)
    setDocument((entered) => enter(entered, documentOf(version, settings)))
    setConflict(null)
    setFailure(null)
  }

  async function send(activate: boolean): Promise<Saved> {
    setSaving(true)
    setFailure(null)
    const sent = sendable(settings, document)
    const saved = await save({
      calls: walletCalls,
      settings,
      wallet,
      document: sent,
      activate,
      unfinished: creation.current,
      keep,
    })
    setSaving(false)
    if (saved.is === 'saved') {
      forgetForm(wallet?.walletId)
      // What was entered while the answer was on its way is kept.
      begin(saved.wallet, (entered, stored) => rebased(document, entered, stored))
      await Promise.all([
        walletChanged(queries, saved.wallet.walletId),
        queries.invalidateQueries({ queryKey: ['project'] }),
      ])
    } else if (saved.is === 'outdated') {
      setConflict({ base, theirs: saved.theirs })
    } else {
      if (saved.wallet && saved.wallet !== wallet) setWallet(saved.wallet)
      setFailure(saved.is === 'refused' ? saved.problem : saved.failure)
    }
    return saved
  }

  return {
    wallet,
    document,
    problems,
    failure,
    conflict,
    isSaving,
    isChanged: changed,
    /** Whether the problems and the forecast are those of the document as it is now. */
    isChecked: checked.isCurrent,
    checked,
    change: (path: string, value: unknown) => {
      setFailure(null)
      setDocument((before) => withValue(before, path, value))
    },
    send,
    takeTheirs: () => conflict && begin(conflict.theirs),
    applyMine: () => {
      if (conflict) begin(conflict.theirs, (mine, theirs) => rebased(conflict.base, mine, theirs))
    },
  }
}

export type Builder = ReturnType<typeof useBuilder>

interface Form {
  document: Document
  base: Document
  version: number | null
  conflict: Conflict | null
}

function keptOf({ document, base, version, conflict }: Form, unfinished: UnfinishedCreation | null): KeptForm {
  return { at: new Date().toISOString(), document, version, base: conflict?.base ?? base, unfinished }
}

/** What the API finds in the document: unmet rules and the forecast, a moment after the last change. */
function useCheck(settings: readonly Setting[], wallet: Wallet | null, document: Document) {
  const sent = useMemo(() => sendable(settings, document, { incomplete: false }), [settings, document])
  const settled = useSettled(sent)
  const change = useMemo(() => {
    if (!wallet) return {}
    return changeOf(wallet, { ...UNNAMED, ...settled }, settings)
  }, [wallet, settled, settings])
  const validation = useValidation({ ...UNNAMED, ...settled })
  const preview = usePreview(wallet, change)
  const answer = wallet ? preview : validation
  const problems: SettingProblem[] =
    answer.error instanceof Problem
      ? problemsOf(answer.error)
      : (answer.data?.actionRequired.map(({ field, message }) => ({ path: field, message })) ?? [])
  return {
    problems,
    error: answer.error instanceof Problem && answer.error.fields.length > 0 ? null : answer.error,
    isCurrent: settled === sent && answer.isSuccess && !answer.isPlaceholderData,
    examples: wallet ? preview.data?.after : validation.data?.examples,
    examplesBefore: wallet ? preview.data?.before : undefined,
    granted: preview.data?.granted ?? [],
    codePreview: validation.data?.codePreview,
    possibleCodes: validation.data?.possibleCodes,
    newCode: () => void validation.refetch(),
    retry: () => void answer.refetch(),
  }
}

function problemsOf(problem: Problem): SettingProblem[] {
  return problem.fields.map(({ field, message }) => ({ path: pathOfField(field), message }))
}

/** One problem for each path and message. What the API says about a value that it was not sent is left out. */
function joined(shape: SettingProblem[], found: SettingProblem[], refused: SettingProblem[]): SettingProblem[] {
  const isUnsent = (path: string) => shape.some((one) => one.path.startsWith(path) || path.startsWith(one.path))
  const all = [...shape, ...found.filter(({ path }) => !isUnsent(path)), ...refused]
  return [...new Map(all.map((problem) => [`${problem.path} ${problem.message}`, problem])).values()]
}
