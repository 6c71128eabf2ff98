import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { client, dataOf } from './client'
import type { components } from './openapi'
import { etagOf, readWallet, type Wallet } from './wallets'

type Schemas = components['schemas']
export type SettingsSchema = Schemas['SettingsSchema']
export type WalletValidation = Schemas['WalletValidation']
export type ChangePreview = Schemas['ChangePreview']
export type RequiredAction = Schemas['RequiredAction']
export type ForecastExample = Schemas['Example']
export type Property = Schemas['Property']
type Settings = Schemas['WalletCreateRequest']
type Change = Schemas['WalletUpdateRequest']

/** Definitions that change only with a deployment. */
const FIXED = { staleTime: Infinity }

export function useSettingsSchema() {
  return useQuery({
    queryKey: ['wallet-settings-schema'],
    queryFn: () => dataOf(client.GET('/v1/wallet-settings/schema')),
    ...FIXED,
  })
}

export function useFormulaFunctions() {
  return useQuery({
    queryKey: ['formula-functions'],
    queryFn: () => dataOf(client.GET('/v1/formulas/functions')),
    ...FIXED,
  })
}

export function useEvaluation() {
  return useMutation({
    mutationFn: (body: Schemas['EvaluationRequest']) => dataOf(client.POST('/v1/formulas/evaluate', { body })),
  })
}

export function useEventNames(shown: boolean): string[] {
  const read = useQuery({
    queryKey: ['event-definitions'],
    queryFn: () => dataOf(client.GET('/v1/event-definitions')),
    enabled: shown,
  })
  return read.data?.data.map(({ name }) => name) ?? []
}

/** The schema of wallets' metadata. */
export function useWalletProperties(): readonly Property[] {
  const read = useQuery({ queryKey: ['project'], queryFn: () => dataOf(client.GET('/v1/project')) })
  return read.data?.metadataSchema.wallet ?? []
}

/** The wallet as it is now, never from the cache: a change starts from the version that it replaces. */
export function useWalletToChange(walletId: string | undefined) {
  return useQuery({
    queryKey: ['wallet-to-change', walletId],
    queryFn: () => readWallet(walletId ?? ''),
    enabled: walletId !== undefined,
    staleTime: Infinity,
    gcTime: 0,
  })
}

/** The unmet rules, the forecast and an example of a code. The earlier answer stays until the next one comes. */
export function useValidation(settings: unknown) {
  return useQuery({
    queryKey: ['wallet-validation', settings],
    queryFn: () => dataOf(client.POST('/v1/wallets/validate', { body: settings as Settings })),
    placeholderData: keepPreviousData,
    ...FIXED,
  })
}

/** The forecast before and after the change of the wallet's version, and the effects on granted points. */
export function usePreview(wallet: Wallet | null, change: unknown) {
  return useQuery({
    queryKey: ['wallet-preview', wallet?.walletId, wallet?.version, change],
    queryFn: () => previewChange(wallet?.walletId ?? '', change),
    placeholderData: keepPreviousData,
    enabled: wallet !== null,
    ...FIXED,
  })
}

function previewChange(walletId: string, change: unknown): Promise<ChangePreview> {
  const path = { walletId }
  return dataOf(client.POST('/v1/wallets/{walletId}/preview', { params: { path }, body: change as Change }))
}

/** Why the decimals of the wallet's points cannot change any more; undefined while they can. */
export function useFixedDecimals(wallet: Wallet | null): string | undefined {
  const other = wallet?.pointsDecimals === 0 ? 1 : 0
  const read = useQuery({
    queryKey: ['wallet-fixed-decimals', wallet?.walletId],
    queryFn: () => previewChange(wallet?.walletId ?? '', { pointsDecimals: other }),
    enabled: wallet !== null && wallet.status !== 'DRAFT',
    ...FIXED,
  })
  return read.data?.granted.find(({ reach }) => reach === 'REFUSED')?.text
}

/** The calls that save a wallet. */
export const walletCalls = {
  read: readWallet,
  create: (settings: unknown, status: 'DRAFT' | 'ACTIVE', key: string) =>
    dataOf(
      client.POST('/v1/wallets', {
        params: { header: { 'idempotency-key': key } },
        body: { ...(settings as Settings), status },
      }),
    ),
  change: (walletId: string, version: number, change: unknown) =>
    dataOf(
      client.PATCH('/v1/wallets/{walletId}', {
        params: { path: { walletId }, header: { 'if-match': etagOf(version) } },
        body: change as Change,
      }),
    ),
  activate: (walletId: string) =>
    dataOf(client.POST('/v1/wallets/{walletId}/activate', { params: { path: { walletId } } })),
}

export type WalletCalls = typeof walletCalls
