import { useInfiniteQuery, useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { client, dataOf } from './client'
import type { components } from './openapi'

type Schemas = components['schemas']
export type Wallet = Schemas['Wallet']
export type WalletVersion = Schemas['WalletVersion']
export type WalletStatus = Schemas['WalletStatus']
export type DeactivatedWallet = Schemas['DeactivatedWallet']

const PAGE = 100

export const walletKeys = {
  all: ['wallets'] as const,
  deleted: ['wallets', 'DELETED'] as const,
  one: (walletId: string) => ['wallet', walletId] as const,
  versions: (walletId: string) => ['wallet', walletId, 'versions'] as const,
  forecast: (walletId: string, version: number) => ['wallet forecast', walletId, version] as const,
}

/** Every wallet of the project: definitions are few, so lists and menus filter them in the page. */
export function useWallets() {
  return useQuery({ queryKey: walletKeys.all, queryFn: () => readWallets() })
}

/** The wallet's name; its id for a wallet that is not listed, such as a deleted one. */
export function nameOfWallet(walletId: string, wallets: readonly Wallet[]): string {
  return wallets.find((wallet) => wallet.walletId === walletId)?.name ?? walletId
}

export function decimalsOfWallet(walletId: string, wallets: readonly Wallet[]): number {
  return wallets.find((wallet) => wallet.walletId === walletId)?.pointsDecimals ?? 0
}

/** The deleted wallets, which no other list has. */
export function useDeletedWallets(shown: boolean) {
  return useQuery({ queryKey: walletKeys.deleted, queryFn: () => readWallets('DELETED'), enabled: shown })
}

async function readWallets(status?: WalletStatus): Promise<Wallet[]> {
  const found: Wallet[] = []
  let cursor: string | undefined
  do {
    const page = await dataOf(client.GET('/v1/wallets', { params: { query: { status, limit: PAGE, cursor } } }))
    found.push(...page.data)
    cursor = page.nextCursor ?? undefined
  } while (cursor)
  return found
}

/** The wallet as it is now, also a deleted one. Until it is read, the wallet of the list is shown. */
export function useWallet(walletId: string) {
  const queries = useQueryClient()
  return useQuery({
    queryKey: walletKeys.one(walletId),
    queryFn: () => readWallet(walletId),
    placeholderData: () =>
      queries.getQueryData<Wallet[]>(walletKeys.all)?.find((wallet) => wallet.walletId === walletId),
  })
}

export function readWallet(walletId: string): Promise<Wallet> {
  return dataOf(client.GET('/v1/wallets/{walletId}', { params: { path: { walletId } } }))
}

/** The versions, newest first, a page at a time. */
export function useWalletVersions(walletId: string) {
  return useInfiniteQuery({
    queryKey: walletKeys.versions(walletId),
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor }) =>
      dataOf(client.GET('/v1/wallets/{walletId}/versions', { params: { path: { walletId }, query: { cursor } } })),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  })
}

/** What happens to 100 points earned now, in dates: the preview of a change that changes nothing. */
export function useForecast({ walletId, version }: Wallet) {
  return useQuery({
    queryKey: walletKeys.forecast(walletId, version),
    queryFn: () =>
      dataOf(client.POST('/v1/wallets/{walletId}/preview', { params: { path: { walletId } }, body: forNoChange })),
    select: (preview) => ({ timeZone: preview.timeZone, examples: preview.before }),
  })
}

const forNoChange: Schemas['WalletUpdateRequest'] = { addToSchema: false }

/** Reads again everything that shows the wallet. */
export function walletChanged(queries: QueryClient, walletId: string): Promise<unknown> {
  return Promise.all([
    queries.invalidateQueries({ queryKey: walletKeys.all }),
    queries.invalidateQueries({ queryKey: walletKeys.one(walletId) }),
  ])
}

function useWalletMutation<Input extends { walletId: string }, Output>(act: (input: Input) => Promise<Output>) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: act,
    onSuccess: (_, { walletId }) => walletChanged(queries, walletId),
  })
}

/** A second activation changes nothing, so the call needs no idempotency key. */
export function useActivateWallet() {
  return useWalletMutation(({ walletId }: Pick<Wallet, 'walletId'>) =>
    dataOf(client.POST('/v1/wallets/{walletId}/activate', { params: { path: { walletId } } })),
  )
}

export function useDeactivateWallet() {
  return useWalletMutation(({ walletId }: Pick<Wallet, 'walletId'>) =>
    dataOf(client.POST('/v1/wallets/{walletId}/deactivate', { params: { path: { walletId } } })),
  )
}

/** Creates a draft with the same settings. The unique name keeps a second request from making a second copy. */
export function useCopyWallet() {
  return useWalletMutation(({ walletId, name }: { walletId: string; name: string }) =>
    dataOf(client.POST('/v1/wallets/{walletId}/copy', { params: { path: { walletId } }, body: { name } })),
  )
}

/** Deletes the version that was shown; `precondition_failed` if there is a newer one. */
export function useDeleteWallet() {
  return useWalletMutation(({ walletId, version }: Pick<Wallet, 'walletId' | 'version'>) =>
    dataOf(
      client.DELETE('/v1/wallets/{walletId}', {
        params: { path: { walletId }, header: { 'if-match': etagOf(version) } },
      }),
    ),
  )
}

/** The ETag of a wallet's version. */
export function etagOf(version: number): string {
  return `"${version}"`
}
